import { fromUnits, toUnits } from '../../core/decimal.ts'
import { roundToUnit } from '../../core/apportion.ts'
import type { Session } from '../../core/duckdb.ts'
import { periodBounds, type Period } from '../../core/period.ts'
import { readBeside } from '../../core/sql.ts'
import type { ForecastFacts } from '../chargeback/input.ts'
import type { ChargeOn, Rate } from '../chargeback/model.ts'
import { monthsLater } from '../chargeback/months.ts'
import { rateOf } from '../chargeback/round.ts'
import { forecastUsage, type Horizon, type Outlook } from './forecast.ts'

/** What a target was charged on a day. */
export interface DailyCost {
  readonly period: Period
  readonly target: string
  readonly currency: string
  readonly day: string
  readonly kind: 'usage' | 'item' | 'correction'
  readonly cost: string
}

export interface MonthEndRequest {
  readonly period: Period
  readonly chargeOn: ChargeOn
  readonly reportingCurrency: string | undefined
  readonly rates: readonly Rate[]
}

/**
 * How a month that is under way will likely end for each target, by `target currency` of its statement: what is final,
 * what the days to come are expected to be, and the items of last month's same days. Reads the view `ledger`.
 */
export async function forecastMonth(
  session: Session,
  request: MonthEndRequest,
): Promise<ReadonlyMap<string, ForecastFacts>> {
  const [row] = await session.rows<{ day: string | null }>(readBeside(import.meta.url, 'final-until.sql'), {
    period: request.period,
  })
  await session.set('charge_on', request.chargeOn)
  const costs = await session.rows<DailyCost>(readBeside(import.meta.url, 'daily.sql'))
  return forecastTargets(costs, row?.day ?? periodBounds(request.period).start, request)
}

/** `finalUntil` is the first day of the month whose usage may still grow. */
export function forecastTargets(
  costs: readonly DailyCost[],
  finalUntil: string,
  request: MonthEndRequest,
): ReadonlyMap<string, ForecastFacts> {
  const { period, reportingCurrency } = request
  const inMonth = new Set(costs.filter((cost) => cost.period === period).map(({ target }) => target))
  const series = Map.groupBy(
    costs.filter(({ target }) => inMonth.has(target)),
    ({ target, currency }) => JSON.stringify([target, currency]),
  )
  // Late charges of a month before the first that was read do not make its days known.
  const firstMonth = costs.reduce((first, cost) => (cost.period < first ? cost.period : first), period)
  const horizon = { historyFrom: periodBounds(firstMonth).start, finalUntil, end: periodBounds(period).end }
  const totals = new Map<string, Outlook>()
  for (const own of series.values()) {
    const [first] = own
    if (first === undefined) continue
    const currency = reportingCurrency ?? first.currency
    const key = `${first.target} ${currency}`
    const outlook = converted(outlookOf(own, period, horizon), rateOf(first.currency, currency, period, request))
    totals.set(key, sum(totals.get(key), outlook))
  }
  return new Map(
    [...totals].map(([key, { low, expected, high }]) => [
      key,
      { low: fromUnits(low), expected: fromUnits(expected), high: fromUnits(high) },
    ]),
  )
}

function outlookOf(costs: readonly DailyCost[], period: Period, horizon: Horizon): Outlook {
  const usage = new Map<string, bigint>()
  for (const { kind, day, cost } of costs) {
    if (kind === 'usage') usage.set(day, (usage.get(day) ?? 0n) + toUnits(cost))
  }
  const ahead = forecastUsage(usage, horizon)
  const settled = costs.filter(
    (cost) => cost.period === period && (cost.kind === 'correction' || cost.day < horizon.finalUntil),
  )
  const fixed = [...settled, ...costs.filter((cost) => comesAgain(cost, period, horizon.finalUntil))]
  const known = fixed.reduce((total, { cost }) => total + toUnits(cost), 0n)
  return { low: known + ahead.low, expected: known + ahead.expected, high: known + ahead.high }
}

/** Fees, taxes and credits of last month from the same day on. */
function comesAgain({ kind, period, day }: DailyCost, month: Period, finalUntil: string): boolean {
  return (
    kind === 'item' &&
    period === monthsLater(month, -1) &&
    day.startsWith(period) &&
    day.slice(8) >= finalUntil.slice(8)
  )
}

/** Rounded to 10^-18: forecasts are no postings. */
function converted(outlook: Outlook, rate: string): Outlook {
  const inCurrency = (amount: bigint) => roundToUnit(amount * toUnits(rate), toUnits('1'))
  return { low: inCurrency(outlook.low), expected: inCurrency(outlook.expected), high: inCurrency(outlook.high) }
}

function sum(a: Outlook | undefined, b: Outlook): Outlook {
  return a === undefined ? b : { low: a.low + b.low, expected: a.expected + b.expected, high: a.high + b.high }
}
