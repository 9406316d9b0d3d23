import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import type { BillingSource, Delivery, LocalFile } from '../connectors/connector.ts'
import { openSession, type Session } from '../core/duckdb.ts'
import { FocalError } from '../core/errors.ts'
import { schemaId } from '../core/focus-structure.ts'
import { measure } from '../sinks/measure.ts'
import type { Partition } from '../sinks/sink.ts'
import { explainReadFailure } from '../transforms/read-failure.ts'
import type { Transform } from '../transforms/transform.ts'
import { compareColumns } from './columns.ts'
import { checkRows } from './check-rows.ts'
import {
  readAccounting,
  readWarnings,
  refuseBrokenIdentities,
  refuseProblems,
  refuseWrongTotals,
} from './conservation.ts'
import type { RunContext, SourceUnit } from './context.ts'
import { readDataUntil } from './data-until.ts'
import type { Engine } from './engine-room.ts'
import type { UnitStep } from './events.ts'
import { replacePartition } from './replace-partition.ts'
import { scratchFolder } from './scratch.ts'
import { readSettlement, type Settlement } from './settlement.ts'
import { writeUnit, type CurrencyTotals, type UnitRecord } from './state.ts'
import { writeRows } from './write-rows.ts'

const dataset = 'focus'

/** The files of a unit where they can be read, and since when they were brought. */
export interface BroughtUnit {
  readonly unit: SourceUnit
  readonly files: readonly LocalFile[]
  readonly started: Date
}

/** Brings the files of a delivery. */
export async function bringUnit(context: RunContext, unit: SourceUnit): Promise<BroughtUnit> {
  const started = context.now()
  const files = await fetchFiles(context, unit.origin, unit.source.name, unit.delivery)
  context.signal?.throwIfAborted()
  tellStep(context, unit, 'fetched')
  return { unit, files, started }
}

function tellStep({ report }: RunContext, { source, delivery }: SourceUnit, step: UnitStep): void {
  report({ type: 'unit-step', source: source.name, period: delivery.period, step })
}

/**
 * Makes the FOCUS rows of one delivery, proves them, and puts them in place of the partition's last version. Nothing in
 * the lake changes before every check has passed. Throws typed errors with the unit's place.
 */
export async function publishUnit(
  context: RunContext,
  { unit, files, started }: BroughtUnit,
  engine: Engine,
): Promise<UnitRecord> {
  const { config, lake, runId, signal } = context
  const { source, delivery } = unit
  const scratchDirectory = path.join(scratchFolder(config), runId, `${source.name}-${delivery.period}`)
  const tell = (name: UnitStep) => tellStep(context, unit, name)
  const step = (name: UnitStep) => {
    signal?.throwIfAborted()
    tell(name)
  }
  context.report({ type: 'unit-begun', source: source.name, period: delivery.period })
  await mkdir(scratchDirectory, { recursive: true })
  try {
    const partition: Partition = { dataset, period: delivery.period, source: source.name }
    const aside = await lake.asidePath(runId, partition)
    const session = await openSession({ ...engine, tempDirectory: path.join(scratchDirectory, 'spill'), signal })
    let facts: RowFacts
    try {
      facts = await makeRows(session, unit, {
        files,
        scratchDirectory,
        aside,
        version: config.focusVersion,
        signal,
        step,
      })
    } catch (error) {
      // Transforms explain what befalls their reading; the engine may run out of memory or disk anywhere else.
      throw error instanceof Error && !(error instanceof FocalError) ? explainReadFailure(error, files) : error
    } finally {
      session.close()
    }
    await refuseChanged(unit)
    const file = await measure(aside, partition)
    const record: UnitRecord = {
      source: source.name,
      period: delivery.period,
      version: (unit.published?.version ?? 0) + 1,
      focusVersion: config.focusVersion,
      delivery: {
        id: delivery.id,
        fingerprint: delivery.fingerprint,
        layout: delivery.layout,
        files: delivery.files.map(({ key, size, version }) => ({ key, size, version })),
      },
      transform: unit.transformPrint,
      partition: file,
      ...facts,
      runId,
      publishedAt: context.now().toISOString(),
      seconds: (context.now().getTime() - started.getTime()) / 1000,
      superseded: superseded(unit.published).slice(0, config.historyVersions),
    }
    // From here an abort comes too late: the month is put in place and recorded together.
    signal?.throwIfAborted()
    await replacePartition(lake, {
      partition,
      aside,
      record,
      last: unit.published,
      isThere: unit.partition === 'as published',
      write: (written) => writeUnit(lake, written),
      historyVersions: config.historyVersions,
      told: tell,
    })
    return record
  } finally {
    await rm(scratchDirectory, { recursive: true, force: true })
  }
}

