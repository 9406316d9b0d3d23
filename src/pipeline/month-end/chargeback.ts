import { createHash } from 'node:crypto'
import path from 'node:path'
import type { Config } from '../../config/config.ts'
import { openSession } from '../../core/duckdb.ts'
import { toUnits, fromUnits } from '../../core/decimal.ts'
import { UserError } from '../../core/errors.ts'
import type { Period } from '../../core/period.ts'
import { buildChargeback } from '../../reports/chargeback/build.ts'
import type { ChargebackInput, PublishedTotal } from '../../reports/chargeback/input.ts'
import type { Chargeback, ChargebackState } from '../../reports/chargeback/model.ts'
import { fiscalYearFrom, monthsLater } from '../../reports/chargeback/months.ts'
import { readPostings } from '../../reports/chargeback/read.ts'
import type { Sink } from '../../sinks/sink.ts'
import { readMonthState, type AllocationRecord } from '../allocate-record.ts'
import { readRules } from '../allocate-inputs.ts'
import { readUnits, type CurrencyTotals } from '../state.ts'
import { openLedger } from './ledger.ts'
import { financeFacts } from './finance-facts.ts'
import { poolNames, ruleFacts, targetFacts } from './rule-facts.ts'

export interface ChargebackRequest {
  readonly config: Config
  readonly lake: Sink
  readonly period: Period
  /** As if the month were in this state; that of the books when absent. */
  readonly state?: ChargebackState | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal?: AbortSignal | undefined
}

/** A month's statements from the lake as it is: nothing is written. */
export async function makeChargeback(request: ChargebackRequest): Promise<Chargeback> {
  return buildChargeback(await readChargeback(request))
}

/** UserError when there are no rules, nothing is allocated of the month, or a rate or budget is wrong. */
async function readChargeback(request: ChargebackRequest): Promise<ChargebackInput> {
  const { config, lake, period, env, signal } = request
  if (config.allocation === undefined) {
    throw new UserError('the configuration names no allocation rules, so nobody owes anything', {
      hint: 'Name them with `allocation:` in focal.yaml.',
    })
  }
  const chargeOn = config.finance?.chargeOn ?? 'EffectiveCost'
  const yearFrom = fiscalYearFrom(period, config.finance?.fiscalYearStart ?? 1)
  const previous = monthsLater(period, -1)
  const from = yearFrom < previous ? yearFrom : previous
  const { ruleSet } = await readRules(config.allocation, config, env)
  const session = await openSession({
    ...config.engine,
    tempDirectory: path.join(config.workDirectory, 'spill'),
    signal,
  })
  try {
    const ledger = await openLedger(session, lake, from, period)
    const own = ledger.records.filter((record) => record.period === period)
    const state = request.state ?? (await readMonthState(lake, period))
    const postings = await readPostings(session, { period, from, chargeOn })
    const asOf =
      own
        .map(({ allocatedAt }) => allocatedAt)
        .toSorted()
        .at(-1) ?? ''
    const facts = await financeFacts({ config, lake, session, period, from, state, chargeOn, asOf, ruleSet, env })
    const targets = targetFacts(ruleSet, period)
    const settings = [period, state, chargeOn, yearFrom, config.finance?.reportingCurrency, [...targets]]
    return {
      period,
      state,
      chargeOn,
      runId: printOf([
        ledger.print,
        settings,
        facts.rates,
        facts.budgetRates,
        [...facts.budgets],
        [...facts.forecasts],
      ]),
      ruleSet: own[0]?.ruleSet.print ?? '',
      asOf,
      yearFrom,
      reportingCurrency: config.finance?.reportingCurrency,
      ...facts,
      targets,
      pools: poolNames(ruleSet),
      rules: ruleFacts(ruleSet),
      published: publishedTotals(await focusTotals(lake, period, state, own)),
      postings,
    }
  } finally {
    session.close()
  }
}

/** A closed month is held against what was booked; the rows of today may have been restated since. */
async function focusTotals(
  lake: Sink,
  period: Period,
  state: ChargebackState,
  booked: readonly AllocationRecord[],
): Promise<CurrencyTotals[]> {
  if (state === 'closed') return booked.flatMap(({ totals }) => totals)
  return (await readUnits(lake)).filter((unit) => unit.period === period).flatMap(({ totals }) => totals)
}

function publishedTotals(totals: readonly CurrencyTotals[]): PublishedTotal[] {
  const add = (amounts: readonly string[]) => fromUnits(amounts.reduce((sum, amount) => sum + toUnits(amount), 0n))
  return [...Map.groupBy(totals, ({ currency }) => currency)].map(([currency, members]) => ({
    currency,
    billed: add(members.map(({ billedCost }) => billedCost)),
    effective: add(members.map(({ effectiveCost }) => effectiveCost)),
  }))
}

function printOf(facts: unknown): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex')
}
