import type { Period } from '../../core/period.ts'

/**
 * A month's chargeback: what every format renders and the statement API serves. Amounts are decimal text in the
 * currency's own decimals, such as `1250.00`; `exact` ones have every digit of the ledger.
 */
export interface Chargeback {
  readonly period: Period
  readonly state: ChargebackState
  readonly chargeOn: ChargeOn
  /** SHA-256 over everything that the statements follow from: the same id, the same statements. */
  readonly runId: string
  /** SHA-256 of the rules that allocated. */
  readonly ruleSet: string
  /** When the newest of the postings was made, in UTC; not when the report was printed. */
  readonly asOf: string
  /** First month of year to date. */
  readonly yearFrom: Period
  /** Rates that amounts of other currencies were converted by; none without a reporting currency. */
  readonly rates: readonly Rate[]
  /** The controller's page, one for each currency of the statements. */
  readonly summaries: readonly Summary[]
  readonly statements: readonly Statement[]
}

export type ChargebackState = 'open' | 'preliminary' | 'review' | 'closed'
export type ChargeOn = 'EffectiveCost' | 'BilledCost'

/** Exact decimal text in the currency's decimals. */
export type Amount = string

/** What one unit of `from` is in `to`, in a month. */
export interface Rate {
  readonly period: Period
  readonly from: string
  readonly to: string
  /** Decimal text of up to 18 decimals. */
  readonly rate: string
  /** Where it comes from, such as `average of 23 days`. */
  readonly source: string
}

/** What a target owes, or is shown, for a month in one currency. */
export interface Statement {
  /** `2026-10/payments/EUR`. */
  readonly id: string
  readonly target: string
  readonly name: string
  readonly costCentre: string | null
  readonly legalEntity: string | null
  readonly contact: string | null
  readonly mode: Mode
  readonly currency: string
  readonly lines: readonly Line[]
  readonly total: Amount
  /** What of the total is posted in the journal; the rest is only shown. */
  readonly charged: Amount
  readonly previous: Amount
  readonly change: Amount
  /** Percent with one decimal; null where last month was nothing. */
  readonly changePercent: string | null
  readonly yearToDate: Amount
  /** Totals of the fiscal year's months so far, oldest first. */
  readonly months: readonly { readonly period: Period; readonly total: Amount }[]
  readonly budget: Budget | null
  readonly forecast: Forecast | null
  readonly benefit: Benefit
  /** The total before it was rounded, and what rounding added. */
  readonly exact: string
  readonly rounding: string
}

export type Mode = 'showback' | 'chargeback' | 'external' | 'central'

/** What it costs at list price, what negotiated prices and then commitments take off. Usage and other priced charges only. */
export interface Benefit {
  readonly list: Amount
  readonly negotiated: Amount
  readonly contracted: Amount
  readonly commitments: Amount
  readonly effective: Amount
}

export interface Budget {
  readonly amount: Amount
  /** Total less budget: above 0 is overspent. */
  readonly variance: Amount
  readonly variancePercent: string | null
  /**
   * What of the variance comes from exchange rates other than the planned ones, the rest from use and prices; null where
   * nothing was converted or nobody says what was planned with.
   */
  readonly currencyVariance: Amount | null
}

export interface Forecast {
  readonly low: Amount
  readonly expected: Amount
  readonly high: Amount
}

export const lineKinds = ['direct', 'shared', 'idle', 'unallocated', 'credit', 'tax', 'adjustment'] as const
export type LineKind = (typeof lineKinds)[number]

export interface Line {
  readonly kind: LineKind
  /** As people read it: `Compute`, `Order database`, `Correction of 2026-09: late usage`. */
  readonly label: string
  readonly costCentre: string | null
  readonly glAccount: string | null
  readonly mode: Mode
  /** Differs from the statement's where that is in a reporting currency. */
  readonly billingCurrency: string
  readonly invoiceIssuer: string | null
  readonly pool: string | null
  /** The split rule, how it splits, and by which driver, of a share of a pool. */
  readonly rule: string | null
  readonly method: string | null
  readonly driver: string | null
  /** Part of what the pool gave out in the month, in percent with two decimals. */
  readonly share: string | null
  /** Why it rests with the pool's owner. */
  readonly reason: string | null
  readonly originalPeriod: Period | null
  readonly cause: string | null
  readonly amount: Amount
  readonly previous: Amount
  readonly yearToDate: Amount
  readonly exact: string
  readonly rounding: string
  readonly details: readonly Detail[]
}

export interface Detail {
  readonly invoiceIssuer: string | null
  readonly serviceCategory: string | null
  readonly service: string | null
  readonly subAccount: string | null
  readonly subAccountName: string | null
  readonly chargeCategory: string | null
  /** Postings of the ledger in it. */
  readonly rows: number
  readonly amount: Amount
  readonly exact: string
}

export interface Summary {
  readonly currency: string
  readonly total: Amount
  readonly charged: Amount
  readonly previous: Amount
  readonly yearToDate: Amount
  /** Totals by kind of line, in the order of statements. */
  readonly kinds: readonly { readonly kind: LineKind; readonly amount: Amount }[]
  readonly targets: readonly TargetRow[]
  readonly matrix: Matrix
  readonly bridge: readonly BridgeStep[]
  readonly controls: readonly Control[]
  readonly unallocated: readonly Unallocated[]
  /** Percent of the total without an owner who caused it, with two decimals. */
  readonly unallocatedPercent: string
}

export interface TargetRow {
  readonly target: string
  readonly name: string
  readonly total: Amount
  readonly kinds: readonly { readonly kind: LineKind; readonly amount: Amount }[]
}

/** Cost centre × GL account; null is what has none. */
export interface Matrix {
  readonly accounts: readonly (string | null)[]
  readonly rows: readonly {
    readonly costCentre: string | null
    readonly amounts: readonly Amount[]
    readonly total: Amount
  }[]
  readonly totals: readonly Amount[]
  readonly total: Amount
}

/** Each step's exact amount; the amounts of a bridge before its last step sum to that. */
export interface BridgeStep {
  readonly name: string
  readonly amount: string
  readonly isTotal: boolean
}

export interface Control {
  readonly name: string
  readonly left: string
  readonly right: string
  /** `0` when it ties. */
  readonly difference: string
}

export interface Unallocated {
  readonly reason: string
  readonly owner: string
  readonly pool: string | null
  readonly amount: Amount
}
