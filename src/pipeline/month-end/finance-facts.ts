import type { Config } from '../../config/config.ts'
import type { Session } from '../../core/duckdb.ts'
import { periodBounds, type Period } from '../../core/period.ts'
import { forecastMonth } from '../../reports/budget/month-end.ts'
import type { ChargebackInput } from '../../reports/chargeback/input.ts'
import type { ChargebackState, ChargeOn } from '../../reports/chargeback/model.ts'
import type { Sink } from '../../sinks/sink.ts'
import type { RuleSet } from '../../transforms/allocation/rule-set.ts'
import { readBudgets } from './budgets-file.ts'
import { ratesOf, type BilledIn } from './rates.ts'

export interface FinanceFactsRequest {
  readonly config: Config
  readonly lake: Sink
  /** With the view `ledger`. */
  readonly session: Session
  readonly period: Period
  readonly from: Period
  readonly state: ChargebackState
  readonly chargeOn: ChargeOn
  /** When the newest of the postings was made, in ISO 8601. */
  readonly asOf: string
  readonly ruleSet: RuleSet
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * Rates, budgets and forecasts of a month, from the files that `finance:` names. UserError names the file, row and value
 * of what is wrong in them, or the rate that is missing. A month that is over has no forecast.
 */
export async function financeFacts(
  request: FinanceFactsRequest,
): Promise<Pick<ChargebackInput, 'rates' | 'budgetRates' | 'budgets' | 'forecasts'>> {
  const { config, session, period, from, state, chargeOn, asOf, ruleSet } = request
  const reportingCurrency = config.finance?.reportingCurrency
  const isOver = state !== 'open' || asOf >= periodBounds(period).end
  const billedIn = await session.rows<BilledIn>(
    `SELECT DISTINCT billing_period AS period, BillingCurrency AS currency
      FROM ledger WHERE billing_period BETWEEN $from AND $period ORDER BY ALL`,
    { from, period },
  )
  const isMonthOver = (month: Period) => month < period || isOver
  const rates = await ratesOf({ ...request, billedIn, isMonthOver })
  const file = config.finance?.budgets
  const targets = new Set(ruleSet.targets.map(({ id }) => id))
  return {
    ...rates,
    budgets: file === undefined ? new Map() : await readBudgets(file, { period, targets, reportingCurrency }),
    forecasts: isOver
      ? new Map()
      : await forecastMonth(session, { period, chargeOn, reportingCurrency, rates: rates.rates }),
  }
}
