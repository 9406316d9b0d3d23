import { randomUUID } from 'node:crypto'
import type { BigQuery } from '@google-cloud/bigquery'
import type { Connection } from './connection.ts'
import { isDuplicate } from './errors.ts'
import type { Field, RestRow } from './fields.ts'
import type { ExportTable } from './table.ts'

/** A query that BigQuery has been given; its result stays there for a day. */
export interface QueryJob {
  readonly id: string
  readonly location: string | undefined
}

export interface Page {
  readonly fields: readonly Field[]
  readonly rows: readonly RestRow[]
  readonly totalRows: number
}

/** About 15 MB, which is as much as BigQuery gives at once anyway; more would be held in memory several times over. */
const rowsPerPage = 10_000

/** BigQuery bills no query for less. */
const leastBilled = 10 * 1024 * 1024

/** Starts a query that is refused, by BigQuery itself, when it would bill more than `maxBytes`. */
export async function startQuery(
  sql: string,
  table: ExportTable,
  connection: Connection,
  maxBytes: number,
): Promise<QueryJob> {
  // Named here: a request that is made again, as its answer was lost, must not start a second query.
  const jobId = `focal-${randomUUID()}`
  const job = { id: jobId, location: table.location }
  await connection.ask(attempt(table, connection), async (client) => {
    const maximumBytesBilled = String(Math.max(maxBytes, leastBilled))
    const place = table.location === undefined ? {} : { location: table.location }
    const query = { query: sql, useLegacySql: false, maximumBytesBilled, jobId, ...place }
    await client.createQueryJob(query).catch((error: unknown) => {
      if (!isDuplicate(error)) throw error
    })
  })
  return job
}

/** How many bytes the query would read; asks BigQuery's planner, reads and bills nothing. */
export async function measureQuery(sql: string, table: ExportTable, connection: Connection): Promise<number> {
  return connection.ask(attempt(table, connection), async (client) => {
    const place = table.location === undefined ? {} : { location: table.location }
    const [job] = await client.createQueryJob({ query: sql, useLegacySql: false, dryRun: true, ...place })
    const { statistics } = job.metadata as { statistics?: { totalBytesProcessed?: string } }
    return Number(statistics?.totalBytesProcessed ?? 0)
  })
}

/** Rows of a result from row `start` on, as many as BigQuery puts into one answer. Waits until the query is done. */
export async function readPage(
  job: QueryJob,
  start: number,
  table: ExportTable,
  connection: Connection,
): Promise<Page> {
  for (;;) {
    connection.signal?.throwIfAborted()
    const answer = await connection.ask(attempt(table, connection), (client) => requestPage(client, job, start))
    if (answer.jobComplete === true) {
      return { fields: answer.schema?.fields ?? [], rows: answer.rows ?? [], totalRows: Number(answer.totalRows ?? 0) }
    }
  }
}

interface ResultAnswer {
  readonly jobComplete?: boolean
  readonly schema?: { readonly fields?: readonly Field[] }
  readonly rows?: readonly RestRow[]
  readonly totalRows?: string
}

/** The client's own method turns texts into numbers and dates; money has to stay the text that it is. */
function requestPage(client: BigQuery, { id, location }: QueryJob, startIndex: number): Promise<ResultAnswer> {
  const qs = {
    startIndex,
    maxResults: rowsPerPage,
    location,
    'formatOptions.useInt64Timestamp': true,
    timeoutMs: 10_000,
  }
  return new Promise((resolve, reject) => {
    client.request({ uri: `/queries/${id}`, qs }, (error: Error | null, answer: ResultAnswer) =>
      error ? reject(error) : resolve(answer),
    )
  })
}

function attempt(table: ExportTable, connection: Connection) {
  return { table: table.id, project: connection.project, permission: 'bigquery.jobs.create' }
}
