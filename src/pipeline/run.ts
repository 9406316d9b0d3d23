import path from 'node:path'
import type { SourceConfig } from '../config/config.ts'
import { connectors } from '../connectors/index.ts'
import { describeError, placed } from '../core/errors.ts'
import type { Period, PeriodRange } from '../core/period.ts'
import { transforms } from '../transforms/index.ts'
import { allocateLake } from './allocate.ts'
import { beginUnit, type BegunUnit, type OpenedSource, type UnitResult } from './begin-unit.ts'
import type { RunContext } from './context.ts'
import { describeLake, publishDatasets } from './datasets.ts'
import { engineRoom } from './engine-room.ts'
import { choosePeriods } from './plan.ts'
import { clearLeftovers } from './scratch.ts'
import { readUnits, writeRun, type RunRecord } from './state.ts'
import { transformPrint } from './transform-print.ts'

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

/** What has come of the run so far: should it be aborted, its record tells that much. */
type Progress = Pick<RunRecord, 'units' | 'failedSources'> & {
  readonly units: UnitResult[]
  readonly failedSources: RunRecord['failedSources'][number][]
}

/**
 * Discovers, decides and publishes the units. A unit that fails, or a source that cannot be reached,
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

/**
 * Units are planned and brought one after another, and their rows are made as the engine has room: small units side by
 * side, and while a large one is at work the next is brought. Results are in the order of the configuration.
 */
async function runSources(context: RunContext, request: RunRequest, progress: Progress): Promise<RunRecord> {
  const { runId, report, now, signal } = context
  const started = now()
  report({ type: 'run-started', runId })
  const { units, failedSources } = progress
  const attempt = async (source: SourceConfig, work: () => Promise<void>) => {
    try {
      await work()
    } catch (error) {
      signal?.throwIfAborted()
      report({ type: 'source-failed', source: source.name, error: placed(error, { source: source.name }) })
      failedSources.push({ source: source.name, detail: describeError(error) })
    }
  }
  const opened: OpenedSource[] = []
  const begun: BegunUnit[] = []
  const room = engineRoom(context.config.engine)
  try {
    for (const source of chosenSources(context, request)) {
      await attempt(source, async () => {
        const own = await openSource(context, source)
        const periods = await periodsOf(context, request, own)
        opened.push(own)
        for (const period of periods) begun.push(await beginUnit(context, request, own, period, room))
      })
    }
  } finally {
    // However it ends, nothing is at work any more when it does.
    for (const { result } of begun) {
      const ended = await result
      if (ended !== undefined) units.push(ended)
    }
  }
  signal?.throwIfAborted()
  for (const own of opened) await attempt(own.source, () => forgetSuperseded(own, request, begun, units))
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

async function openSource(context: RunContext, source: SourceConfig): Promise<OpenedSource> {
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
  return { source, origin, transform, transformPrint: print }
}

async function periodsOf(context: RunContext, request: RunRequest, { source, origin }: OpenedSource) {
  const there = await origin.periods()
  return choosePeriods(there, request.periods, context.config.periods, await outdatedPeriods(context, source))
}

/** Months of another FOCUS version: however old they are, readers expect the same columns of every partition. */
async function outdatedPeriods({ lake, config }: RunContext, { name }: SourceConfig): Promise<Period[]> {
  const units = await readUnits(lake)
  return units.flatMap((unit) =>
    unit.source === name && unit.focusVersion !== config.focusVersion ? [unit.period] : [],
  )
}

/** Downloads are kept until their delivery is superseded; a run that looked at chosen months only cannot tell. */
async function forgetSuperseded(
  { source, origin }: OpenedSource,
  request: RunRequest,
  begun: readonly BegunUnit[],
  results: readonly UnitResult[],
): Promise<void> {
  const failed = results.some((unit) => unit.source === source.name && unit.result === 'failed')
  if (request.dryRun || request.periods !== undefined || failed) return
  const current = begun.filter((unit) => unit.source === source.name)
  await origin.forget(current.flatMap(({ delivery }) => delivery ?? []))
}

function outcomeOf(units: readonly UnitResult[], failedSources: number): RunRecord['outcome'] {
  const failed = units.filter(({ result }) => result === 'failed').length + failedSources
  if (failed === 0) return 'done'
  return failed === units.length + failedSources ? 'failed' : 'some failed'
}
