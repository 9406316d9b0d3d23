import { firstRecords } from '../../core/archive.ts'
import { quoteIdentifier, type Session } from '../../core/duckdb.ts'
import { DataError } from '../../core/errors.ts'
import type { SourceFile } from '../transform.ts'
import { everyFocusColumn, extensionIds, readHeaders, requiredColumns, type FileColumn } from './columns.ts'

/** A file as it can be read, and what its columns are. */
export interface RawFile {
  readonly file: SourceFile
  readonly columns: readonly FileColumn[]
  /** DuckDB type of each column by its name; every column of a csv is VARCHAR. */
  readonly types: ReadonlyMap<string, string>
}

export function isParquet(name: string): boolean {
  return /\.parquet$/i.test(name)
}

/** Reads the header of a file: a plain csv, whatever the file's name says of how it came packed, or Parquet. */
export async function openRaw(session: Session, file: SourceFile): Promise<RawFile> {
  await session.set('file', file.path)
  const { headers, typesInOrder } = isParquet(file.name) ? await parquetHeaders(session) : await csvHeaders(file)
  const columns = readHeaders(headers)
  refuseTwins(columns, file.name)
  refuseMissing(columns, file.name)
  return { file, columns, types: new Map(columns.map(({ name }, at) => [name, typesInOrder[at] ?? 'VARCHAR'])) }
}

async function csvHeaders(file: SourceFile) {
  const [headers = []] = await firstRecords({ path: file.path, name: 'plain.csv' }, 1)
  return { headers, typesInOrder: [] as string[] }
}

async function parquetHeaders(session: Session) {
  const described = await session.rows<{ column_name: string; column_type: string }>(
    "DESCRIBE SELECT * FROM read_parquet(getvariable('file'), hive_partitioning => false)",
  )
  return {
    headers: described.map(({ column_name }) => column_name),
    typesInOrder: described.map(({ column_type }) => column_type),
  }
}

function refuseTwins(columns: readonly FileColumn[], file: string): void {
  const seen = new Map<string, string>()
  for (const { header, name } of columns) {
    const twin = seen.get(name)
    if (twin !== undefined) {
      throw new DataError(`two columns mean the same: ${twin} and ${header}`, {
        where: { file, column: header },
        hint: 'Have the issuer deliver the file again with one of them.',
      })
    }
    seen.set(name, header)
  }
}

function refuseMissing(columns: readonly FileColumn[], file: string): void {
  const present = new Set(columns.map(({ name }) => name))
  const missing = [...requiredColumns].find((name) => !present.has(name))
  if (missing === undefined) return
  throw new DataError('the file lacks a column without which there is no bill', {
    where: { file, column: missing },
    hint: 'Is this Cost and Usage data of FOCUS 1.0 or newer? Have the issuer deliver it again with the column.',
  })
}

/** Creates `raw` over the file: every known column under its one name, absent ones NULL. */
export async function createRaw(session: Session, { file, columns, types }: RawFile): Promise<void> {
  await session.run('DROP VIEW IF EXISTS raw; DROP TABLE IF EXISTS known;')
  await session.set('file', file.path)
  const names = [...everyFocusColumn.map(({ id }) => id), ...extensionIds, 'x_IssuerColumns', 'line_number']
  const definitions = names.map((name) => `${quoteIdentifier(name)} ${types.get(name) ?? 'VARCHAR'}`)
  await session.run(`CREATE TABLE known (${[...definitions, 'no_value VARCHAR', 'no_double DOUBLE'].join(', ')})`)
  const relation = isParquet(file.name) ? parquetRelation(columns) : csvRelation(columns)
  await session.run(`CREATE VIEW raw AS SELECT * FROM known UNION ALL BY NAME ${relation}`)
}

function csvRelation(columns: readonly FileColumn[]): string {
  const types = columns.map(({ name }) => `${quoteIdentifier(name)}: 'VARCHAR'`)
  return `SELECT * FROM read_csv(getvariable('file'), columns = {${types.join(', ')}}, header = true, auto_detect = false,
    delim = ',', quote = '"', escape = '"', max_line_size = 16777216)`
}

function parquetRelation(columns: readonly FileColumn[]): string {
  const renames = columns
    .filter(({ header, name }) => header !== name)
    .map(({ header, name }) => `${quoteIdentifier(header)} AS ${quoteIdentifier(name)}`)
  return `SELECT * ${renames.length > 0 ? `RENAME (${renames.join(', ')})` : ''}
    FROM read_parquet(getvariable('file'), hive_partitioning => false)`
}
