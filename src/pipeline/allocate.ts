import { describeError, placed } from '../core/errors.ts'
import { comparePercent } from '../core/percent.ts'
import type { Period, PeriodRange } from '../core/period.ts'
import type { Limits, RuleWarning } from '../transforms/allocation/rule-set.ts'
import { fingerprintOf, readRules, type Rules } from './allocate-inputs.ts'
import { allocateMonth, type Month } from './allocate-month.ts'
import {
  readAllocation,
  readClosedPeriods,
  readCurrentAllocations,
  type AllocationDataset,
  type AllocationRecord,
} from './allocate-record.ts'
import { unallocatedShares } from './allocate-shares.ts'
import { openBooks, type Books } from './close/books.ts'
import { correctClosedMonths } from './close/correct-in-run.ts'
import type { RunContext } from './context.ts'
import { engineRoom, type Engine } from './engine-room.ts'
import { choosePeriods } from './plan.ts'
import { clearLeftovers } from './scratch.ts'
import { readUnits, writeRun, type AllocationRun, type RunRecord, type UnitRecord } from './state.ts'

export interface AllocationRequest {
  /** Billing periods to look at; when undefined, the newest ones and those whose rows are newer than their allocation. */
  readonly periods?: PeriodRange | undefined
  /** How many of the newest ones; every month of the lake when undefined. */
  readonly newest?: number | undefined
  /** Allocate again what is up to date. */
  readonly full?: boolean | undefined
}

/** Allocation as a run of its own, with the lake held and a record left. */
export async function runAllocation(context: RunContext, request: AllocationRequest): Promise<RunRecord> {
  const { lake, runId, report, now } = context
  return lake.hold(runId, now(), async () => {
    await clearLeftovers(context)
    const started = now()
    report({ type: 'run-started', runId })
    try {
      const allocation = await allocateLake(context, request)
      const record: RunRecord = {
        runId,
        startedAt: started.toISOString(),
        seconds: (now().getTime() - started.getTime()) / 1000,
        outcome: outcomeOf(allocation),
        units: [],
        failedSources: [],
        allocation,
      }
      await writeRun(lake, record)
      report({ type: 'run-recorded', runId })
      return record
    } finally {
      await clearLeftovers(context).catch(() => undefined)
    }
  })
}

function outcomeOf({ failed, months, corrections }: AllocationRun): RunRecord['outcome'] {
  const failures = months.filter(({ result }) => result === 'failed').length
  if (failed === undefined && failures === 0) return corrections?.result === 'failed' ? 'some failed' : 'done'
  return failed !== undefined || failures === months.length ? 'failed' : 'some failed'
}

/**
 * Allocates what has changed, month by month, by the rules that the configuration names. A mistake in the rules, or
 * books that were tampered with, stop allocation as a whole, any other failure its month: the published partitions stay. Call it while the lake is held.
 */
export async function allocateLake(context: RunContext, request: AllocationRequest): Promise<AllocationRun> {
  const { config, report, signal } = context
  if (config.allocation === undefined) throw new Error('the configuration names no allocation rules')
  let rules: Rules
  let books: Books
  try {
    // First of all: it puts right what a record says of a month, and so which months are closed.
    books = await openBooks(context.lake, context.now)
    rules = await readRules(config.allocation, config, process.env)
  } catch (error) {
    signal?.throwIfAborted()
    report({ type: 'allocation-failed', error })
    return { file: config.allocation, months: [], warnings: [], failed: describeError(error), breaches: [] }
  }
  const months = await allocateMonths(context, request, rules)
  const corrections = await correctClosedMonths(context, books)
  const looked = new Set(months.map(({ period }) => period))
  const breaches = await limitBreaches(context, rules.ruleSet.limits, looked)
  const { file, print, warnings } = rules.ruleSet
  return { file, print, months, ...corrections, warnings: warnings.map(describeWarning(file)), breaches }
}

/** Small months side by side, as units are made. In the order of the months, whichever is done first. */
async function allocateMonths(context: RunContext, request: AllocationRequest, rules: Rules): Promise<MonthOutcome[]> {
  const units = await readUnits(context.lake)
  const closed = await readClosedPeriods(context.lake)
  const room = engineRoom(context.config.engine)
  const begun: Promise<MonthOutcome>[] = []
  try {
    for (const period of await periodsToAllocate(context, request, units)) {
      const rows = units.filter((unit) => unit.period === period)
      const dataset = closed.has(period) ? 'restated' : 'allocated'
      const month: Month = { period, units: rows, dataset, fingerprint: fingerprintOf(period, rules, rows) }
      const bytes = rows.reduce((sum, { partition }) => sum + partition.bytes, 0)
      const { done } = await room.begin(bytes, (engine) => monthOutcome(context, request, rules, month, engine))
      begun.push(done)
    }
  } finally {
    // However it ends, nothing is at work any more when it does.
    await Promise.allSettled(begun)
  }
  context.signal?.throwIfAborted()
  return Promise.all(begun)
}

