import { exitCode } from '../core/errors.ts'
import { readJobRecords, type JobRecord } from '../jobs/record.ts'
import { readAllocations, type AllocationRecord } from '../pipeline/allocate-record.ts'
import { readMonths, type MonthRecord } from '../pipeline/close/month-record.ts'
import { describeFreshness, freshnessOf, type Freshness } from '../pipeline/freshness.ts'
import { readTold } from '../pipeline/notices/state.ts'
import { readLastRun, readUnits, type RunRecord, type UnitRecord } from '../pipeline/state.ts'
import { describeAllocations } from './allocate/describe-status.ts'
import { configured } from './configured.ts'
import { describeBooks } from './describe-books.ts'
import { count, money, table } from './table.ts'
import type { Terminal } from './terminal.ts'

/** `focal status`: every published unit and how the last run went. */
export async function status(options: { config: string; json?: boolean }, terminal: Terminal): Promise<number> {
  const { config, lake } = await configured(options.config, terminal)
  const units = await readUnits(lake)
  const freshness = freshnessOf(units, config.sources, terminal.now())
  const waiting = (await readTold(lake)).open.length
  const allocations = [...(await readAllocations(lake, 'allocated')), ...(await readAllocations(lake, 'restated'))]
  const [jobs, lastRun] = [await readJobRecords(lake), await readLastRun(lake)]
  const books = await readMonths(lake)
  const found = { units, allocations, books, freshness, noticesWaiting: waiting, jobs, lastRun }
  terminal.stdout.write(`${options.json ? JSON.stringify(found, null, 2) : describe(found)}\n`)
  return exitCode.done
}

interface LakeStatus {
  readonly units: readonly UnitRecord[]
  readonly allocations: readonly AllocationRecord[]
  readonly books: readonly MonthRecord[]
  readonly freshness: readonly Freshness[]
  /** In the outbox. */
  readonly noticesWaiting: number
  readonly jobs: readonly JobRecord[]
  readonly lastRun: RunRecord | undefined
}

function describe({ units, allocations, books, freshness, noticesWaiting, jobs, lastRun }: LakeStatus): string {
  if (units.length === 0)
    return ['Nothing is published yet: `focal run` does it.', ...describeLastRun(lastRun)].join('\n')
  const header = [
    'source',
    'period',
    'month',
    'version',
    'delivery',
    'rows',
    'billed',
    'effective',
    'currency',
    'published',
  ]
  const rows = units.flatMap((unit) =>
    unit.totals.map((total) => [
      unit.source,
      unit.period,
      unit.status,
      String(unit.version),
      unit.delivery.id.slice(0, 8),
      count(total.rows),
      money(total.billedCost),
      money(total.effectiveCost),
      total.currency,
      unit.publishedAt.slice(0, 16).replace('T', ' '),
    ]),
  )
  return [
    table(header, rows),
    '',
    ...units.flatMap(describeRows),
    '',
    ...describeSources(freshness),
    ...jobs.map(describeJob),
    ...(noticesWaiting === 0 ? [] : [`notices: ${count(noticesWaiting)} could not be sent yet (focal notify send)`]),
    ...(allocations.length > 0 ? ['', describeAllocations(allocations)] : []),
    ...describeBooks(books),
    ...describeLastRun(lastRun),
  ].join('\n')
}

function describeSources(freshness: readonly Freshness[]): string[] {
  const stale = freshness.find((fresh) => fresh.stale)
  return [
    ...freshness.map((fresh) => `${fresh.source}: ${fresh.stale ? 'STALE: ' : ''}${describeFreshness(fresh)}`),
    ...(stale === undefined
      ? []
      : [
          'A stale source brings nothing new: is its export still on, and may it still write where it did?',
          `If ${stale.source} has ended, say so in the configuration: until: ${stale.dataUntil.slice(0, 7)}`,
        ]),
  ]
}

function describeJob({ job, startedAt, endedAt, stoppedAt, exitCode: code }: JobRecord): string {
  if (startedAt === undefined) return `job ${job}: not run yet`
  const began = `job ${job}: ${startedAt.slice(0, 16).replace('T', ' ')} UTC`
  if (endedAt !== undefined) return `${began}, exit code ${code}`
  return stoppedAt === undefined ? `${began}, has not ended` : `${began}, was stopped`
}

/** Where the source's rows went, for the units in which they did not all stay as they were. */
function describeRows(unit: UnitRecord): string[] {
  const changed = unit.accounting.filter(({ outcome }) => outcome !== 'kept')
  const read = unit.accounting.reduce((sum, { sourceRows }) => sum + sourceRows, 0)
  const kept = unit.accounting
    .filter(({ outcome }) => outcome === 'kept')
    .reduce((sum, { sourceRows }) => sum + sourceRows, 0)
  return [
    `${unit.source} ${unit.period}: ${count(read)} rows read, ${count(kept)} kept as they are`,
    ...changed.map(({ outcome, reason, sourceRows, focusRows }) =>
      outcome === 'added' ? `  added ${count(focusRows)}: ${reason}` : `  ${outcome} ${count(sourceRows)}: ${reason}`,
    ),
    ...unit.warnings.map((warning) => `  warning: ${warning}`),
  ]
}

function describeLastRun(run: RunRecord | undefined): string[] {
  if (run === undefined) return []
  const failed = run.units.filter(({ result }) => result === 'failed')
  return [
    '',
    `Last run ${run.runId}: ${run.outcome}, ${run.seconds.toFixed(1)} s`,
    ...failed.map(({ source, period, detail }) => `  failed ${source} ${period}: ${detail.split('\n')[0]}`),
    ...(run.allocation?.failed === undefined ? [] : [`  not allocated: ${run.allocation.failed.split('\n')[0]}`]),
    ...(run.allocation?.months ?? [])
      .filter(({ result }) => result === 'failed')
      .map(({ period, detail }) => `  not allocated ${period}: ${detail.split('\n')[0]}`),
    ...run.failedSources.map(({ source, detail }) => `  failed ${source}: ${detail.split('\n')[0]}`),
  ]
}
