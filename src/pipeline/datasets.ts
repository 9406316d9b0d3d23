import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { openSession, quoteIdentifier, type Session } from '../core/duckdb.ts'
import { schemaId } from '../core/focus-structure.ts'
import { focusSchema, focusVersions, type FocusVersion } from '../core/focus.ts'
import { measure } from '../sinks/measure.ts'
import { readJson, writeJson, type Partition, type PartitionFile } from '../sinks/sink.ts'
import { datasetFolder, makeDataset, otherDatasets } from '../transforms/datasets/make.ts'
import { projectFocus } from '../transforms/projection/project.ts'
import { checkRows } from './check-rows.ts'
import type { RunContext } from './context.ts'
import { costAndUsage, writeMetadata } from './metadata.ts'
import { writePartitionFile } from './partition-file.ts'
import { replacePartition } from './replace-partition.ts'
import { scratchFolder } from './scratch.ts'
import { readUnits, type CheckSummary, type UnitRecord } from './state.ts'

/** What is published of a dataset for a unit: `_focal/datasets/<dataset>/<source>/<period>.json` in the lake. */
export interface DatasetRecord {
  readonly dataset: string
  readonly source: string
  readonly period: string
  /** Counts up with every published version of the partition, from 1. */
  readonly version: number
  /** The version that was being put in place when a run died. */
  readonly publishing?: number
  readonly focusVersion: FocusVersion
  /** Checksum of the Cost and Usage partition that it was made from, and the state of its month then. */
  readonly from: { readonly sha256: string; readonly status: UnitRecord['status'] }
  readonly partition: PartitionFile
  readonly rows: number
  /** When the unit was first published. */
  readonly created: string
  /** Columns that FOCUS wants filled and that charges do not tell, with the rows in which they are null. */
  readonly unknown: readonly { readonly column: string; readonly rows: number }[]
  /** What FOCUS says of the rows; a column that charges do not tell breaks the rule that it must not be null. */
  readonly checks: CheckSummary
}

/**
 * Brings the other datasets of the configured FOCUS version (ContractCommitment from 1.3 on, InvoiceDetail and
 * BillingPeriod from 1.4 on) up to date with the published charges, unit by unit. What is up to date is not read.
 */
export async function publishDatasets(context: RunContext): Promise<void> {
  const { config, lake, signal } = context
  const datasets = otherDatasets(config.focusVersion)
  if (datasets.length === 0) return
  for (const unit of await readUnits(lake)) {
    // A month of another version, or one whose file is gone, is published again first.
    const charges = { dataset: costAndUsage.folder, period: unit.period, source: unit.source }
    const isThere = (await lake.partitionState(charges, unit.partition.bytes)) !== 'missing'
    if (unit.focusVersion !== config.focusVersion || !isThere) continue
    for (const dataset of datasets) {
      signal?.throwIfAborted()
      const known = await readJson<DatasetRecord>(lake, recordFile(dataset, unit))
      if (!(await isCurrent(context, dataset, unit, known))) await publishDataset(context, dataset, unit, known)
    }
  }
}

/** Brings the FOCUS metadata of every dataset up to date with what is published. */
export async function describeLake({ config, lake, runId, now }: RunContext): Promise<void> {
  const units = (await readUnits(lake)).filter(({ focusVersion }) => focusVersion === config.focusVersion)
  const others = otherDatasets(config.focusVersion).map((dataset) => ({ dataset, folder: datasetFolder(dataset) }))
  for (const name of [costAndUsage, ...others]) {
    await writeMetadata(lake, name, units, config.focusVersion, { runId, now: now() })
  }
}

function recordFile(dataset: string, { source, period }: UnitRecord): string {
  return `_focal/datasets/${datasetFolder(dataset)}/${source}/${period}.json`
}

function partitionOf(dataset: string, { source, period }: UnitRecord): Partition {
  return { dataset: datasetFolder(dataset), period, source }
}

