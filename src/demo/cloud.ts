import type { Session } from '../core/duckdb.ts'
import type { Period } from '../core/period.ts'

/** The bills of one cloud in the demo, in the provider's own formats. One folder per provider. */
export interface DemoCloud {
  /** Sources as the configuration names them; locations are relative to the demo's folder. */
  readonly sources: readonly { readonly name: string; readonly connector: string; readonly location: string }[]
  /** Writes every month, the last one still open; the second time only what has been restated since. */
  write(request: DemoRequest): Promise<DemoBill[]>
}

export interface DemoRequest {
  readonly directory: string
  readonly seed: number
  /** About how many line items each month and export holds. */
  readonly rows: number
  readonly delivery: 1 | 2
  readonly signal?: AbortSignal
}

export interface DemoBill {
  readonly source: string
  readonly period: Period
  /** What was charged according to the bill itself, by plain SQL over its files. */
  readonly invoice: (session: Session) => Promise<DemoInvoice>
}

/** The provider's invoice for a bill. */
export interface DemoInvoice {
  readonly id: string
  readonly issuer: string
  /** Billing account. */
  readonly account: string
  readonly currency: string
  /** Exact decimal text. */
  readonly amount: string
}
