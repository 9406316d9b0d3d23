import path from 'node:path'
import type { Config } from '../../config/config.ts'
import { fromUnits, toUnits } from '../../core/decimal.ts'
import { openSession, type Session } from '../../core/duckdb.ts'
import { RetryableError, UserError } from '../../core/errors.ts'
import type { Period } from '../../core/period.ts'
import type { Chargeback, Control } from '../../reports/chargeback/model.ts'
import { monthsLater } from '../../reports/chargeback/months.ts'
import type { Reconciliation } from '../../reports/reconcile/model.ts'
import { reconcile } from '../../reports/reconcile/reconcile.ts'
import type { Sink } from '../../sinks/sink.ts'
import { readAllocations } from '../allocate-record.ts'
import { readUnits, type UnitRecord } from '../state.ts'
import { makeChargeback } from './chargeback.ts'
import { invoicesOf, readInvoices } from './invoices.ts'

export interface ReconcileRequest {
  readonly config: Config
  readonly lake: Sink
  readonly period: Period
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal?: AbortSignal | undefined
}

/**
 * Holds what is published of a month against its invoices, and each of our own steps after that against the one before.
 * Nothing is written. UserError when nothing is published of the month, or an invoice cannot be read.
 */
export async function reconcileMonth(request: ReconcileRequest): Promise<Reconciliation> {
  const { config, lake, period, env, signal } = request
  const units = await readUnits(lake)
  const own = units.filter((unit) => unit.period === period)
  if (own.length === 0) {
    throw new UserError(`nothing is published of ${period}`, { hint: '`focal status` lists what is.' })
  }
  const chargeback = await chargebackOf(request)
  const session = await openSession({
    ...config.engine,
    tempDirectory: path.join(config.workDirectory, 'spill'),
    signal,
  })
  try {
    const invoices = await readInvoices(config, session, env)
    const beside = new Set([monthsLater(period, -1), period, monthsLater(period, 1)])
    await openPublished(
      session,
      lake,
      units.filter((unit) => beside.has(unit.period)),
    )
    return await reconcile({
      session,
      period,
      invoices: invoices && invoicesOf(invoices, period),
      openSources: new Set(own.filter(({ status }) => status === 'open').map(({ source }) => source)),
      controls: [...(await recordControls(session, own)), ...controlsOf(chargeback)],
      rates: chargeback?.rates.filter((rate) => rate.period === period) ?? [],
      statements: chargeback?.summaries.map(({ currency, bridge }) => ({ currency, steps: bridge })) ?? [],
    })
  } finally {
    session.close()
  }
}

/** The month's statements; undefined while nothing is allocated of it. */
async function chargebackOf(request: ReconcileRequest): Promise<Chargeback | undefined> {
  if (request.config.allocation === undefined) return undefined
  const allocated = await readAllocations(request.lake, 'allocated')
  return allocated.some(({ period }) => period === request.period) ? makeChargeback(request) : undefined
}

function controlsOf(chargeback: Chargeback | undefined): Control[] {
  return chargeback?.summaries.flatMap(({ controls }) => controls) ?? []
}

async function openPublished(session: Session, lake: Sink, units: readonly UnitRecord[]): Promise<void> {
  const names = units.map(({ partition }) => partition.path)
  const found = await lake.readable(names)
  const missing = names[found.indexOf(undefined)]
  if (missing !== undefined) {
    throw new RetryableError('a partition is missing from the lake', {
      where: { file: missing },
      hint: 'Run `focal run` first: it publishes the partition again.',
    })
  }
  await session.set('focus_files', found as string[])
  await session.run(`
    CREATE VIEW published AS SELECT * FROM read_parquet(getvariable('focus_files'), union_by_name = true,
      file_row_number = true, hive_partitioning = true, hive_types = {billing_period: VARCHAR, source: VARCHAR})`)
}

/** The rows as they are, against what the run that published them had proven against the provider's files. */
async function recordControls(session: Session, units: readonly UnitRecord[]): Promise<Control[]> {
  const sums = await session.rows<{
    source: string
    currency: string
    period: string
    billed: string
    effective: string
  }>(
    `SELECT source, billing_period AS period, BillingCurrency AS currency, sum(BilledCost) AS billed, sum(EffectiveCost) AS effective
      FROM published GROUP BY ALL`,
  )
  return units.flatMap(({ source, period, totals }) =>
    totals.flatMap(({ currency, billedCost, effectiveCost }) => {
      const sum = sums.find((row) => row.source === source && row.period === period && row.currency === currency)
      return [
        control(`BilledCost as published = as it is, ${source} ${currency}`, billedCost, sum?.billed ?? '0'),
        control(`EffectiveCost as published = as it is, ${source} ${currency}`, effectiveCost, sum?.effective ?? '0'),
      ]
    }),
  )
}

function control(name: string, left: string, right: string): Control {
  const [first, second] = [toUnits(left), toUnits(right)]
  return { name, left: fromUnits(first), right: fromUnits(second), difference: fromUnits(first - second) }
}
