import type { Config } from '../../config/config.ts'
import { UserError } from '../../core/errors.ts'
import type { Session } from '../../core/duckdb.ts'
import { fromUnits, toUnits } from '../../core/decimal.ts'
import type { Period } from '../../core/period.ts'
import type { Rate } from '../../reports/chargeback/model.ts'
import { knownRate, monthRate, type RateSources } from '../../reports/currency/month-rate.ts'
import type { PaidInvoice } from '../../reports/currency/quote.ts'
import type { Sink } from '../../sinks/sink.ts'
import { readMonth } from '../close/month-record.ts'
import { readInvoices } from './invoices.ts'
import { readRates } from './rates-file.ts'

/** A billing currency that has postings in a month. */
export interface BilledIn {
  readonly period: Period
  readonly currency: string
}

export interface RatesRequest {
  readonly config: Pick<Config, 'finance'>
  readonly lake: Sink
  /** Reads invoices in Parquet. */
  readonly session: Session
  readonly env: Readonly<Record<string, string | undefined>>
  readonly billedIn: readonly BilledIn[]
  /** Months that are over need rates up to their end. */
  readonly isMonthOver: (period: Period) => boolean
}

export interface MonthRates {
  readonly rates: readonly Rate[]
  /** What the plan was made with, where the rates say it; for telling how much of a variance is the currency's. */
  readonly budgetRates: readonly Rate[]
}

/**
 * Rates into the reporting currency for each month and billing currency; none without a reporting currency. A closed
 * month keeps those that it was closed with. UserError names the currency and the month or days that have no rate.
 */
export async function ratesOf(request: RatesRequest): Promise<MonthRates> {
  const { finance } = request.config
  const to = finance?.reportingCurrency
  if (finance === undefined || to === undefined) return { rates: [], budgetRates: [] }
  const asked = request.billedIn.filter(({ currency }) => currency !== to)
  if (asked.length === 0) return { rates: [], budgetRates: [] }
  const sources = await readSources(request)
  const rates: Rate[] = []
  const budgetRates: Rate[] = []
  for (const { period, currency } of asked) {
    const pair = { period, from: currency, to, kind: finance.rateKind, isOver: request.isMonthOver(period) }
    rates.push((await bookedRate(request.lake, pair)) ?? monthRate(pair, sources))
    const planned = knownRate({ ...pair, kind: 'budget' }, sources)
    if (planned !== undefined) budgetRates.push(planned)
  }
  return { rates, budgetRates }
}

async function readSources({ config, session, env }: RatesRequest): Promise<RateSources> {
  const file = config.finance?.rates
  const invoices = config.finance?.rateKind === 'invoice' ? await readInvoices(config, session, env) : []
  if (file === undefined && config.finance?.rateKind !== 'invoice') {
    throw new UserError(`there are no rates into ${config.finance?.reportingCurrency}`, {
      hint: 'Name their file with finance.rates in focal.yaml, or leave finance.reportingCurrency out.',
    })
  }
  return {
    quotes: file === undefined ? [] : await readRates(file),
    paid: (invoices ?? []).flatMap(({ id, period, currency, lines, payment }): PaidInvoice[] => {
      const amount = fromUnits(lines.reduce((sum, line) => sum + toUnits(line.amount), 0n))
      return payment === null ? [] : [{ id, period, currency, amount, paidIn: payment.currency, paid: payment.amount }]
    }),
  }
}

/** The rate that a closed month was closed with. */
async function bookedRate(
  lake: Sink,
  { period, from, to }: { readonly period: Period; readonly from: string; readonly to: string },
): Promise<Rate | undefined> {
  const month = await readMonth(lake, period)
  const isIt = (rate: Rate) => rate.period === period && rate.from === from && rate.to === to
  return month?.state === 'closed' ? month.booked?.rates.find(isIt) : undefined
}
