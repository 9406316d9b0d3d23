import { trimZeros } from '../core/decimal.ts'
import type { ResultTable } from '../core/duckdb.ts'
import { exitCode, UserError } from '../core/errors.ts'
import { configured } from './configured.ts'
import { openLake } from './lake-session.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

interface Options {
  readonly config: string
  readonly sql: string
  readonly format: 'table' | 'csv' | 'json'
}

/** `focal query "SQL"`: DuckDB over the lake, printed. UserError carries DuckDB's own words about the SQL. */
export async function query(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const session = await openLake(await configured(options.config, terminal), signal)
  try {
    const result = await session.table(options.sql)
    terminal.stdout.write(`${formats[options.format](result)}\n`)
    return exitCode.done
  } catch (cause) {
    signal.throwIfAborted()
    throw new UserError(cause instanceof Error ? cause.message.trim() : String(cause), {
      hint: 'The views are focus and units; DESCRIBE focus lists the columns.',
      cause,
    })
  } finally {
    session.close()
  }
}

const formats: Record<Options['format'], (result: ResultTable) => string> = {
  table: ({ columns, rows }) => {
    const body = rows.map((row) => row.map((cell) => (cell === null ? '' : shown(cell))))
    return `${table(columns, body)}\n${rows.length} row${rows.length === 1 ? '' : 's'}`
  },
  csv: ({ columns, rows }) =>
    [columns, ...rows.map((row) => row.map((cell) => (cell === null ? '' : plain(cell))))]
      .map((row) => row.map(csvCell).join(','))
      .join('\n'),
  json: ({ columns, rows }) =>
    JSON.stringify(
      rows.map((row) => Object.fromEntries(columns.map((column, at) => [column, row[at] ?? null]))),
      null,
      2,
    ),
}

function plain(cell: unknown): string {
  return typeof cell === 'string' ? cell : JSON.stringify(cell)
}

/** Decimals without the zeros that their type adds. */
function shown(cell: unknown): string {
  const text = plain(cell)
  return /^-?\d+\.\d+$/.test(text) ? trimZeros(text) : text
}

function csvCell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
