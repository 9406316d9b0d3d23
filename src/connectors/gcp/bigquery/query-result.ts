import { rm, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { openSession, quoteIdentifier, quoteText } from '../../../core/duckdb.ts'
import type { Connection } from './connection.ts'
import { duckdbType, namedRow } from './fields.ts'
import { refuseTooLarge } from './max-bytes.ts'
import { rowsQuery, type Month } from './months.ts'
import { measureQuery, readPage, startQuery } from './query.ts'
import type { Piece, Reading } from './reading.ts'
import type { ExportTable } from './table.ts'

/** What it takes to go on reading a result from another process. */
export const queryState = z.object({
  api: z.literal('query'),
  job: z.string(),
  /** Milliseconds since 1970. */
  expires: z.number(),
})
export type QueryState = z.infer<typeof queryState>

/** By way of JSON lines in which every scalar is text: DuckDB reads a JSON number as a double, whatever its column is. */
interface TextPiece extends Piece {
  readonly lines: Buffer
}

/** BigQuery keeps a result for about a day. */
const keptMs = 20 * 60 * 60 * 1000

/** Starts the query of a month's rows, once its planner has said that it reads no more than `maxBytes`. */
export async function createResult(
  table: ExportTable,
  month: Month,
  connection: Connection,
  maxBytes: number,
): Promise<QueryState> {
  const sql = rowsQuery(table, month)
  refuseTooLarge(await measureQuery(sql, table, connection), maxBytes, table, month)
  const { id } = await startQuery(sql, table, connection, maxBytes)
  return { api: 'query', job: id, expires: Date.now() + keptMs }
}

/** Reads a result as one stream: its rows have numbers, and keep them. */
export function openResult({ job }: QueryState, table: ExportTable, connection: Connection): Reading<TextPiece> {
  return {
    streams: 1,
    read: (_stream, offset) => readPages({ id: job, location: table.location }, offset, table, connection),
    write: (pieces, path) => writeRows(table, pieces, path),
    explain: (error) => error,
    close: () => Promise.resolve(),
  }
}

async function* readPages(
  job: { id: string; location: string | undefined },
  offset: number,
  table: ExportTable,
  connection: Connection,
): AsyncIterable<TextPiece> {
  for (let start = offset; ;) {
    const { rows, totalRows } = await readPage(job, start, table, connection)
    start += rows.length
    const lines = Buffer.from(rows.map((row) => `${JSON.stringify(namedRow(table.fields, row))}\n`).join(''))
    if (rows.length > 0) yield { rows: rows.length, bytes: lines.length, lines }
    if (start >= totalRows || rows.length === 0) return
  }
}

async function writeRows(table: ExportTable, pieces: readonly TextPiece[], path: string): Promise<void> {
  const text = `${path}.ndjson`
  await writeFile(
    text,
    pieces.map(({ lines }) => lines),
  )
  const session = await openSession({ memoryLimit: '512MB', threads: 1, tempDirectory: `${path}.spill` })
  try {
    const columns = table.fields.map((field) => `${quoteIdentifier(field.name ?? '')}: ${quoteText(duckdbType(field))}`)
    await session.run(`
      COPY (SELECT * FROM read_json(${quoteText(text)}, format = 'newline_delimited', columns = {${columns.join(', ')}}))
      TO ${quoteText(path)} (FORMAT parquet, COMPRESSION snappy, USE_TMP_FILE false)`)
  } finally {
    session.close()
    await rm(text, { force: true })
    await rm(`${path}.spill`, { force: true, recursive: true })
  }
}
