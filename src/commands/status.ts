import { exitCode } from '../core/errors.ts'
import { readAllocations, type AllocationRecord } from '../pipeline/allocate-record.ts'
import { describeFreshness, freshnessOf, type Freshness } from '../pipeline/freshness.ts'
import { readTold } from '../pipeline/notices/state.ts'
import { readLastRun, readUnits, type RunRecord, type UnitRecord } from '../pipeline/state.ts'
import { describeAllocations } from './allocate/describe-status.ts'
import { configured } from './configured.ts'
import { count, money, table } from './table.ts'
import type { Terminal } from './terminal.ts'

/** `focal status`: every published unit and how the last run went. */
export async function status(options: { config: string; json?: boolean }, terminal: Terminal): Promise<number> {
  const { config, lake } = await configured(options.config, terminal)
  const units = await readUnits(lake)
  const freshness = freshnessOf(units, config.sources, terminal.now())
  const waiting = (await readTold(lake)).open.length
  const allocations = [...(await readAllocations(lake, 'allocated')), ...(await readAllocations(lake, 'restated'))]
  const lastRun = await readLastRun(lake)
  terminal.stdout.write(
    `${options.json ? JSON.stringify({ units, allocations, freshness, noticesWaiting: waiting, lastRun }, null, 2) : describe({ units, allocations, freshness, waiting, lastRun })}\n`,
  )
  return exitCode.done
}

interface LakeStatus {
  readonly units: readonly UnitRecord[]
  readonly allocations: readonly AllocationRecord[]
  readonly freshness: readonly Freshness[]
  /** Notices in the outbox. */
  readonly waiting: number
  readonly lastRun: RunRecord | undefined
}

function describe({ units, allocations, freshness, waiting, lastRun }: LakeStatus): string {
  if (units.length === 0) return 'Nothing is published yet: `focal run` does it.'
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
    ...(waiting === 0 ? [] : [`notices: ${count(waiting)} could not be sent yet (focal notify send)`]),
    ...(allocations.length > 0 ? ['', describeAllocations(allocations)] : []),
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
