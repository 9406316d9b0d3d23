import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { openSession, quoteIdentifier, type Session } from '../core/duckdb.ts'
import { RetryableError } from '../core/errors.ts'
import type { Period } from '../core/period.ts'
import { readBeside } from '../core/sql.ts'
import { measure } from '../sinks/measure.ts'
import type { Partition, PartitionFile } from '../sinks/sink.ts'
import { inOrder, prepareAllocation } from '../transforms/allocation/allocate.ts'
import type { Rules } from './allocate-inputs.ts'
import { proveParts } from './allocate-proof.ts'
import {
  readAllocation,
  writeAllocation,
  type AllocationDataset,
  type AllocationRecord,
  type Resting,
} from './allocate-record.ts'
import type { RunContext } from './context.ts'
import type { Engine } from './engine-room.ts'
import { writePartitionFile } from './partition-file.ts'
import { replacePartition } from './replace-partition.ts'
import { scratchFolder } from './scratch.ts'
import type { CurrencyTotals, UnitRecord } from './state.ts'

/** A billing period to allocate: what every source has published of it. */
export interface Month {
  readonly period: Period
  readonly units: readonly UnitRecord[]
  readonly dataset: AllocationDataset
  readonly fingerprint: string
}

/** A unit's parts, written aside and proven. */
interface Made {
  readonly unit: UnitRecord
  readonly partition: Partition
  readonly aside: string
  readonly file: PartitionFile
  readonly facts: Pick<AllocationRecord, 'totals' | 'proof' | 'resting'>
}

/**
 * Allocates a month over all its sources and puts the partitions in place. Nothing in the lake changes before the
 * parts of every charge of every source are proven to sum to it. A partition whose bytes stay is not published again.
 */
