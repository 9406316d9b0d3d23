import { fromUnits, toUnits } from '../../core/decimal.ts'
import { UserError } from '../../core/errors.ts'
import { periodBounds, type Period } from '../../core/period.ts'
import type { Rate } from '../chargeback/model.ts'
import type { PaidInvoice, Quote, RateKind } from './quote.ts'

export interface RateRequest {
  readonly period: Period
  readonly from: string
  readonly to: string
  readonly kind: RateKind
  /** A month that is over needs rates up to its end; one under way goes by those that there are. */
  readonly isOver: boolean
}

/** What rates are taken from. */
export interface RateSources {
  readonly quotes: readonly Quote[]
  readonly paid: readonly PaidInvoice[]
}

/** The exact ratio of two counts, and where it comes from. */
interface Ratio {
  readonly numerator: bigint
  readonly denominator: bigint
  readonly source: string
}

/**
 * What one unit of a currency was in another in a month, to 12 decimals. UserError names the currencies and the month, or
 * the days, for which nobody has said: nothing stands in for a rate that is missing.
 */
export function monthRate(request: RateRequest, sources: RateSources): Rate {
  const { period, from, to } = request
  const ratio = ratioOf(request, sources)
  if (ratio === undefined) throw missing(request)
  return { period, from, to, rate: twelveDecimals(ratio), source: ratio.source }
}

/** As `monthRate`, undefined when nobody has said. */
export function knownRate(request: RateRequest, sources: RateSources): Rate | undefined {
  return ratioOf(request, sources) === undefined ? undefined : monthRate(request, sources)
}

function ratioOf(request: RateRequest, { quotes, paid }: RateSources): Ratio | undefined {
  switch (request.kind) {
    case 'average':
      return bothWays(request, quotes, (pair) => stated(pair, quotes) ?? averageOfDays(pair, quotes))
    case 'invoice':
      return ofPaidInvoices(request, paid) ?? bothWays(request, quotes, (pair) => stated(pair, quotes))
    case 'budget':
      return bothWays(request, quotes, (pair) => stated(pair, quotes))
  }
}

/** As quoted, else the other way round, else by way of a currency that both are quoted against, such as a central bank's own. */
function bothWays(
  request: RateRequest,
  quotes: readonly Quote[],
  find: (pair: RateRequest) => Ratio | undefined,
): Ratio | undefined {
  const direct = find(request)
  if (direct !== undefined) return direct
  const inverse = find({ ...request, from: request.to, to: request.from })
  if (inverse !== undefined) return { ...inverse, numerator: inverse.denominator, denominator: inverse.numerator }
  for (const base of new Set(quotes.map(({ from }) => from))) {
    const [own, other] = [find({ ...request, from: base, to: request.from }), find({ ...request, from: base })]
    if (own === undefined || other === undefined) continue
    return {
      numerator: other.numerator * own.denominator,
      denominator: other.denominator * own.numerator,
      source: `${other.source}, by way of ${base}`,
    }
  }
  return undefined
}

/** What somebody says the month's rate of a kind is. */
function stated({ period, from, to, kind }: RateRequest, quotes: readonly Quote[]): Ratio | undefined {
  const found = quotes.find(
    ({ of, ...quote }) =>
      quote.from === from && quote.to === to && 'month' in of && of.kind === kind && of.month === period,
  )
  return found && { numerator: toUnits(found.rate), denominator: toUnits('1'), source: `${kind} rate` }
}

function averageOfDays(request: RateRequest, quotes: readonly Quote[]): Ratio | undefined {
  const own = quotes.flatMap(({ from, to, rate, of }) =>
    from === request.from && to === request.to && 'day' in of && of.day.startsWith(request.period)
      ? { day: of.day, rate }
      : [],
  )
  if (own.length === 0) return undefined
  const days = own.map(({ day }) => day).toSorted()
  refuseGap(request, days)
  const until = request.isOver ? '' : ` to ${days.at(-1)}`
  return {
    numerator: own.reduce((sum, { rate }) => sum + toUnits(rate), 0n),
    denominator: BigInt(own.length) * toUnits('1'),
    source: `average of ${own.length} ${own.length === 1 ? 'day' : 'days'}${until}`,
  }
}

/** Banks publish no rates on weekends and holidays, which are never more than six days in a row. */
const mostDaysWithout = 6

function refuseGap(request: RateRequest, days: readonly string[]): void {
  const { start, end } = periodBounds(request.period)
  const marks = [dayAfter(start, -1), ...days, ...(request.isOver ? [end] : [])]
  for (const [at, mark] of marks.slice(1).entries()) {
    const before = marks[at] ?? mark
    const without = (Date.parse(mark) - Date.parse(before)) / day - 1
    if (without <= mostDaysWithout) continue
    throw new UserError(
      `there is no rate from ${request.from} to ${request.to} from ${dayAfter(before, 1)} to ${dayAfter(mark, -1)}`,
      { hint: 'Add the days to the file that finance.rates names; the average of a month needs all of it.' },
    )
  }
}

const day = 86_400_000

function dayAfter(date: string, days: number): string {
  return new Date(Date.parse(date) + days * day).toISOString().slice(0, 10)
}

/** What the month's invoices in a currency were paid with, all together. */
function ofPaidInvoices({ period, from, to }: RateRequest, paid: readonly PaidInvoice[]): Ratio | undefined {
  const own = paid.filter((invoice) => invoice.period === period && invoice.currency === from && invoice.paidIn === to)
  const total = (pick: (invoice: PaidInvoice) => string) =>
    own.reduce((sum, invoice) => sum + toUnits(pick(invoice)), 0n)
  const [numerator, denominator] = [total((invoice) => invoice.paid), total((invoice) => invoice.amount)]
  if (numerator <= 0n || denominator <= 0n) return undefined
  return { numerator, denominator, source: `paid for ${own.map(({ id }) => id).join(', ')}` }
}

/** Rounded half up. Twelve decimals keep a billion exact to a tenth of a cent, and what is printed is what is used. */
function twelveDecimals({ numerator, denominator }: Ratio): string {
  const unit = 10n ** 12n
  return fromUnits(((2n * numerator * unit + denominator) / (2n * denominator)) * 10n ** 6n)
}

const hints: Readonly<Record<RateKind, string>> = {
  average: 'Add the days of the month, or its average, to the file that finance.rates names.',
  invoice: "Add what was paid to the month's invoices, or the rate to the file that finance.rates names.",
  budget: 'Add the rate of kind budget to the file that finance.rates names.',
}

function missing({ period, from, to, kind }: RateRequest): UserError {
  const which = kind === 'average' ? '' : `${kind} `
  return new UserError(`there is no ${which}rate from ${from} to ${to} for ${period}`, { hint: hints[kind] })
}
