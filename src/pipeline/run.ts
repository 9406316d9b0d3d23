import path from 'node:path'
import type { SourceConfig } from '../config/config.ts'
import { connectors } from '../connectors/index.ts'
import type { BillingSource, Delivery } from '../connectors/connector.ts'
import { describeError, FocalError } from '../core/errors.ts'
import type { Period, PeriodRange } from '../core/period.ts'
import { transforms } from '../transforms/index.ts'
import { allocateLake } from './allocate.ts'
import type { RunContext, SourceUnit } from './context.ts'
import { describeLake, publishDatasets } from './datasets.ts'
import { choosePeriods, decide, type Decision } from './plan.ts'
import { clearLeftovers } from './scratch.ts'
import { hasSettled } from './settlement.ts'
import { readUnit, readUnits, writeRun, writeUnit, type RunRecord } from './state.ts'
import { transformPrint } from './transform-print.ts'
import { publishUnit } from './unit.ts'

export interface RunRequest {
  /** Names of the sources to look at; all when undefined. */
  readonly sources?: readonly string[] | undefined
  /** Billing periods to look at; the newest ones when undefined. */
  readonly periods?: PeriodRange | undefined
  /** Publish again what is up to date. */
  readonly full?: boolean | undefined
  /** Decide and tell, but change nothing. */
  readonly dryRun?: boolean | undefined
  /** When another run is at work on the lake: wait for it. */
  readonly wait?: boolean | undefined
}

type UnitResult = RunRecord['units'][number]

/** What has come of the run so far: should it be aborted, its record tells that much. */
type Progress = Pick<RunRecord, 'units' | 'failedSources'> & {
  readonly units: UnitResult[]
  readonly failedSources: RunRecord['failedSources'][number][]
}

/**
 * Discovers, decides and publishes, unit by unit. A unit that fails, or a source that cannot be reached,
 * does not stop the others. Gives back the run's record, which is also written to the lake (but for a dry run).
 * Throws only when nothing could be begun, since another run holds the lake, or when it was aborted: then the record
 * says so.
 */
export async function run(context: RunContext, request: RunRequest): Promise<RunRecord> {
  const { lake, runId, report, now, signal } = context
  const progress: Progress = { units: [], failedSources: [] }
  if (request.dryRun) return runSources(context, request, progress)
  const onWait = (holder: Error) => report({ type: 'run-waiting', holder: holder.message })
  const work = async () => {
    // What a run that was killed left behind goes first, what this one did goes last; should that fail, the
    // next run has another go.
    const startedAt = now()
    await clearLeftovers(context)
    try {
      const record = await allocateAfter(context, request, await runSources(context, request, progress))
      await publishDatasets(context)
      await describeLake(context)
      await writeRun(lake, record)
      report({ type: 'run-recorded', runId })
      return record
    } catch (error) {
      if (signal?.aborted) await recordAborted(context, startedAt, progress).catch(() => undefined)
      throw error
    } finally {
      await clearLeftovers(context).catch(() => undefined)
    }
  }
  return lake.hold(runId, now(), work, { wait: request.wait, signal, onWait })
}

async function recordAborted({ lake, runId, now }: RunContext, started: Date, progress: Progress): Promise<void> {
  const seconds = (now().getTime() - started.getTime()) / 1000
  await writeRun(lake, { runId, startedAt: started.toISOString(), seconds, outcome: 'aborted', ...progress })
}

/** Allocation comes last, over what is published by then. Should it fail, the FOCUS rows stay published. */
async function allocateAfter(context: RunContext, request: RunRequest, record: RunRecord): Promise<RunRecord> {
  const { config, now } = context
  if (config.allocation === undefined) return record
  const allocation = await allocateLake(context, { periods: request.periods, newest: config.periods })
  const { failed, months, corrections } = allocation
  const results = [...months, ...(corrections === undefined ? [] : [corrections])]
  const done = failed === undefined && results.every(({ result }) => result !== 'failed')
  return {
    ...record,
    seconds: (now().getTime() - Date.parse(record.startedAt)) / 1000,
    outcome: record.outcome === 'done' && !done ? 'some failed' : record.outcome,
    allocation,
  }
}

async function runSources(context: RunContext, request: RunRequest, progress: Progress): Promise<RunRecord> {
  const { runId, report, now, signal } = context
  const started = now()
  report({ type: 'run-started', runId })
  const { units, failedSources } = progress
  for (const source of chosenSources(context, request)) {
    try {
      await runSource(context, request, source, units)
    } catch (error) {
      signal?.throwIfAborted()
      report({ type: 'source-failed', source: source.name, error: placed(error, { source: source.name }) })
      failedSources.push({ source: source.name, detail: describeError(error) })
    }
  }
  return {
    runId,
    startedAt: started.toISOString(),
    seconds: (now().getTime() - started.getTime()) / 1000,
    outcome: outcomeOf(units, failedSources.length),
    units,
    failedSources,
  }
}

