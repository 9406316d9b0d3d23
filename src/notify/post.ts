import { RetryableError, UserError } from '../core/errors.ts'
import { isNetworkFailure, isTransientStatus, parseRetryAfter, retry, type RetryPolicy } from '../core/retry.ts'
import type { NotifyWorld } from './notice.ts'

/** Within one run; what is not delivered then stays in the outbox for the next. */
export const noticeRetryPolicy: RetryPolicy = {
  attempts: 4,
  baseDelayMs: 500,
  maxDelayMs: 5_000,
  longestWaitMs: 30_000,
}

const timeoutMs = 20_000

class Refused extends Error {
  readonly status: number
  readonly retryAfterMs: number | undefined

  constructor(status: number, retryAfterMs: number | undefined, answer: string) {
    super(`the service answered ${status}${answer === '' ? '' : `: ${answer}`}`)
    this.status = status
    this.retryAfterMs = retryAfterMs
  }
}

/**
 * Posts JSON, again when another try may help. The same bytes and headers go out each time. RetryableError when the
 * service stays out of reach, UserError when it refuses what is sent; neither names the address, which is a secret of
 * most services.
 */
export async function postJson(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  world: NotifyWorld,
): Promise<void> {
  try {
    await retry(() => postOnce(url, body, headers, world), {
      policy: world.policy ?? noticeRetryPolicy,
      signal: world.signal,
      judge: (error) => {
        if (error instanceof Refused)
          return isTransientStatus(error.status) ? { retryAfterMs: error.retryAfterMs } : 'final'
        return isNetworkFailure(error) ? {} : 'final'
      },
    })
  } catch (error) {
    world.signal?.throwIfAborted()
    throw explain(error)
  }
}

async function postOnce(url: string, body: string, headers: Readonly<Record<string, string>>, world: NotifyWorld) {
  const patience = AbortSignal.timeout(timeoutMs)
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
    // A notice goes where the configuration says, and nowhere else.
    redirect: 'manual',
    signal: world.signal === undefined ? patience : AbortSignal.any([patience, world.signal]),
  })
  const answer = (await response.text()).trim().slice(0, 200)
  if (response.ok) return
  throw new Refused(
    response.status,
    parseRetryAfter(response.headers.get('retry-after') ?? undefined, world.now()),
    answer,
  )
}

function explain(cause: unknown): unknown {
  if (cause instanceof Refused) {
    return isTransientStatus(cause.status)
      ? new RetryableError(cause.message, { hint: 'Another try later may go through.' })
      : new UserError(cause.message, {
          hint: 'Look at the address and the secret of this channel, then: focal notify test.',
        })
  }
  if (!isNetworkFailure(cause)) return cause
  return new RetryableError(`the service is out of reach: ${rootOf(cause)}`, {
    hint: 'Another try later may go through.',
    cause,
  })
}

function rootOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? rootOf(error.cause) : error.message
}
