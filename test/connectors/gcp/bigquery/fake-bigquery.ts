import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openSession, quoteIdentifier } from '../../../../src/core/duckdb.ts'
import { duckdbType, type Field } from '../../../../src/connectors/gcp/bigquery/fields.ts'
import { detailedExport } from './detailed-export.ts'
import { startRest, type RestFault, type RestTable } from './fake-rest.ts'
import { startStorage, type StorageFault } from './fake-storage.ts'

/**
 * A BigQuery on loopback that holds one table, `acme.billing.export`, in DuckDB, and misbehaves on demand. What it
 * is asked is run, conditions included, so that a wrong condition gives wrong rows.
 */
export interface FakeBigQuery {
  readonly env: Record<string, string>
  /** Runs SQL on the table `export`. */
  run(sql: string, values?: Record<string, number>): Promise<void>
  /** Each is used once, by the first request that it fits, in the order given. */
  fail(...faults: (RestFault | StorageFault)[]): void
  /** What was asked since the last call. */
  requests(): string[]
  /** Rows in an answer to a query. */
  setPageSize(rows: number): void
  forgetSessions(): void
  close(): Promise<void>
}

export interface FakeOptions {
  readonly fields?: readonly Field[]
  /** Said of the table, beside its fields. */
  readonly metadata?: Record<string, unknown>
  /** What is said of tables beside it, by name; `run` creates them. */
  readonly others?: Readonly<Record<string, RestTable>>
  readonly streams?: number
  readonly batchSize?: number
  readonly estimatedBytes?: number
}

export async function startFakeBigQuery(options: FakeOptions = {}): Promise<FakeBigQuery> {
  const {
    fields = detailedExport,
    metadata = {},
    streams = 2,
    batchSize = 100,
    estimatedBytes = 1_000_000,
    others = {},
  } = options
  const folder = await mkdtemp(path.join(tmpdir(), 'focal-bigquery-'))
  const session = await openSession({ memoryLimit: '4GB', threads: 2, tempDirectory: folder })
  const columns = fields.map((field) => `${quoteIdentifier(field.name ?? '')} ${duckdbType(field)}`)
  await session.run(`
    CREATE TABLE export (${columns.join(', ')}, _PARTITIONTIME TIMESTAMP WITH TIME ZONE);
    CREATE MACRO FORMAT_TIMESTAMP(format, moment) AS
      strftime(moment, replace(replace(format, '%E6S', '%S.%f'), '%M', '%M'));
    CREATE MACRO TO_JSON_STRING(given) AS coalesce(to_json(given)::VARCHAR, 'null')`)

  const log: string[] = []
  const say = (line: string) => void log.push(line)
  const restFaults: RestFault[] = []
  const storageFaults: StorageFault[] = []
  let pageSize = 1000
  const rest = await startRest({
    session,
    table: { fields, metadata: { timePartitioning: { type: 'DAY' }, ...metadata } },
    others,
    pageSize: () => pageSize,
    dryRunBytes: estimatedBytes,
    log: say,
    faults: restFaults,
  })
  const storage = await startStorage({
    session,
    folder,
    streams,
    batchSize,
    estimatedBytes,
    log: say,
    faults: storageFaults,
  })

  return {
    env: { BIGQUERY_EMULATOR_HOST: rest.endpoint, BIGQUERY_STORAGE_EMULATOR_HOST: storage.address },
    run: (sql, values) => session.run(sql, values),
    fail(...faults) {
      for (const fault of faults) {
        if ('status' in fault) restFaults.push(fault)
        else storageFaults.push(fault)
      }
    },
    requests: () => log.splice(0),
    setPageSize(rows) {
      pageSize = rows
    },
    forgetSessions: storage.forgetSessions,
    async close() {
      storage.close()
      await rest.close()
      session.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
