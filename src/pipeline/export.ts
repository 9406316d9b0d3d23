import { mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { trimZeros } from '../core/decimal.ts'
import { openSession, quoteText, type EngineOptions, type Session } from '../core/duckdb.ts'
import { DataError } from '../core/errors.ts'
import { schemaId } from '../core/focus-structure.ts'
import type { FocusVersion } from '../core/focus.ts'
import type { Sink } from '../sinks/sink.ts'
import { projectFocus, type Projection } from '../transforms/projection/project.ts'
import type { UnitRecord } from './state.ts'

export type ExportFormat = 'parquet' | 'csv' | 'csv.gz'

export interface ExportRequest {
  readonly version: FocusVersion
  readonly format: ExportFormat
  /** An absolute folder. */
  readonly output: string
}

export interface ExportedFile {
  /** Relative to the folder. */
  readonly path: string
  readonly unit: UnitRecord
  readonly projection: Projection
}

/** Times as FOCUS writes them; a missing value is nothing between the commas. */
const csv = "FORMAT csv, HEADER, TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%SZ'"

function copyOptions(format: ExportFormat, version: FocusVersion): string {
  if (format === 'csv') return csv
  if (format === 'csv.gz') return `${csv}, COMPRESSION gzip`
  const about = `focus_version: ${quoteText(version)}, focus_schema_id: ${quoteText(schemaId(version))}`
  return `FORMAT parquet, COMPRESSION zstd, KV_METADATA {${about}}`
}

/**
 * Writes one published unit in a FOCUS version, aside and then in place, and proves that its costs are those that were
 * published. DataError when the partition is gone, or the sums differ.
 */
export async function exportUnit(
  lake: Sink,
  unit: UnitRecord,
  { version, format, output }: ExportRequest,
  engine: EngineOptions,
): Promise<ExportedFile> {
  const [partition] = await lake.readable([unit.partition.path])
  if (partition === undefined) {
    throw new DataError('the partition is missing from the lake', {
      where: { source: unit.source, period: unit.period, file: unit.partition.path },
      hint: 'Run `focal run`: it publishes the month again.',
    })
  }
  const name = path.join(`billing_period=${unit.period}`, `source=${unit.source}`, `focus.${format}`)
  const target = path.join(output, name)
  await mkdir(path.dirname(target), { recursive: true })
  const session = await openSession(engine)
  try {
    await session.set('partition_file', partition)
    await session.run(
      "CREATE VIEW published AS SELECT * FROM read_parquet(getvariable('partition_file'), hive_partitioning = false)",
    )
    const projection = await projectFocus(session, { relation: 'published', view: 'projected', version })
    // One thread, so that the rows stay in their order.
    await session.run('SET threads = 1')
    await session.run(`COPY (FROM projected) TO ${quoteText(`${target}.tmp`)} (${copyOptions(format, version)})`)
    await refuseOtherTotals(session, unit, `${target}.tmp`, format)
    await rename(`${target}.tmp`, target)
    return { path: name, unit, projection }
  } finally {
    session.close()
    await rm(`${target}.tmp`, { force: true })
  }
}

/** The file is read back: what was published is what was exported, to the last digit. */
async function refuseOtherTotals(session: Session, unit: UnitRecord, file: string, format: ExportFormat) {
  await session.set('exported_file', file)
  const relation =
    format === 'parquet'
      ? "read_parquet(getvariable('exported_file'))"
      : `read_csv(getvariable('exported_file'), all_varchar = true, header = true, delim = ',', quote = '"', escape = '"'${format === 'csv.gz' ? ", compression = 'gzip'" : ''})`
  const sums = await session.rows<{ currency: string; rows: string; billed: string; effective: string }>(`
    SELECT BillingCurrency AS currency, count(*) AS rows, sum(BilledCost::DECIMAL(38, 18)) AS billed,
      sum(EffectiveCost::DECIMAL(38, 18)) AS effective
    FROM ${relation} GROUP BY BillingCurrency ORDER BY BillingCurrency`)
  const exported = sums.map(({ currency, rows, billed, effective }) =>
    [currency, rows, trimZeros(billed), trimZeros(effective)].join(' '),
  )
  const published = unit.totals.map(({ currency, rows, billedCost, effectiveCost }) =>
    [currency, rows, trimZeros(billedCost), trimZeros(effectiveCost)].join(' '),
  )
  if (exported.join('; ') === published.join('; ')) return
  throw new DataError(
    `the export does not tie with what was published: ${published.join('; ')} in the record, ${exported.join('; ')} exported`,
    {
      where: { source: unit.source, period: unit.period },
      hint: 'Was the partition changed by hand? Run `focal run --full`, and export again.',
    },
  )
}
