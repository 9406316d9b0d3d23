import type { Period } from '../../core/period.ts'

/** What one unit of `from` is in `to`: of a day as a bank publishes it, or said of a whole month. */
export interface Quote {
  readonly from: string
  readonly to: string
  /** Exact decimal text above 0. */
  readonly rate: string
  readonly of: { readonly day: string } | { readonly month: Period; readonly kind: RateKind }
}

/** How a month's amounts are converted: by the average of its days, by what its invoices were paid at, by the plan's rate. */
export const rateKinds = ['average', 'invoice', 'budget'] as const
export type RateKind = (typeof rateKinds)[number]

/** An invoice that was billed in one currency and paid in another. */
export interface PaidInvoice {
  readonly id: string
  readonly period: Period
  readonly currency: string
  readonly amount: string
  readonly paidIn: string
  readonly paid: string
}
