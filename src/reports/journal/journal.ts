import type { Period } from '../../core/period.ts'

/** Postings for the general ledger, of one company, currency and upload. Debits equal credits. */
export interface Journal {
  /** The same posting has the same id whenever it is written: `focal-2026-10-final-1000-EUR-1`. */
  readonly id: string
  readonly kind: JournalKind
  readonly period: Period
  /** Company code, or the legal entity's name when no codes are configured. */
  readonly company: string
  readonly currency: string
  /** ISO day: the last one of the month. */
  readonly postingDate: string
  /** ISO day on which an accrual is reversed; null for a final journal. */
  readonly reverseOn: string | null
  readonly memo: string
  /** The chargeback that it posts. */
  readonly runId: string
  readonly lines: readonly JournalLine[]
}

/** An accrual is an estimate that is reversed on the first day of the next month. */
export type JournalKind = 'final' | 'accrual'

/** Either debit or credit is above 0 and the other null. Amounts are decimal text in the currency's decimals. */
export interface JournalLine {
  readonly number: number
  readonly externalId: string
  readonly account: string
  readonly costCentre: string | null
  readonly debit: string | null
  readonly credit: string | null
  readonly memo: string
  /** The month that the cost is of. */
  readonly originalPeriod: Period
  /** Company on the other side, of a line between two companies. */
  readonly partner: string | null
  /** The statement it posts; null for a line that only balances. */
  readonly statement: string | null
}
