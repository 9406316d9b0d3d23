import { onTestFinished } from 'vitest'
import { openSession } from '../../../../src/core/duckdb.ts'
import { FocalError } from '../../../../src/core/errors.ts'
import type { LocalFile } from '../../../../src/connectors/connector.ts'
import { openTable, type TableTuning } from '../../../../src/connectors/gcp/bigquery/index.ts'
import { tableOptions } from '../../../../src/connectors/gcp/bigquery/options.ts'
import { temporaryFolder } from '../../../stores/temporary-folder.ts'
import { insertRows } from './detailed-export.ts'
import { startFakeBigQuery, type FakeOptions } from './fake-bigquery.ts'

// The client library would look for Google's metadata server, and warn that there is none.
process.env['METADATA_SERVER_DETECTION'] = 'none'

export const tableId = 'acme.billing.gcp_billing_export_resource_v1_01AB_CD'

/** Small parts, and waits that no test notices. */
const tuning: TableTuning = {
  retry: { attempts: 3, baseDelayMs: 1, maxDelayMs: 1, longestWaitMs: 1000 },
  idleMs: 10_000,
  rowsPerPart: 300,
  bytesPerPart: 1 << 20,
}

/** A fake BigQuery that holds `rows` rows, nine of ten in 2025-11, and a way to open the table as another run would. */
export async function bench(rows: number, options: FakeOptions = {}) {
  const fake = await startFakeBigQuery(options)
  onTestFinished(() => fake.close())
  if (rows > 0) await fake.run(insertRows, { rows })
  const cacheDirectory = temporaryFolder()
  const notices: string[] = []

  async function open(given: Record<string, unknown> = {}, more: Partial<TableTuning> = {}, signal?: AbortSignal) {
    const context = {
      cacheDirectory,
      baseDirectory: cacheDirectory,
      env: fake.env,
      signal,
      notice: (line: string) => void notices.push(line),
    }
    return openTable(tableOptions.parse({ table: tableId, ...given }), context, { ...tuning, ...more })
  }

  /** All of 2025-11 by a source opened anew, and what was told of bytes. */
  async function fetchNovember(given: Record<string, unknown> = {}, more: Partial<TableTuning> = {}) {
    const source = await open(given, more)
    const delivery = await source.delivery('2025-11')
    let told = 0
    const files = await source.fetch(delivery, (bytes) => {
      told += bytes
    })
    return { source, delivery, files, told }
  }
  return { fake, cacheDirectory, notices, open, fetchNovember }
}

/** Names of November's parts, without the table and month that they are below. */
export function partNames(files: readonly LocalFile[]): string[] {
  return files.map(({ name }) => name.replace(`${tableId}/invoice.month=202511/`, ''))
}

/** What a query over the fetched files gives; the relation is `files`. */
export async function queryFiles<Row>(files: readonly LocalFile[], sql: string): Promise<Row[]> {
  const session = await openSession({ memoryLimit: '1GB', threads: 1, tempDirectory: '/tmp' })
  try {
    await session.set(
      'paths',
      files.map((file) => file.path),
    )
    await session.run(
      "CREATE VIEW files AS SELECT * FROM read_parquet(getvariable('paths'), hive_partitioning => false)",
    )
    return await session.rows<Row>(sql)
  } finally {
    session.close()
  }
}

/** The error, which has to be one of focal's own: its kind, message, place and hint. */
export async function failure(work: Promise<unknown>) {
  try {
    await work
  } catch (error) {
    if (!(error instanceof FocalError)) throw error
    const { name, message, where, hint } = error
    return { name, message, where, hint }
  }
  throw new Error('nothing failed')
}
