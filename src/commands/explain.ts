import type { SourceConfig } from '../config/config.ts'
import { quoteIdentifier, type Session } from '../core/duckdb.ts'
import { exitCode, UserError } from '../core/errors.ts'
import { extensionColumns, focusSchema, type FocusVersion } from '../core/focus.ts'
import { readUnits } from '../pipeline/state.ts'
import { transforms } from '../transforms/index.ts'
import { trace, type Derivation } from '../transforms/lineage.ts'
import { configured } from './configured.ts'
import { openLake } from './lake-session.ts'
import { count, money, table } from './table.ts'
import type { Terminal } from './terminal.ts'

interface Options {
  readonly config: string
  readonly column: string
  readonly source?: string
}

/** `focal explain COLUMN`: what FOCUS says of it, the SQL that makes it, and what the lake holds. */
export async function explain(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { config, lake } = await configured(options.config, terminal)
  const column = findColumn(options.column, config.focusVersion)
  const sources = config.sources.filter(({ name }) => options.source === undefined || name === options.source)
  if (sources.length === 0) {
    throw new UserError(`there is no source "${options.source}"`, {
      hint: `The configuration has ${config.sources.map(({ name }) => name).join(', ')}.`,
    })
  }
  const parts = [column.description]
  for (const connector of new Set(sources.map((source) => source.connector))) {
    const transform = await transforms[connector]?.load()
    if (transform)
      parts.push(`How ${connector} sources make it:`, ...trace(transform.directory, column.id).map(describeDerivation))
  }
  const published = await readUnits(lake)
  const withRows = sources.filter(({ name }) => published.some(({ source }) => source === name))
  if (withRows.length > 0) {
    const session = await openLake({ config, lake }, signal)
    try {
      for (const source of withRows) parts.push(await describeRows(session, source, column))
    } finally {
      session.close()
    }
  }
  terminal.stdout.write(`${parts.join('\n\n')}\n`)
  return exitCode.done
}

interface ExplainedColumn {
  readonly id: string
  readonly type: string
  readonly description: string
}

/** UserError when neither the FOCUS version nor our own list has the column; says what comes near. */
function findColumn(name: string, version: FocusVersion): ExplainedColumn {
  const same = (id: string) => id.toLowerCase() === name.toLowerCase()
  const focus = focusSchema(version).columns.find(({ id }) => same(id))
  if (focus) {
    const { id, type, level, nullable, allowedValues, requirements } = focus
    const values = allowedValues ? [`  one of: ${allowedValues.join(', ')}`] : []
    const head = `${id}  (FOCUS ${version}, ${level}, ${type}, ${nullable ? 'may be null' : 'never null'})`
    return { id, type, description: [head, ...values, ...requirements.map((line) => `  ${line}`)].join('\n') }
  }
  const extension = extensionColumns().find(({ id }) => same(id))
  if (extension)
    return { ...extension, description: `${extension.id}  (focal's own column)\n  ${extension.description}` }
  const near = focusSchema(version)
    .columns.filter(({ id }) => id.toLowerCase().includes(name.toLowerCase()))
    .map(({ id }) => id)
  throw new UserError(`FOCUS ${version} has no column "${name}"`, {
    hint: near.length > 0 ? `Did you mean ${near.join(', ')}?` : '`focal query "DESCRIBE focus"` lists the columns.',
  })
}

function describeDerivation({ name, expression, comment, file }: Derivation): string {
  const body = expression.replaceAll(/\n {2,4}/g, '\n').trim()
  return [
    `  ${name}  (${file})`,
    ...(comment ? [`    -- ${comment}`] : []),
    ...body.split('\n').map((line) => `    ${line}`),
  ].join('\n')
}

/** What the source's rows hold, by the provider's own line type. */
async function describeRows(session: Session, source: SourceConfig, { id, type }: ExplainedColumn): Promise<string> {
  const shown = quoteIdentifier(id)
  const rows = await session.rows<{ line_type: string | null; n: string; nulls: string; summary: string | null }>(
    `SELECT x_SourceLineType AS line_type, count(*) AS n, count(*) - count(${shown}) AS nulls,
      ${type === 'decimal' ? `sum(${shown})` : `arg_max(${shown}::VARCHAR, ${shown}::VARCHAR IS NOT NULL)`} AS summary
    FROM focus WHERE source = $source GROUP BY x_SourceLineType ORDER BY n DESC`,
    { source: source.name },
  )
  const header = ['line type', 'rows', 'null', type === 'decimal' ? 'sum' : 'for example']
  const body = rows.map(({ line_type, n, nulls, summary }) => [
    line_type ?? '',
    count(Number(n)),
    count(Number(nulls)),
    summary === null ? '' : type === 'decimal' ? money(summary) : summary,
  ])
  return `In the rows of ${source.name}:\n${table(header, body)}`
}
