import { standardRetryPolicy, type RetryOptions, type RetryPolicy } from '../retry.ts'

/** How requests to a store of objects are cut up, and how patient they are. */
export interface StoreTuning {
  /** Bytes of one ranged GET. */
  readonly partSize: number
  /** Objects brought at one time, and requests for bodies at one time, over the whole store. */
  readonly concurrency: number
  /** A request without any data for so long is given up and tried again. */
  readonly idleMs: number
  /** Keys of one page of a listing; at most 1000. */
  readonly pageSize: number
  readonly retry: RetryPolicy
  readonly sleep: RetryOptions['sleep']
  readonly random: RetryOptions['random']
}

export const standardTuning: StoreTuning = {
  partSize: 16 * 1024 * 1024,
  concurrency: 8,
  idleMs: 30_000,
  pageSize: 1000,
  retry: standardRetryPolicy,
  sleep: undefined,
  random: undefined,
}
