import { z } from 'zod'
import { FocalError, RetryableError, UserError } from '../../../core/errors.ts'
import { isNetworkFailure, isTransientStatus, parseRetryAfter, type Verdict } from '../../../core/retry.ts'
import type { ApiAnswer } from './api.ts'

/** An answer that is not a page of usage details. */
export class NotAPage extends Error {
  readonly answer: ApiAnswer

  constructor(answer: ApiAnswer) {
    super(`status ${answer.status}`)
    this.name = 'NotAPage'
    this.answer = answer
  }
}

/** Whether another try can help: a throttled, busy or broken API, a network that failed, a proxy's page in between. */
export function judge(error: unknown): Verdict {
  if (error instanceof FocalError) return 'final'
  if (error instanceof NotAPage) {
    const { status } = error.answer
    if (status >= 400 && !isTransientStatus(status)) return 'final'
    return { retryAfterMs: askedWait(error.answer, new Date()) }
  }
  return isBroken(error) ? {} : 'final'
}

/**
 * The longest wait that any header asks for, in milliseconds. Azure has one for each of its quotas, such as
 * `x-ms-ratelimit-microsoft.consumption-retry-after` and `x-ms-ratelimit-microsoft.costmanagement-qpu-retry-after`.
 */
function askedWait(answer: ApiAnswer, now: Date): number | undefined {
  const waits = answer
    .headerNames()
    .filter((name) => /^(x-ms-ratelimit-.*)?retry-after$/i.test(name))
    .map((name) => parseRetryAfter(answer.header(name), now))
    .filter((wait) => wait !== undefined)
  return waits.length === 0 ? undefined : Math.max(...waits)
}

/** A connection that breaks in the middle of a body is told as text that cannot be read. */
function isBroken(error: unknown): boolean {
  if (isNetworkFailure(error)) return true
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? error.code : undefined
  return code === 'REQUEST_SEND_ERROR' || code === 'PARSE_ERROR'
}

export interface Asked {
  readonly scope: string
  readonly period: string
  readonly endpoint: string
  /** Attempts in all, before it was given up. */
  readonly attempts: number
}

/** The error in the user's words; the original goes along only as name and message, as it carries the token. */
export function explain(error: unknown, { scope, period, endpoint, attempts }: Asked): unknown {
  if (error instanceof FocalError || !(error instanceof Error)) return error
  const details = { where: { period }, cause: bare(error) }
  if (error instanceof NotAPage && judge(error) === 'final') return refusal(error.answer, scope, details)
  if (/^(CredentialUnavailable|(Aggregate)?Authentication)/.test(error.name)) {
    const hint =
      'They are looked for in the environment (AZURE_TENANT_ID, AZURE_CLIENT_ID and a secret or certificate), in a workload or managed identity, and in `az login`.'
    return new UserError(`no Azure credentials to read the usage details of ${scope}`, { ...details, hint })
  }
  if (judge(error) === 'final') return error
  const reason = error instanceof NotAPage ? describeAnswer(error.answer) : error.message
  return new RetryableError(`the usage details of ${scope} could not be read from ${endpoint}: ${reason}`, {
    ...details,
    hint: `It was tried up to ${attempts} times. What was read is kept: a run later the same day goes on from there.`,
  })
}

const role =
  'Cost Management Reader on a subscription or management group, Billing Reader on a billing account (EA: enrollment or department reader)'

function refusal(answer: ApiAnswer, scope: string, details: object): UserError {
  const { code, message } = refusedWith(answer)
  if (answer.status === 401) {
    const hint = `Sign in again, for instance with \`az login\`, as an identity that has the role ${role}.`
    return new UserError(`the Azure credentials in use are not accepted for ${scope} (${code})`, { ...details, hint })
  }
  if (answer.status === 403) {
    const hint = `Give the identity in use the role ${role}.`
    return new UserError(`the usage details of ${scope} may not be read (${code})`, { ...details, hint })
  }
  if (answer.status === 404) {
    const hint = 'Correct the scope; an identity also needs to be allowed to see it.'
    return new UserError(`there is no scope ${scope} (${code})`, { ...details, hint })
  }
  const hint = 'Not every kind of account has usage details; a Cost Management export (location:) can be read for all.'
  return new UserError(`Azure refuses the usage details of ${scope}: ${code} (${answer.status}), ${message}`, {
    ...details,
    hint,
  })
}

function describeAnswer(answer: ApiAnswer): string {
  if (isTransientStatus(answer.status) && !isMarkup(answer.text)) {
    const wait = askedWait(answer, new Date())
    const asked = wait === undefined ? '' : `, which asks for a wait of ${Math.ceil(wait / 1000)} s`
    return `${refusedWith(answer).code} (${answer.status})${asked}`
  }
  return `the answer (${answer.status}) is not usage details but "${firstWords(answer.text)}"`
}

function isMarkup(text: string): boolean {
  return /^\s*</.test(text)
}

function firstWords(text: string): string {
  const words = text
    .replaceAll(/<(script|style)[^>]*>.*?<\/\1>/gis, ' ')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return words.length > 100 ? `${words.slice(0, 100)}…` : words
}

/** Azure's own code and message: `{"error": {"code": …, "message": …}}`. */
function refusedWith({ text, status }: ApiAnswer): { code: string; message: string } {
  const said = refusalSchema.safeParse(parseJson(text)).data?.error
  return { code: said?.code ?? String(status), message: firstWords(said?.message ?? text) }
}

const refusalSchema = z.object({
  error: z.object({ code: z.coerce.string().optional(), message: z.string().optional() }),
})

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function bare(error: Error): Error {
  const copy = new Error(error.message)
  copy.name = error.name
  return copy
}
