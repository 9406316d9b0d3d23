import { trimZeros } from '../core/decimal.ts'
import type { ResultTable, Session } from '../core/duckdb.ts'
import { exitCode, UserError } from '../core/errors.ts'
import { parseFocusVersion, type FocusVersion } from '../core/focus.ts'
import { configured } from './configured.ts'
import { openLake } from './lake-session.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'
import { parameterValues, useCase, useCases } from './use-cases.ts'

interface Options {
  readonly config: string
  readonly sql?: string
  readonly useCase?: string
  /** `name=value` for the use case. */
  readonly param?: readonly string[]
  /** List the use cases. */
  readonly useCases?: boolean
  readonly format: 'table' | 'csv' | 'json'
  readonly focusVersion?: string
}

/**
 * `focal query "SQL"`: DuckDB over the lake, printed; `--use-case` runs a question of the library instead, and
 * `--use-cases` lists those. UserError carries DuckDB's own words about the SQL.
 */
export async function query(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  if (options.useCases === true) {
    terminal.stdout.write(`${formats[options.format](listing())}\n`)
    return exitCode.done
  }
  const { sql, variables, version } = asked(options)
  const session = await openLake(await configured(options.config, terminal), signal, version)
  try {
    for (const [name, value] of variables) await session.set(name, value)
    const result = await session.table(sql)
    terminal.stdout.write(`${formats[options.format](result)}\n`)
    return exitCode.done
  } catch (cause) {
    signal.throwIfAborted()
    throw new UserError(cause instanceof Error ? cause.message.trim() : String(cause), {
      hint: `There are ${await relationNames(session)}; DESCRIBE focus lists the columns.`,
      cause,
    })
  } finally {
    session.close()
  }
}

/** The version whose columns the use cases are written for; a lake of another one is projected to it. */
const versionOfUseCases: FocusVersion = '1.2'

interface Asked {
  readonly sql: string
  readonly variables: ReadonlyMap<string, string>
  readonly version: FocusVersion | undefined
}

function asked({ sql, useCase: name, param = [], focusVersion }: Options): Asked {
  const version = focusVersion === undefined ? undefined : parseFocusVersion(focusVersion)
  if (name !== undefined && sql === undefined) {
    const chosen = useCase(name)
    return { sql: chosen.sql, variables: parameterValues(chosen, param), version: version ?? versionOfUseCases }
  }
  if (sql === undefined || name !== undefined)
    throw new UserError(sql === undefined ? 'there is nothing to ask' : 'there are two things to ask', {
      hint: 'Give either one SELECT or --use-case; --use-cases lists those.',
    })
  if (param.length > 0)
    throw new UserError('Parameters belong to a use case', { hint: 'Write the values into the SELECT.' })
  return { sql, variables: new Map(), version }
}

function listing(): ResultTable {
  const rows = useCases().map(({ name, title, question, parameters }) => [
    name,
    title,
    question,
    parameters.map((parameter) => (parameter.required ? parameter.name : `[${parameter.name}]`)).join(' '),
  ])
  return { columns: ['use case', 'title', 'question', 'parameters'], rows }
}

async function relationNames(session: Session): Promise<string> {
  // What focus is a view of says nothing more.
  const names = await session.rows<{ name: string }>("SELECT name FROM (SHOW TABLES) WHERE name <> 'published'")
  return new Intl.ListFormat('en').format(names.map(({ name }) => name))
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