function describeWarning(file: string): (warning: RuleWarning) => string {
  return ({ line, what, hint }) => `${what} (${file}, line ${line}). ${hint}`
}

async function periodsToAllocate(
  { lake }: RunContext,
  { periods, newest }: AllocationRequest,
  units: readonly UnitRecord[],
): Promise<Period[]> {
  const all = [...new Set(units.map(({ period }) => period))].toSorted()
  const current = await readCurrentAllocations(lake)
  const outdated = units.filter((unit) =>
    current.some((record) => record.source === unit.source && record.period === unit.period && !isOf(record, unit)),
  )
  return choosePeriods(
    all,
    periods,
    newest ?? all.length,
    outdated.map(({ period }) => period),
  )
}

function isOf({ focus }: AllocationRecord, { version, partition }: UnitRecord): boolean {
  return focus.version === version && focus.sha256 === partition.sha256
}

type MonthOutcome = AllocationRun['months'][number]

async function monthOutcome(
  context: RunContext,
  { full }: AllocationRequest,
  rules: Rules,
  month: Month,
  engine: Engine,
): Promise<MonthOutcome> {
  const { report, signal } = context
  const { period, dataset } = month
  try {
    signal?.throwIfAborted()
    const reason = full ? 'asked for again (--full)' : await whyAgain(context, month)
    if (reason === undefined) {
      report({ type: 'allocation-month', period, result: 'up to date', detail: `rules ${shortPrint(rules)}` })
      return { period, dataset, result: 'up to date', detail: `rules ${shortPrint(rules)}` }
    }
    const records = await allocateMonth(context, rules, month, engine)
    const rows = records.flatMap(({ totals }) => totals).reduce((sum, total) => sum + total.rows, 0)
    report({ type: 'allocation-month', period, result: dataset, detail: reason })
    return { period, dataset, result: dataset, detail: reason, rows }
  } catch (error) {
    signal?.throwIfAborted()
    const inMonth = placed(error, { period })
    report({ type: 'allocation-failed', period, error: inMonth })
    return { period, dataset, result: 'failed', detail: describeError(inMonth) }
  }
}

function shortPrint({ ruleSet }: Rules): string {
  return ruleSet.print.slice(0, 8)
}

/** Why a month is allocated again; undefined when nothing that it follows from has changed. */
async function whyAgain({ lake }: RunContext, month: Month): Promise<string | undefined> {
  const found = await Promise.all(
    month.units.map(async ({ source }) => {
      const there = await readAllocation(lake, month.dataset, source, month.period)
      // A closed month needs no restatement while it follows from what it was booked from.
      return (
        there ?? (month.dataset === 'restated' ? readAllocation(lake, 'allocated', source, month.period) : undefined)
      )
    }),
  )
  const records = found.filter((record) => record !== undefined)
  if (records.length === 0) return 'first allocation'
  if (records.length < found.length) return 'a source is not allocated yet'
  const states = await Promise.all(records.map((record) => stateOf(lake, record)))
  if (records.some((record) => record.publishing !== undefined)) return 'a run died while it put a partition in place'
  if (states.some((state) => state !== 'as published')) return 'a partition is not the file that was published'
  if (records.every((record) => record.fingerprint === month.fingerprint)) return undefined
  const rowsStay = month.units.every((unit) =>
    records.some((record) => record.source === unit.source && isOf(record, unit)),
  )
  return rowsStay ? 'the rules, a driver or focal have changed' : 'rows have changed'
}

async function stateOf(lake: RunContext['lake'], { dataset, source, period, partition }: AllocationRecord) {
  return lake.partitionState({ dataset: dataset satisfies AllocationDataset, source, period }, partition.bytes)
}

/** Where the part without an owner who caused it is above what the rules allow. */
async function limitBreaches(
  { lake }: RunContext,
  { unallocatedWarn, unallocatedFail }: Limits,
  periods: ReadonlySet<Period>,
): Promise<AllocationRun['breaches']> {
  const records = (await readCurrentAllocations(lake)).filter(({ period }) => periods.has(period))
  return unallocatedShares(records).flatMap(({ period, currency, unallocated, total, percent }) => {
    const exceeds = (limit: string | undefined) => limit !== undefined && comparePercent(unallocated, total, limit) > 0
    const severity = exceeds(unallocatedFail) ? 'fail' : exceeds(unallocatedWarn) ? 'warn' : undefined
    if (severity === undefined) return []
    return [
      { period, currency, severity, percent, limit: (severity === 'fail' ? unallocatedFail : unallocatedWarn) ?? '' },
    ]
  })
}
