import { createHash } from 'node:crypto'
import { retry, type Verdict } from '../core/retry.ts'
import { whileAlive } from '../core/stores/idle.ts'
import type { StoreTuning } from '../core/stores/tuning.ts'
import type { Facts } from './bucket.ts'

export interface Manner<Action> {
  readonly tuning: StoreTuning
  readonly judge: (error: unknown) => Verdict
  /** The error in the user's words. */
  readonly explain: (error: unknown, action: Action, key: string) => unknown
}

/** Sends a request as often as the policy says. */
export type Ask<Action> = <T>(
  action: Action,
  key: string,
  request: (signal: AbortSignal) => Promise<T>,
  options?: { readonly signal?: AbortSignal | undefined; readonly bodyBytes?: number },
) => Promise<T>

/** What a body may take on top of the patience for an answer: a line of 64 KiB a second is slow, not dead. */
const slowestBytesPerMs = 64

/** One way to ask for all requests that write: the one retry policy, patience, and errors in the user's words. */
export function asking<Action>({ tuning, judge, explain }: Manner<Action>): Ask<Action> {
  return async (action, key, request, { signal, bodyBytes = 0 } = {}) => {
    const { retry: policy, sleep, random } = tuning
    const patience = tuning.idleMs + bodyBytes / slowestBytesPerMs
    try {
      return await retry(() => whileAlive(patience, signal, request), { policy, judge, sleep, random, signal })
    } catch (error) {
      signal?.throwIfAborted()
      throw await explain(error, action, key)
    }
  }
}

/** For `.catch` of one request: an error that means `value` is no error. */
export function meaning<Value>(is: (error: unknown) => boolean, value: Value): (error: unknown) => Value {
  return (error) => {
    if (is(error)) return value
    throw error
  }
}

/** A small object's bytes as they were written: what lacks some, or has others, counts as a connection that broke. */
export function intact<Read extends Facts & { readonly content: Buffer }>(read: Read): Read {
  const { bytes, sha256, content } = read
  if (content.length === bytes && (sha256 === undefined || sha256 === sha256Of(content))) return read
  throw Object.assign(new Error('the body is not what was written'), { code: 'ECONNRESET' })
}

/** In hexadecimal. */
export function sha256Of(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