async function isCurrent(
  { lake }: RunContext,
  dataset: string,
  unit: UnitRecord,
  known: DatasetRecord | undefined,
): Promise<boolean> {
  if (known === undefined || known.publishing !== undefined) return false
  if (known.focusVersion !== unit.focusVersion || known.from.sha256 !== unit.partition.sha256) return false
  if (known.from.status !== unit.status) return false
  return (await lake.partitionState(partitionOf(dataset, unit), known.partition.bytes)) === 'as published'
}

async function publishDataset(
  context: RunContext,
  dataset: string,
  unit: UnitRecord,
  known: DatasetRecord | undefined,
): Promise<void> {
  const { config, lake, runId } = context
  const partition = partitionOf(dataset, unit)
  const aside = await lake.asidePath(runId, partition)
  const created = known?.created ?? unit.superseded.at(-1)?.publishedAt ?? unit.publishedAt
  const facts = await writeRows(context, dataset, unit, { created, aside })
  const record: DatasetRecord = {
    dataset,
    source: unit.source,
    period: unit.period,
    version: (known?.version ?? 0) + 1,
    focusVersion: unit.focusVersion,
    from: { sha256: unit.partition.sha256, status: unit.status },
    partition: await measure(aside, partition),
    created,
    ...facts,
  }
  await replacePartition(lake, {
    partition,
    aside,
    record,
    last: known,
    isThere: (await lake.partitionState(partition, known?.partition.bytes ?? 0)) === 'as published',
    write: (written) => writeJson(lake, recordFile(dataset, unit), written),
    historyVersions: config.historyVersions,
  })
}

async function writeRows(
  context: RunContext,
  dataset: string,
  unit: UnitRecord,
  { created, aside }: { created: string; aside: string },
): Promise<Pick<DatasetRecord, 'rows' | 'unknown' | 'checks'>> {
  const { config, lake, runId, signal } = context
  const [file] = await lake.readable([unit.partition.path])
  const scratch = path.join(scratchFolder(config), runId, `${unit.source}-${unit.period}-${datasetFolder(dataset)}`)
  await mkdir(scratch, { recursive: true })
  const session = await openSession({ ...config.engine, tempDirectory: scratch, signal })
  try {
    await session.set('partition_file', file ?? '')
    await session.run(
      "CREATE VIEW published AS SELECT * FROM read_parquet(getvariable('partition_file'), hive_partitioning = false)",
    )
    const newest = focusVersions[focusVersions.length - 1] ?? unit.focusVersion
    await projectFocus(session, { relation: 'published', view: 'charges', version: newest })
    await makeDataset(session, dataset, unit.focusVersion, { created, updated: unit.publishedAt, status: unit.status })
    await session.run('SET threads = 1')
    const metadata = {
      focal_source: unit.source,
      focus_version: unit.focusVersion,
      focus_schema_id: schemaId(unit.focusVersion, dataset),
    }
    await writePartitionFile(session, 'FROM dataset_rows', aside, { metadata, scratchDirectory: scratch, signal })
    const { checks } = await checkRows(session, 'dataset_rows', unit.focusVersion, dataset)
    return { ...(await countUnknown(session, dataset, unit.focusVersion)), checks }
  } finally {
    session.close()
    await rm(scratch, { recursive: true, force: true })
  }
}

/** Rows in which a column is null that FOCUS wants filled, for the columns where there are such rows. */
async function countUnknown(session: Session, dataset: string, version: FocusVersion) {
  const wanted = (focusSchema(version).datasets[dataset] ?? []).filter(({ nullable }) => !nullable)
  const counts = wanted.map(({ id }) => `count(*) FILTER (${quoteIdentifier(id)} IS NULL) AS ${quoteIdentifier(id)}`)
  const [row = {}] = await session.rows<Record<string, string>>(
    `SELECT count(*) AS "rows", ${counts.join(', ')} FROM dataset_rows`,
  )
  return {
    rows: Number(row['rows']),
    unknown: wanted.flatMap(({ id }) => (Number(row[id]) > 0 ? [{ column: id, rows: Number(row[id]) }] : [])),
  }
}
