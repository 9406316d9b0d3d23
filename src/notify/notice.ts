import type { RetryPolicy } from '../core/retry.ts'

/** What people may be told of. */
export const noticeKinds = [
  'run-failed',
  'run-recovered',
  'source-stale',
  'check-failed',
  'unknown-value',
  'month-restated',
  'statement-ready',
  'period-closed',
  'recon-failed',
] as const
export type NoticeKind = (typeof noticeKinds)[number]

/** One thing to tell, in words that fit every service. */
export interface Notice {
  /** Equal for equal news, whoever works it out and how often: letters, digits, dot, dash. */
  readonly key: string
  /** `test` when a person tries the channels. */
  readonly kind: NoticeKind | 'test'
  /** What goes wrong until it is over; the notice that says so has the same. Absent for what is no state. */
  readonly incident?: string
  /** True when the incident is over. */
  readonly over: boolean
  readonly severity: 'error' | 'warning' | 'info'
  /** The whole news in one line. */
  readonly title: string
  /** One fact a line; what does not fit a service is cut off after a line, and counted. */
  readonly lines: readonly string[]
  /** What the reader can do, in one line. */
  readonly hint?: string
  /** ISO time at which it was found out. */
  readonly at: string
}

/** A notice on its way through a service. */
export interface Parcel {
  readonly notice: Notice
  /** It may have arrived already: a process died between sending and noting so. */
  readonly repeated: boolean
}

/** How a service is reached. The world comes in as arguments. */
export interface NotifyWorld {
  readonly now: () => Date
  readonly signal?: AbortSignal | undefined
  /** How patiently a service is tried within one delivery; `noticeRetryPolicy` when absent. */
  readonly policy?: RetryPolicy | undefined
}