function chosenSources({ config }: RunContext, { sources }: RunRequest): readonly SourceConfig[] {
  return sources === undefined ? config.sources : config.sources.filter(({ name }) => sources.includes(name))
}

/** Adds what came of each unit to `results`. */
async function runSource(
  context: RunContext,
  request: RunRequest,
  source: SourceConfig,
  results: UnitResult[],
): Promise<void> {
  const { config, report } = context
  const connector = await connectors[source.connector]?.load()
  const transform = await transforms[source.connector]?.load()
  if (connector === undefined || transform === undefined) throw new Error(`no connector ${source.connector}`)
  const origin = await connector.open(source.options, {
    cacheDirectory: path.join(config.workDirectory, 'cache'),
    baseDirectory: config.baseDirectory,
    env: process.env,
    now: context.now,
    signal: context.signal,
    notice: (line) => report({ type: 'source-notice', source: source.name, line }),
    tuning: context.tuning,
  })
  const print = transformPrint(transform.directory, config.focusVersion, source.options)
  const before = results.length
  const current: Delivery[] = []
  const periods = choosePeriods(
    await origin.periods(),
    request.periods,
    config.periods,
    await outdatedPeriods(context, source),
  )
  for (const period of periods) {
    const place = { source: source.name, period }
    try {
      const { decision, unit } = await planUnit(
        context,
        request,
        { source, origin, transform, transformPrint: print },
        period,
      )
      report({ type: 'unit-planned', ...place, ...decision })
      current.push(unit.delivery)
      results.push(await carryOut(context, request, decision, unit))
    } catch (error) {
      context.signal?.throwIfAborted()
      report({ type: 'unit-failed', ...place, error: placed(error, place) })
      results.push({ ...place, result: 'failed', detail: describeError(error) })
    }
  }
  if (!request.dryRun && results.slice(before).every(({ result }) => result !== 'failed'))
    await forgetSuperseded(origin, request, current)
}

/** Months of another FOCUS version: however old they are, readers expect the same columns of every partition. */
async function outdatedPeriods({ lake, config }: RunContext, { name }: SourceConfig): Promise<Period[]> {
  const units = await readUnits(lake)
  return units.flatMap((unit) =>
    unit.source === name && unit.focusVersion !== config.focusVersion ? [unit.period] : [],
  )
}

type Opened = Pick<SourceUnit, 'source' | 'origin' | 'transform' | 'transformPrint'>

async function planUnit(context: RunContext, request: RunRequest, opened: Opened, period: Period) {
  const { lake } = context
  const delivery = await opened.origin.delivery(period)
  const published = await readUnit(lake, opened.source.name, period)
  const place = { dataset: 'focus', period, source: opened.source.name }
  const partition = await lake.partitionState(place, published?.partition.bytes ?? 0)
  const decision = decide({
    delivery,
    published,
    partition,
    transform: opened.transformPrint,
    full: request.full ?? false,
  })
  const unit: SourceUnit = { ...opened, delivery, published, partition, today: context.now() }
  return { decision, unit }
}

async function carryOut(
  context: RunContext,
  request: RunRequest,
  { action, reason }: Decision,
  unit: SourceUnit,
): Promise<UnitResult> {
  const place = { source: unit.source.name, period: unit.delivery.period }
  if (action === 'up to date') {
    if (!request.dryRun) await closeSettled(context, unit)
    return { ...place, result: 'up to date', detail: reason }
  }
  if (action === 'wait') return { ...place, result: 'waiting', detail: reason }
  if (request.dryRun) return { ...place, result: 'published', detail: `would publish: ${reason}` }
  const record = await publishUnit(context, unit)
  context.report({ type: 'unit-published', record })
  return { ...place, result: 'published', detail: reason, rows: record.rows }
}

/** A month whose last delivery has come closes as time goes by; nothing else of its record changes. */
async function closeSettled({ lake }: RunContext, { published, today }: SourceUnit): Promise<void> {
  if (published !== undefined && hasSettled(published, today)) await writeUnit(lake, { ...published, status: 'closed' })
}

/** Downloads are kept until their delivery is superseded; a run that looked at chosen months only cannot tell. */
async function forgetSuperseded(
  origin: BillingSource,
  request: RunRequest,
  current: readonly Delivery[],
): Promise<void> {
  if (request.periods === undefined) await origin.forget(current)
}

function outcomeOf(units: readonly UnitResult[], failedSources: number): RunRecord['outcome'] {
  const failed = units.filter(({ result }) => result === 'failed').length + failedSources
  if (failed === 0) return 'done'
  return failed === units.length + failedSources ? 'failed' : 'some failed'
}

function placed(error: unknown, where: { source: string; period?: Period }): unknown {
  return error instanceof FocalError ? error.at(where) : error
}