export async function allocateMonth(
  context: RunContext,
  rules: Rules,
  month: Month,
  engine: Engine,
): Promise<AllocationRecord[]> {
  const scratch = path.join(scratchFolder(context.config), context.runId, `${month.dataset}-${month.period}`)
  await mkdir(scratch, { recursive: true })
  try {
    const made = await makeParts(context, rules, month, { scratch, engine })
    context.signal?.throwIfAborted()
    const records: AllocationRecord[] = []
    for (const one of made) records.push(await putInPlace(context, rules, month, one))
    return records
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function makeParts(
  context: RunContext,
  { ruleSet }: Rules,
  month: Month,
  { scratch, engine }: { readonly scratch: string; readonly engine: Engine },
): Promise<Made[]> {
  const { lake, runId, signal } = context
  const session = await openSession({ ...engine, tempDirectory: path.join(scratch, 'spill'), signal })
  try {
    const origins = await openCharges(session, context, month)
    await prepareAllocation(session, { ruleSet, period: month.period, charges: 'charges' })
    const list = (await partitionColumns(session)).map(quoteIdentifier).join(', ')
    const made: Made[] = []
    for (const [at, unit] of month.units.entries()) {
      const partition: Partition = { dataset: month.dataset, period: month.period, source: unit.source }
      const aside = await lake.asidePath(runId, partition)
      const metadata = { focal_source: unit.source, focal_rules: ruleSet.print, focus_version: unit.focusVersion }
      // In an order that the rows alone decide, by one thread: the same inputs give the same bytes.
      await inOrder(session, unit.source, (parts) =>
        writePartitionFile(session, `SELECT ${list} FROM ${parts}`, aside, {
          metadata,
          scratchDirectory: scratch,
          signal,
        }),
      )
      const proof = await proveParts(session, origins[at] ?? '', aside, { source: unit.source, period: month.period })
      made.push({
        unit,
        partition,
        aside,
        file: await measure(aside, partition),
        facts: await readFacts(session, proof),
      })
    }
    return made
  } finally {
    session.close()
  }
}

/** Leaves `charges` in the session and gives the units' files, in their order. RetryableError when one is gone. */
export async function openCharges(
  session: Session,
  { lake }: Pick<RunContext, 'lake'>,
  { units }: Pick<Month, 'units'>,
): Promise<string[]> {
  const found = await lake.readable(units.map(({ partition }) => partition.path))
  const files = found.filter((file) => file !== undefined)
  if (files.length < units.length) {
    const missing = units[found.indexOf(undefined)]
    throw new RetryableError('a partition is missing from the lake', {
      where: { source: missing?.source ?? '', period: missing?.period ?? '', file: missing?.partition.path ?? '' },
      hint: 'Run `focal run` first: it makes the partition again.',
    })
  }
  await session.set('focus_files', files)
  await session.set('focus_versions', new Map(units.map(({ source, version }) => [source, String(version)])))
  await session.run(readBeside(import.meta.url, 'allocate-charges.sql'))
  return files
}

/** The columns of a partition, in order: all that was made, but for what the folders of the lake say. */
async function partitionColumns(session: Session): Promise<string[]> {
  const described = await session.rows<{ column_name: string }>('DESCRIBE allocated')
  return described.map(({ column_name }) => column_name).filter((name) => !['source', 'billing_period'].includes(name))
}

/** Of the file that `parts_file` names, which the proof has just read. */
async function readFacts(session: Session, proof: AllocationRecord['proof']): Promise<Made['facts']> {
  await session.run("CREATE OR REPLACE VIEW made_parts AS SELECT * FROM read_parquet(getvariable('parts_file'))")
  const totals = await session.rows<Omit<CurrencyTotals, 'rows'> & { rows: string }>(`
    SELECT BillingCurrency AS currency, count(*) AS rows,
      sum(BilledCost) AS "billedCost", sum(EffectiveCost) AS "effectiveCost",
      sum(ListCost) AS "listCost", sum(ContractedCost) AS "contractedCost"
    FROM made_parts GROUP BY BillingCurrency ORDER BY BillingCurrency`)
  const resting = await session.rows<Omit<Resting, 'rows'> & { rows: string }>(
    readBeside(import.meta.url, 'allocate-facts.sql'),
  )
  return { totals: totals.map(counted), proof, resting: resting.map(counted) }
}

function counted<Row extends { rows: string }>(row: Row) {
  return { ...row, rows: Number(row.rows) }
}

/** A partition whose bytes stay is no new version; what is recorded of it may still be new. */
async function putInPlace(context: RunContext, rules: Rules, month: Month, made: Made): Promise<AllocationRecord> {
  const { config, lake } = context
  const { unit, partition, file } = made
  const published = await readAllocation(lake, month.dataset, unit.source, month.period)
  const there = await lake.partitionState(partition, published?.partition.bytes ?? 0)
  const whole = published !== undefined && published.publishing === undefined && there === 'as published'
  const same = whole && published.partition.sha256 === file.sha256
  const record: AllocationRecord = {
    dataset: month.dataset,
    source: unit.source,
    period: month.period,
    version: same ? published.version : (published?.version ?? 0) + 1,
    fingerprint: month.fingerprint,
    ruleSet: rules.print,
    focus: { version: unit.version, sha256: unit.partition.sha256 },
    partition: file,
    ...made.facts,
    runId: context.runId,
    allocatedAt: context.now().toISOString(),
    superseded: same ? published.superseded : superseded(published).slice(0, config.historyVersions),
  }
  const { historyVersions } = config
  const write = (written: AllocationRecord) => writeAllocation(lake, written)
  if (same) {
    await write(record)
    await lake.trimHistory(partition, historyVersions)
  } else {
    const isThere = there === 'as published'
    await replacePartition(lake, {
      partition,
      aside: made.aside,
      record,
      last: published,
      isThere,
      write,
      historyVersions,
    })
  }
  return record
}

function superseded(published: AllocationRecord | undefined): AllocationRecord['superseded'] {
  if (published === undefined) return []
  const { version, ruleSet, focus, allocatedAt } = published
  return [{ version, ruleSet, focus, allocatedAt }, ...published.superseded]
}
