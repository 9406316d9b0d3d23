import type { Period } from '../../core/period.ts'
import type { CurrencyTotals } from '../state.ts'

/** What can happen to a month of the books. */
export type MonthEvent =
  /** The figures are there to be looked at; the month is preliminary. */
  | { readonly event: 'month-prepared' }
  /** The statements went to their targets. `figures` is the print of what they say. */
  | { readonly event: 'review-begun'; readonly figures: string; readonly statements: readonly StatementTotal[] }
  | { readonly event: 'statement-accepted'; readonly target: string; readonly comment: string | null }
  | {
      readonly event: 'statement-disputed'
      /** Counts the disputes of the month from 1. */
      readonly number: number
      readonly target: string
      readonly reason: string
      /** Decimal text in the statement's currency: what of it is disputed; null for all or not said. */
      readonly amount: string | null
    }
  | { readonly event: 'dispute-resolved'; readonly number: number; readonly resolution: string }
  | { readonly event: 'month-closed'; readonly booked: Booked }
  | { readonly event: 'reopening-asked'; readonly reason: string }
  | { readonly event: 'month-reopened'; readonly reason: string }
  /** From now on, corrections of the month follow these rules instead of those that it was booked by. */
  | { readonly event: 'rules-approved'; readonly rules: RulesInForce; readonly reason: string }
  /** Of an open month: its partitions of `corrections/`, each time that one changes. */
  | { readonly event: 'corrections-posted'; readonly corrections: readonly PostedCorrections[] }

export interface StatementTotal {
  readonly id: string
  readonly target: string
  readonly currency: string
  readonly total: string
}

/** A file of the lake as it was when it was booked. */
export interface KeptFile {
  /** Relative to the lake. */
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/** All that a closed month consists of. */
export interface Booked {
  /** Print of the chargeback: the same id, the same statements. */
  readonly runId: string
  readonly figures: string
  /** What was allocated of which FOCUS partition. */
  readonly sources: readonly {
    readonly source: string
    readonly focus: { readonly version: number; readonly sha256: string }
    readonly partition: KeptFile
    readonly totals: readonly CurrencyTotals[]
  }[]
  readonly rules: RulesInForce
  /** Corrections of earlier months that are on its statements. */
  readonly corrections: readonly KeptFile[]
  readonly reports: readonly KeptFile[]
  /** Whether it tied with its invoices: `tie`, `none given`, or `differ:` and why it was closed all the same. */
  readonly invoices: string
  /** What amounts of other currencies were converted by. */
  readonly rates: readonly {
    readonly period: Period
    readonly from: string
    readonly to: string
    readonly rate: string
    readonly source: string
  }[]
}

/** A set of rules that is kept in the lake with its drivers. */
export interface RulesInForce {
  readonly print: string
  /** Of the file of rules alone, and of each driver's files: tells what changed between two. */
  readonly rules: string
  readonly drivers: Readonly<Record<string, string>>
  readonly file: KeptFile
}

/** A partition of corrections, and what it sums to. */
export interface PostedCorrections {
  readonly source: string
  readonly partition: KeptFile
  readonly totals: readonly CorrectionTotal[]
}

export interface CorrectionTotal {
  readonly corrects: Period
  readonly cause: Cause
  readonly currency: string
  readonly rows: number
  readonly billedCost: string
  readonly effectiveCost: string
}

export type Cause = 'provider_correction' | 'late_usage' | 'tag_change' | 'rule_change' | 'driver_change'
