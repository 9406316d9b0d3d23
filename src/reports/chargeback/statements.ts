import { roundToUnit } from '../../core/apportion.ts'
import type { Period } from '../../core/period.ts'
import { amountText, convert, exactText, minorOf, minorUnit, percentText } from './amounts.ts'
import { currencyVariance } from './currency-variance.ts'
import type { ChargebackInput, ForecastFacts } from './input.ts'
import { compareLines, makeLine, sum, type LineAccount } from './lines.ts'
import type { Benefit, Budget, Forecast, Line, Statement } from './model.ts'
import { monthsBetween } from './months.ts'
import { rateOf } from './round.ts'

export interface StatementSurroundings {
  readonly input: ChargebackInput
  readonly previous: Period
  readonly poolTotals: ReadonlyMap<string, bigint>
}

/** One target's lines in one currency. */
export function makeStatement(
  target: string,
  currency: string,
  accounts: readonly LineAccount[],
  { input, previous, poolTotals }: StatementSurroundings,
): Statement {
  const { period, yearFrom } = input
  const of = (month: Period) => sum(accounts.map(({ months }) => months.get(month) ?? 0n))
  const charged = accounts.filter(({ key }) => key.mode === 'chargeback')
  const exact = sum(accounts.flatMap(({ details }) => details.map((detail) => detail.exact)))
  const [total, before] = [of(period), of(previous)]
  const months = monthsBetween(yearFrom, period)
  const facts = input.targets.get(target)
  const text = (count: bigint) => amountText(count, currency)
  return {
    id: `${period}/${target}/${currency}`,
    target,
    name: facts?.name ?? target,
    costCentre: facts?.costCentre ?? null,
    legalEntity: facts?.legalEntity ?? null,
    contact: facts?.contact ?? null,
    mode: facts?.mode ?? 'showback',
    currency,
    lines: accounts
      .map((account) => makeLine(account, { ...input, previous, poolTotals }))
      .filter(saysSomething)
      .toSorted(compareLines),
    total: text(total),
    charged: text(sum(charged.map((account) => account.months.get(period) ?? 0n))),
    previous: text(before),
    change: text(total - before),
    changePercent: percentText(total - before, before, 1),
    yearToDate: text(sum(months.map(of))),
    months: months.map((month) => ({ period: month, total: text(of(month)) })),
    budget: budgetOf(
      input.budgets.get(`${target} ${currency}`),
      total,
      currency,
      currencyVariance(accounts, currency, input),
    ),
    forecast: forecastOf(input.forecasts.get(`${target} ${currency}`), currency),
    benefit: benefitOf(target, currency, input),
    exact: exactText(exact),
    rounding: exactText(total * minorUnit(currency) - exact),
  }
}

function saysSomething({ amount, previous, yearToDate, exact }: Line): boolean {
  return [amount, previous, yearToDate, exact].some((text) => /[1-9]/.test(text))
}

function budgetOf(
  planned: string | undefined,
  total: bigint,
  currency: string,
  byCurrency: bigint | null,
): Budget | null {
  if (planned === undefined) return null
  const amount = minorOf(planned, currency)
  return {
    amount: amountText(amount, currency),
    variance: amountText(total - amount, currency),
    variancePercent: percentText(total - amount, amount, 1),
    currencyVariance: byCurrency === null ? null : amountText(byCurrency, currency),
  }
}

function forecastOf(facts: ForecastFacts | undefined, currency: string): Forecast | null {
  if (facts === undefined) return null
  const rounded = (amount: string) => amountText(roundToUnit(convert(amount, '1'), minorUnit(currency)), currency)
  return { low: rounded(facts.low), expected: rounded(facts.expected), high: rounded(facts.high) }
}

/** The three costs are rounded, the differences are between what is shown. */
function benefitOf(target: string, currency: string, input: ChargebackInput): Benefit {
  const own = input.postings.prices.filter(
    (prices) => prices.target === target && (input.reportingCurrency ?? prices.currency) === currency,
  )
  const total = (pick: (prices: (typeof own)[number]) => string) =>
    roundToUnit(
      sum(own.map((prices) => convert(pick(prices), rateOf(prices.currency, currency, input.period, input)))),
      minorUnit(currency),
    )
  const [list, contracted, effective] = [
    total((prices) => prices.list),
    total((prices) => prices.contracted),
    total((prices) => prices.effective),
  ]
  const text = (count: bigint) => amountText(count, currency)
  return {
    list: text(list),
    negotiated: text(contracted - list),
    contracted: text(contracted),
    commitments: text(effective - contracted),
    effective: text(effective),
  }
}
