import type { Keyword } from './rules.ts'

/**
 * failed: a MUST is broken · warned: a SHOULD is broken · known gap: every offending row is covered by one ·
 * noted: nothing wrong, but worth knowing · passed.
 */
export type Outcome = 'passed' | 'known gap' | 'noted' | 'warned' | 'failed'

export interface CheckResult {
  readonly id: string
  readonly kind: 'structure' | 'row' | 'group'
  /** What the rule is about; undefined for checks of the table as a whole. */
  readonly column: string | undefined
  readonly keyword: Keyword
  readonly text: string
  readonly outcome: Outcome
  /** Offending rows; offending columns for a structure check. */
  readonly rows: number
  /**
   * Offending rows' part of the table's BilledCost, from 0 to 1, both as sums of absolute values so that
   * credits hide nothing. Null for structure checks and where there is no BilledCost.
   */
  readonly share: number | null
  /** How many of `rows` a known gap covers. */
  readonly known: number
  readonly gaps: readonly { readonly id: string; readonly reason: string; readonly rows: number }[]
  /** Up to five offending rows: row keys and the columns that the rule reads. Decimals and times are text. */
  readonly samples: readonly Readonly<Record<string, unknown>>[]
}
