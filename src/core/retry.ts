import { setTimeout as timer } from 'node:timers/promises'

/** How often, and how patiently, something is tried that a network may fail. */
export interface RetryPolicy {
  /** In all, the first one included. */
  readonly attempts: number
  /** The wait after failure n is drawn between 0 and `baseDelayMs` · 2^(n-1), at most `maxDelayMs` ("full jitter"). */
  readonly baseDelayMs: number
  readonly maxDelayMs: number
  /** A server that asks for a longer wait than this is not waited for: the error is final. */
  readonly longestWaitMs: number
}

/** About 8 s of waiting on average, 16 s at most: outlasts a throttled prefix, not an outage. */
export const standardRetryPolicy: RetryPolicy = {
  attempts: 6,
  baseDelayMs: 500,
  maxDelayMs: 20_000,
  longestWaitMs: 120_000,
}

/** `retryAfterMs` is what the server asked for; the wait is never shorter. */
export type Verdict = 'final' | { readonly retryAfterMs?: number | undefined }

export interface RetryOptions {
  readonly policy: RetryPolicy
  readonly judge: (error: unknown) => Verdict
  readonly signal?: AbortSignal | undefined
  readonly sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined
  /** In [0, 1), as Math.random. */
  readonly random?: (() => number) | undefined
}

/**
 * Runs `operation` until it succeeds, its error is judged final, or the attempts are used up; then the last
 * error is thrown as it came. An abort throws the signal's reason, also out of a wait.
 */
export async function retry<T>(operation: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { policy, judge, signal, sleep = pause, random = Math.random } = options
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted()
    try {
      return await operation()
    } catch (error) {
      signal?.throwIfAborted()
      const verdict = judge(error)
      if (verdict === 'final' || attempt >= policy.attempts) throw error
      const asked = verdict.retryAfterMs ?? 0
      if (asked > policy.longestWaitMs) throw error
      const jitter = random() * Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempt - 1))
      await sleep(asked + jitter, signal)
    }
  }
}

async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await timer(ms, undefined, { signal })
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  }
}

const networkCodes = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETRESET',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'EPROTO',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_SOCKET',
])

/** The connection failed, at whatever stage: looking the name up, connecting, or in the middle of a body. */
export function isNetworkFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('code' in error && typeof error.code === 'string' && networkCodes.has(error.code)) return true
  return error.name === 'TimeoutError' || isNetworkFailure(error.cause)
}

/** HTTP statuses that another try may mend: 408, 425, 429 and all of 5xx but 501. */
export function isTransientStatus(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || (status >= 500 && status !== 501)
}

/** The Retry-After header in milliseconds from `now`: seconds or an HTTP date (RFC 9110, 10.2.3); undefined when unreadable. */
export function parseRetryAfter(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime())
}
