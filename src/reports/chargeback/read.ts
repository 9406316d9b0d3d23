import type { Session } from '../../core/duckdb.ts'
import type { Period } from '../../core/period.ts'
import { readBeside } from '../../core/sql.ts'
import type { ChargeOn, LineKind, Mode } from './model.ts'

/** What a line is told from others by. */
export interface LineKey {
  readonly currency: string
  readonly target: string
  readonly mode: Mode
  readonly costCentre: string | null
  readonly glAccount: string | null
  readonly kind: LineKind
  readonly pool: string | null
  readonly rule: string | null
  readonly reason: string | null
  readonly originalPeriod: Period | null
  readonly cause: string | null
  readonly lineIssuer: string | null
  readonly lineCategory: string | null
}

/** A line of one month; `exact` is the ledger's own amount in the billing currency. */
export interface MonthLine extends LineKey {
  readonly period: Period
  readonly exact: string
}

export interface DetailRow extends LineKey {
  readonly targetName: string | null
  readonly invoiceIssuer: string | null
  readonly serviceCategory: string | null
  readonly service: string | null
  readonly subAccount: string | null
  readonly subAccountName: string | null
  readonly chargeCategory: string | null
  readonly rows: number
  readonly exact: string
}

export interface Prices {
  readonly currency: string
  readonly target: string
  readonly list: string
  readonly contracted: string
  readonly effective: string
}

export interface LedgerTotal {
  readonly currency: string
  readonly rows: number
  readonly billed: string
  readonly effective: string
  readonly correctedBilled: string
  readonly correctedEffective: string
}

/** What statements are made of, in billing currencies and to the last digit. */
export interface Postings {
  readonly details: readonly DetailRow[]
  /** Lines of the fiscal year's earlier months and of the month before. */
  readonly earlier: readonly MonthLine[]
  readonly prices: readonly Prices[]
  readonly totals: readonly LedgerTotal[]
}

export interface PostingsRequest {
  readonly period: Period
  /** The earliest month asked for: that of the fiscal year, or the month before when that is earlier. */
  readonly from: Period
  readonly chargeOn: ChargeOn
}

/**
 * Reads a month from the relation `ledger`: the rows of `allocated/` and `corrections/` of every month since `from`,
 * with billing_period, source, x_Cause and x_CorrectsPeriod (null where nothing is corrected).
 */
export async function readPostings(session: Session, { period, from, chargeOn }: PostingsRequest): Promise<Postings> {
  await session.set('charge_on', chargeOn)
  await session.run(readBeside(import.meta.url, 'charges.sql'))
  const ask = <Row>(file: string, values: Record<string, string>) =>
    session.rows<Row>(readBeside(import.meta.url, file), values)
  const months = await ask<MonthLine>('months.sql', { first: from, last: period })
  return {
    details: await ask<DetailRow>('details.sql', { period }),
    earlier: months.filter((line) => line.period < period),
    prices: await ask<Prices>('prices.sql', { period }),
    totals: await ask<LedgerTotal>('ledger-totals.sql', { period }),
  }
}