/** Files that lie in a local folder are read where they are: RetryableError when one is another by now. */
async function refuseChanged({ origin, delivery }: SourceUnit): Promise<void> {
  await origin.fetch(delivery)
}

async function fetchFiles({ report }: RunContext, origin: BillingSource, source: string, delivery: Delivery) {
  const total = delivery.files.reduce((sum, { size }) => sum + size, 0)
  let bytes = 0
  return origin.fetch(delivery, (more) => {
    bytes += more
    report({ type: 'unit-bytes', source, period: delivery.period, bytes, total })
  })
}

type RowFacts = Pick<
  UnitRecord,
  'rows' | 'totals' | 'dataUntil' | 'accounting' | 'controls' | 'checks' | 'warnings' | keyof Settlement
>

interface RowWork {
  readonly files: readonly { path: string; name: string }[]
  readonly scratchDirectory: string
  readonly aside: string
  readonly version: UnitRecord['focusVersion']
  readonly signal: AbortSignal | undefined
  readonly step: (name: UnitStep) => void
}

/** Source files → a checked Parquet file aside, and what is to be known of it. */
async function makeRows(session: Session, unit: SourceUnit, work: RowWork): Promise<RowFacts> {
  const { delivery, source, transform } = unit
  const explain = await prepare(transform, session, unit, work)
  try {
    const columns = await compareColumns(session, work.version)
    work.step('staged')
    await refuseProblems(session)
    await refuseBrokenIdentities(session)
    await writeRows(session, {
      columns,
      target: work.aside,
      metadata: {
        focal_source: source.name,
        focal_delivery: delivery.fingerprint,
        focus_version: work.version,
        focus_schema_id: schemaId(work.version),
      },
      scratchDirectory: work.scratchDirectory,
      signal: work.signal,
    })
    work.step('written')
    await session.set('partition_file', work.aside)
    await session.run("CREATE VIEW made AS SELECT * FROM read_parquet(getvariable('partition_file'))")
    const accounting = await readAccounting(session)
    const controls = await refuseWrongTotals(session, accounting)
    const { checks, warnings } = await checkRows(session, 'made', work.version)
    work.step('checked')
    const totals = await sumCosts(session)
    // FOCUS before 1.2 has no InvoiceId: the file does not tell.
    const invoiced = columns.some(({ name }) => name === 'InvoiceId') ? 'made' : 'focus'
    return {
      rows: totals.reduce((sum, { rows }) => sum + rows, 0),
      totals,
      ...(await readDataUntil(session)),
      accounting,
      controls,
      checks,
      warnings: [...(await readWarnings(session)), ...warnings],
      ...(await readSettlement(session, invoiced, delivery.period, transform.settlingDays, unit.today)),
    }
  } catch (error) {
    throw await explain(error)
  }
}

async function prepare(transform: Transform, session: Session, unit: SourceUnit, work: RowWork) {
  return transform.prepare(session, {
    period: unit.delivery.period,
    files: work.files,
    columns: unit.delivery.columns,
    declaredVersion: unit.delivery.declaredVersion,
    scratchDirectory: work.scratchDirectory,
    options: unit.source.options,
  })
}

async function sumCosts(session: Session): Promise<CurrencyTotals[]> {
  const rows = await session.rows<Omit<CurrencyTotals, 'rows'> & { rows: string }>(`
    SELECT BillingCurrency AS currency, count(*) AS rows,
      sum(BilledCost) AS "billedCost", sum(EffectiveCost) AS "effectiveCost",
      sum(ListCost) AS "listCost", sum(ContractedCost) AS "contractedCost"
    FROM made GROUP BY BillingCurrency ORDER BY BillingCurrency`)
  return rows.map((row) => ({ ...row, rows: Number(row.rows) }))
}

function superseded(published: UnitRecord | undefined): UnitRecord['superseded'] {
  if (published === undefined) return []
  const { version, delivery, publishedAt, rows, totals, dataUntil } = published
  return [
    {
      version,
      deliveryId: delivery.id,
      fingerprint: delivery.fingerprint,
      publishedAt,
      rows,
      totals,
      ...(dataUntil !== undefined && { dataUntil }),
    },
    ...published.superseded,
  ]
}
