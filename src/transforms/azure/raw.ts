import { firstRecords } from '../../core/archive.ts'
import { quoteIdentifier, type Session } from '../../core/duckdb.ts'
import { DataError } from '../../core/errors.ts'
import type { SourceFile } from '../transform.ts'
import type { ColumnKind, FileColumn, KnownColumn } from './columns.ts'

/** A file that can be read now, and what its columns are. */
export interface RawShape {
  readonly file: SourceFile
  readonly format: 'csv' | 'parquet'
  readonly columns: readonly FileColumn[]
  /** DuckDB type of each column by its name; every column of a CSV is VARCHAR. */
  readonly types: ReadonlyMap<string, string>
}

export interface FileHeader {
  readonly names: readonly string[]
  /** DuckDB types in the same order; undefined for text. */
  readonly types: readonly string[] | undefined
}

export function isParquet(name: string): boolean {
  return /\.parquet$/i.test(name)
}

/** The column names of a plain CSV or a Parquet file, without a byte order mark. */
export async function readHeader(session: Session, file: SourceFile): Promise<FileHeader> {
  if (isParquet(file.name)) {
    await session.set('file', file.path)
    const described = await session.rows<{ column_name: string; column_type: string }>(
      "DESCRIBE SELECT * FROM read_parquet(getvariable('file'), hive_partitioning => false)",
    )
    return {
      names: described.map(({ column_name }) => column_name),
      types: described.map(({ column_type }) => column_type),
    }
  }
  const [names = []] = await firstRecords({ path: file.path, name: 'plain.csv' }, 1)
  return { names: names.map((name, index) => (index === 0 ? name.replace(/^\uFEFF/, '') : name)), types: undefined }
}

export function shapeOf(file: SourceFile, header: FileHeader, columns: readonly FileColumn[]): RawShape {
  return {
    file,
    format: header.types === undefined ? 'csv' : 'parquet',
    columns,
    types: new Map(columns.map(({ name }, at) => [name, header.types?.[at] ?? 'VARCHAR'])),
  }
}

const number = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL.*)$/
/** Types that can be read as what a column is meant to hold. */
const readable: Record<ColumnKind, RegExp> = {
  text: /./,
  amount: new RegExp(`VARCHAR|${number.source}`),
  date: /^(VARCHAR|DATE|TIMESTAMP.*)$/,
  object: /^(VARCHAR|JSON|MAP\(VARCHAR, \w+\))$/,
}

/**
 * Refuses, by name, a file that lacks a required column, has one twice under two names, or has one of a type
 * that cannot be read as what it is.
 */
export function checkShape(
  { file, columns, types }: RawShape,
  known: readonly KnownColumn[],
  kindOfFile: string,
): void {
  const present = new Set(columns.map(({ name }) => name))
  const missing = known.find(({ name, required }) => required && !present.has(name))
  if (missing) {
    throw new DataError(`the file lacks a column that every ${kindOfFile} has`, {
      where: { file: file.name, column: missing.spellings[0] ?? missing.name },
      hint: 'Was it renamed, or left out of the export? Put it back in the export and deliver it again.',
    })
  }
  const seen = new Map<string, string>()
  for (const { header, name, known: column } of columns) {
    const twin = seen.get(name)
    if (twin !== undefined) {
      throw new DataError(`two columns mean the same: ${twin} and ${header}`, {
        where: { file: file.name, column: header },
        hint: 'Deliver the export again with one of them.',
      })
    }
    seen.set(name, header)
    const type = types.get(name) ?? ''
    if (column && !readable[column.kind].test(type)) {
      throw new DataError(`a column of type ${type} cannot be read as an ${column.kind}`.replace('an date', 'a date'), {
        where: { file: file.name, column: header },
        hint: 'Write the column with the type that Azure gives it.',
      })
    }
  }
}

/** The type an absent column is NULL in. */
const absentType: Record<ColumnKind, string> = {
  text: 'VARCHAR',
  amount: 'VARCHAR',
  date: 'VARCHAR',
  object: 'VARCHAR',
}

/** Creates the empty table `known`: every known column under its one name, with the type that the file has it in. */
export async function createKnown(
  session: Session,
  known: readonly KnownColumn[],
  types: ReadonlyMap<string, string>,
): Promise<void> {
  const columns = known.map(({ name, kind }) => `${quoteIdentifier(name)} ${types.get(name) ?? absentType[kind]}`)
  await session.run('DROP VIEW IF EXISTS raw; DROP TABLE IF EXISTS known;')
  await session.run(`CREATE TABLE known (${[...columns, 'no_value VARCHAR', 'filename VARCHAR'].join(', ')})`)
}

/** Creates `raw` over one file: every known column under its one name, absent ones NULL. */
export async function createRaw(session: Session, shape: RawShape, known: readonly KnownColumn[]): Promise<void> {
  await createKnown(session, known, shape.types)
  await session.set('file_names', new Map([[shape.file.path, shape.file.name]]))
  await session.set('files', [shape.file.path])
  await session.run(
    `CREATE VIEW raw AS SELECT * FROM known UNION ALL BY NAME ${shape.format === 'csv' ? csvRelation(shape) : parquetRelation(shape)}`,
  )
}

function csvRelation({ columns }: RawShape): string {
  const types = columns.map(({ name }) => `${quoteIdentifier(name)}: 'VARCHAR'`)
  return `SELECT * FROM read_csv(
    getvariable('files'), columns = {${types.join(', ')}}, header = true, auto_detect = false,
    delim = ',', quote = '"', escape = '"', filename = true, max_line_size = 16777216, buffer_size = 33554432)`
}

function parquetRelation({ columns }: RawShape): string {
  const renames = columns
    .filter(({ header, name }) => header !== name)
    .map(({ header, name }) => `${quoteIdentifier(header)} AS ${quoteIdentifier(name)}`)
  return `SELECT * ${renames.length > 0 ? `RENAME (${renames.join(', ')})` : ''} FROM read_parquet(
    getvariable('files'), hive_partitioning => false, filename => true)`
}
