import type { Config } from '../../config/config.ts'
import type { Session } from '../../core/duckdb.ts'
import type { Period } from '../../core/period.ts'
import type { ChargebackInput } from '../../reports/chargeback/input.ts'
import type { Sink } from '../../sinks/sink.ts'
import type { RuleSet } from '../../transforms/allocation/rule-set.ts'

export interface FinanceFactsRequest {
  readonly config: Config
  readonly lake: Sink
  /** With the view `ledger`. */
  readonly session: Session
  readonly period: Period
  readonly from: Period
  readonly ruleSet: RuleSet
}

/** Rates, budgets and forecasts of a month, from the files that `finance:` names. */
export async function financeFacts(
  _request: FinanceFactsRequest,
): Promise<Pick<ChargebackInput, 'rates' | 'budgets' | 'forecasts'>> {
  return { rates: [], budgets: new Map(), forecasts: new Map() }
}
