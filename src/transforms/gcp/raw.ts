import { quoteIdentifier, quoteText, type Session } from '../../core/duckdb.ts'
import { DataError } from '../../core/errors.ts'
import type { SourceFile } from '../transform.ts'
import { exportColumns, requiredFields, untyped } from './columns.ts'

export function isParquet({ name }: SourceFile): boolean {
  return /\.parquet$/i.test(name)
}

/** The columns of the file; of newline JSON those of its first row, which leaves out what is null. */
export async function columnNames(session: Session, file: SourceFile): Promise<string[]> {
  await session.set('file', file.path)
  const sql = isParquet(file)
    ? `SELECT column_name AS name FROM (DESCRIBE SELECT * FROM ${parquetRelation})`
    : "SELECT unnest(json_keys(json)) AS name FROM (FROM read_json_objects(getvariable('file'), format => 'newline_delimited') LIMIT 1)"
  const rows = await session.rows<{ name: string }>(sql)
  return rows.map(({ name }) => name)
}

/**
 * Creates `raw` over one file: every column of columns.csv with every nested field, absent ones NULL.
 * DataError for a Parquet file that lacks a field which every billing export has; newline JSON leaves out what is
 * null, so that there only the rows can tell.
 */
export async function createRaw(session: Session, file: SourceFile): Promise<void> {
  await session.run('DROP VIEW IF EXISTS raw')
  await session.set('file', file.path)
  if (isParquet(file)) await refuseMissingField(session, file, { fields: requiredFields, ...billing })
  const columns = exportColumns.map(
    ({ name, textType }) => `CAST(NULL AS ${untyped(textType)}) AS ${quoteIdentifier(name)}`,
  )
  await session.run(
    `CREATE VIEW raw AS SELECT ${columns.join(', ')} WHERE FALSE UNION ALL BY NAME SELECT * FROM ${isParquet(file) ? parquetRelation : jsonRelation()}`,
  )
}

export const parquetRelation = "read_parquet(getvariable('file'), hive_partitioning => false)"

/** Credits are read as they are: some tools write one object where Google writes a list. */
function jsonRelation(): string {
  const types = exportColumns.map(
    ({ name, textType }) => `${quoteIdentifier(name)}: ${quoteText(name === 'credits' ? 'JSON' : textType)}`,
  )
  return `(
    SELECT * REPLACE (credits_of(credits) AS credits)
    FROM read_json(getvariable('file'), format => 'newline_delimited', columns => {${types.join(', ')}})
  )`
}

/** What every export of a kind has, and the kind's name in an error. */
export interface RequiredFields {
  /** A list's fields are those of its first element. */
  readonly fields: readonly string[]
  /** `billing export`. */
  readonly kind: string
  /** What to extract instead of a file that is something else. */
  readonly expected: string
}

const billing = {
  kind: 'billing export',
  expected:
    'Expected a table gcp_billing_export_v1_… or gcp_billing_export_resource_v1_…, extracted with its nested fields.',
}

/** DataError when the Parquet file, which the variable `file` names, lacks one of these. */
export async function refuseMissingField(session: Session, file: SourceFile, required: RequiredFields): Promise<void> {
  const { fields, kind, expected } = required
  if (await has(session, fields)) return
  const missing: string[] = []
  for (const field of fields) if (!(await has(session, [field]))) missing.push(field.replace('[1]', ''))
  const [first, ...others] = missing
  const isOther = missing.length > fields.length / 2
  throw new DataError(
    isOther
      ? `the file is not a ${kind}`
      : `the file lacks a field that every ${kind} has${others.length > 0 ? `, and ${others.length} more` : ''}`,
    {
      where: { file: file.name, ...(first !== undefined && { column: first }) },
      hint: isOther ? expected : 'Extract the table again with all of its columns.',
    },
  )
}

/** Whether the file has all of these; anything else that is wrong with it is thrown. */
async function has(session: Session, fields: readonly string[]): Promise<boolean> {
  try {
    await session.rows(`DESCRIBE SELECT ${fields.join(', ')} FROM ${parquetRelation}`)
    return true
  } catch (error) {
    if (error instanceof Error && /Binder Error/.test(error.message)) return false
    throw error
  }
}
