import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Session } from '../../../../src/core/duckdb.ts'
import type { Field, RestRow, RestValue } from '../../../../src/connectors/gcp/bigquery/fields.ts'

export type RestAction = 'table' | 'dry run' | 'job' | 'rows'

export interface RestFault {
  readonly on: RestAction
  readonly status: number
  readonly reason: string
  readonly message?: string
  /** The connection is reset instead of an answer. */
  readonly reset?: boolean
  /** The request is carried out, and only its answer is lost. */
  readonly late?: boolean
  /** As many answers say that the query is still running. */
  readonly running?: boolean
}

export interface RestTable {
  readonly fields: readonly Field[]
  readonly metadata?: Record<string, unknown>
}

/** The result of a query, kept as a table of its own. */
interface Result {
  readonly name: string
  readonly totalRows: string
}

export interface RestOptions {
  readonly session: Session
  readonly table: RestTable
  /** Tables beside it, by name: what is said of them. */
  readonly others: Readonly<Record<string, RestTable>>
  readonly pageSize: () => number
  readonly dryRunBytes: number
  readonly log: (line: string) => void
  readonly faults: RestFault[]
}

/** BigQuery's REST interface, as far as reading a table takes it. Queries are run by DuckDB, in whose macros BigQuery's functions are. */
export async function startRest(options: RestOptions) {
  const { session, faults, log } = options
  const results = new Map<string, Result>()
  let queries = 0

  async function startJob(body: JobRequest, response: ServerResponse): Promise<void> {
    const { query, configuration } = { query: body.configuration.query.query, configuration: body.configuration }
    const action = configuration.dryRun ? 'dry run' : 'job'
    log(`${action} ${/^FROM.*$/m.exec(query)?.[0] ?? ''}`)
    const fault = takeFault(faults, action)
    if (fault && !fault.late) return sendFault(response, fault)
    const { jobReference } = body
    if (results.has(jobReference.jobId)) return sendFault(response, { on: 'job', status: 409, reason: 'duplicate' })
    const statistics = { totalBytesProcessed: String(options.dryRunBytes) }
    if (!configuration.dryRun) results.set(jobReference.jobId, await runQuery(session, query, ++queries))
    if (fault) return sendFault(response, fault)
    return sendJson(response, { jobReference, status: { state: 'DONE' }, statistics })
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://fake')
    const path = url.pathname.replace('/bigquery/v2/projects/', '')
    if (request.method === 'POST') {
      return startJob(JSON.parse(Buffer.concat(await request.toArray()).toString()) as JobRequest, response)
    }
    const [, job] = /\/queries\/(.+)$/.exec(path) ?? []
    const action = job === undefined ? 'table' : 'rows'
    const start = Number(url.searchParams.get('startIndex'))
    log(job === undefined ? `table ${path}` : `rows from ${start}`)
    const fault = takeFault(faults, action)
    if (fault?.running) return sendJson(response, { jobComplete: false })
    if (fault?.reset) return void request.socket.destroy()
    if (fault) return sendFault(response, fault)
    if (job === undefined) {
      const { fields, metadata } = options.others[path.split('/').at(-1) ?? ''] ?? options.table
      return sendJson(response, { type: 'TABLE', location: 'EU', schema: { fields }, ...metadata })
    }
    const result = results.get(job)
    if (result === undefined) return sendFault(response, { on: 'rows', status: 404, reason: 'notFound' })
    const page = await readResult(session, result, start, options.pageSize(), options.table.fields)
    return sendJson(response, { jobComplete: true, totalRows: result.totalRows, ...page })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

interface JobRequest {
  readonly configuration: { readonly query: { readonly query: string }; readonly dryRun?: boolean }
  readonly jobReference: { readonly jobId: string }
}

async function runQuery(session: Session, sql: string, number: number): Promise<Result> {
  const name = `result_${number}`
  const readable = sql
    .replaceAll(/`[\w.:-]+\.(\w+)`/g, (_id, table: string) => (/^(cud|cloud)_/.test(table) ? table : 'export'))
    .replaceAll('`', '"')
  await session.run(`CREATE TABLE ${name} AS ${readable}`)
  const [counted] = await session.rows<{ rows: string }>(`SELECT count(*) AS rows FROM ${name}`)
  return { name, totalRows: counted?.rows ?? '0' }
}

async function readResult(session: Session, { name }: Result, start: number, rows: number, known: readonly Field[]) {
  const page = await session.table(`SELECT * FROM ${name} LIMIT ${rows} OFFSET ${start}`)
  const fields = page.columns.map(
    (column) => known.find((field) => field.name === column) ?? { name: column, type: 'STRING' },
  )
  const rowOf = (row: unknown[]): RestRow => ({ f: fields.map((field, at) => ({ v: restValue(field, row[at]) })) })
  return { schema: { fields }, rows: page.rows.map(rowOf) }
}

/** A value of DuckDB's as BigQuery's REST interface writes it: every scalar as text, times as microseconds. */
function restValue(field: Field, value: unknown): RestValue {
  if (value === null || value === undefined) return field.mode === 'REPEATED' ? [] : null
  if (Array.isArray(value)) return value.map((item) => ({ v: restValue({ ...field, mode: 'NULLABLE' }, item) }))
  if (field.fields) {
    const named = value as Record<string, unknown>
    return { f: field.fields.map((part) => ({ v: restValue(part, named[part.name ?? '']) })) }
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  if (field.type !== 'TIMESTAMP') return text
  const [, second = '', fraction = ''] = /^(.{19})(?:\.(\d+))?/.exec(text) ?? []
  return String(BigInt(Date.parse(`${second.replace(' ', 'T')}Z`)) * 1000n + BigInt(fraction.padEnd(6, '0')))
}

function takeFault(faults: RestFault[], action: RestAction): RestFault | undefined {
  const index = faults.findIndex(({ on }) => on === action)
  return index === -1 ? undefined : faults.splice(index, 1)[0]
}

function sendFault(
  response: ServerResponse,
  { status, reason, message = `${reason} as told by the test` }: RestFault,
): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ error: { code: status, message, errors: [{ reason, message }] } }))
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
