import { quoteIdentifier, quoteText, type Session } from '../../core/duckdb.ts'
import { focusSchema, focusVersions, type FocusColumn } from '../../core/focus.ts'
import type { SourceFile } from '../transform.ts'
import { untyped } from './columns.ts'
import { isParquet } from './raw.ts'

const pairs = 'STRUCT(key VARCHAR, value VARCHAR)[]'

/** What Google's own FOCUS export has instead of Tags; its tags have had two spellings of their fields. */
const labelColumns: Readonly<Record<string, string>> = {
  x_Labels: pairs,
  x_ProjectLabels: pairs,
  x_SystemLabels: pairs,
  x_Tags: 'STRUCT(key VARCHAR, value VARCHAR, namespace VARCHAR, x_Namespace VARCHAR)[]',
}

/** Whether the columns of a file are those of a FOCUS dataset. */
export function isFocusHeader(names: readonly string[]): boolean {
  return names.includes('BilledCost') && names.includes('ChargeCategory')
}

/** Creates `raw` over one file of a FOCUS export, and sets the variables that say which column is what. */
export async function createFocusRaw(session: Session, file: SourceFile, names: readonly string[]): Promise<void> {
  await session.run('DROP VIEW IF EXISTS raw')
  await session.set('file', file.path)
  const columns = everyFocusColumn()
  const ofType = (type: FocusColumn['type']) => columns.filter((column) => column.type === type).map(({ id }) => id)
  await session.set('decimal_columns', ofType('decimal'))
  await session.set('datetime_columns', ofType('datetime'))
  await session.set('text_columns', ofType('string'))
  await session.set('json_columns', ofType('json'))
  const known = new Set([...columns.map(({ id }) => id), ...Object.keys(labelColumns)])
  const issuers = names.filter((name) => !known.has(name))
  await session.set('issuer_columns', ['no_value', ...issuers])
  await session.set('issuer_names', ['', ...issuers.map((name) => `${JSON.stringify(name)}:`)])
  const absent = [
    ...columns.map(({ id }) => `CAST(NULL AS "NULL") AS ${quoteIdentifier(id)}`),
    ...Object.entries(labelColumns).map(([name, type]) => `CAST(NULL AS ${untyped(type)}) AS ${name}`),
    'CAST(NULL AS VARCHAR) AS no_value',
  ]
  const source = isParquet(file)
    ? "read_parquet(getvariable('file'), hive_partitioning => false)"
    : jsonRelation(names, columns)
  await session.run(
    `CREATE VIEW raw AS SELECT ${absent.join(', ')} WHERE FALSE UNION ALL BY NAME SELECT * FROM ${source}`,
  )
}

/**
 * Newline JSON leaves out what is null, so that every column is asked for, whatever the first row has. Labels are read
 * as they are: a struct's fields are found in one spelling only.
 */
function jsonRelation(names: readonly string[], columns: readonly FocusColumn[]): string {
  const types = new Map([
    ...names.map((name) => [name, 'JSON'] as const),
    ...columns.map(({ id }) => [id, 'VARCHAR'] as const),
    ...Object.keys(labelColumns).map((name) => [name, 'JSON'] as const),
  ])
  const typed = [...types].map(([name, type]) => `${quoteIdentifier(name)}: ${quoteText(type)}`)
  const labels = Object.keys(labelColumns).map((name) => `labels_of_json(${name}) AS ${name}`)
  return `(
    SELECT * REPLACE (${labels.join(', ')})
    FROM read_json(getvariable('file'), format => 'newline_delimited', columns => {${typed.join(', ')}})
  )`
}

/** The columns of every FOCUS version, each once. */
function everyFocusColumn(): FocusColumn[] {
  const byId = new Map(
    focusVersions.flatMap((version) => focusSchema(version).columns.map((column) => [column.id, column] as const)),
  )
  return [...byId.values()]
}
