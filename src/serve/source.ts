import type { Period } from '../core/period.ts'
import type { Chargeback, ChargebackState } from '../reports/chargeback/model.ts'
import type { Journal, JournalKind } from '../reports/journal/journal.ts'

/** Where the API has its answers from. */
export interface StatementSource {
  /** Every month with something allocated, oldest first. */
  periods(): Promise<readonly PeriodState[]>
  /** `undefined` when nothing is allocated of the month. */
  chargeback(period: Period): Promise<Chargeback | undefined>
  /** `undefined` when the configuration does not say how to post. */
  journals(chargeback: Chargeback, kind: JournalKind): readonly Journal[] | undefined
}

export interface PeriodState {
  readonly period: Period
  readonly state: ChargebackState
}
