import { firstRecords } from '../../core/archive.ts'
import { quoteIdentifier, type Session } from '../../core/duckdb.ts'
import { DataError } from '../../core/errors.ts'
import type { SourceFile } from '../transform.ts'
import type { ColumnKind, FileColumn } from './columns.ts'
import type { Dialect } from './dialect.ts'

/** Files of one shape, and what their columns are. */
export interface RawShape {
  readonly files: readonly SourceFile[]
  readonly columns: readonly FileColumn[]
  /** DuckDB type of each column by its name; every column of a CSV is VARCHAR. */
  readonly types: ReadonlyMap<string, string>
  readonly text: boolean
}

/** The header of a plain CSV file. */
export async function csvHeader(file: SourceFile): Promise<string[]> {
  const [header = []] = await firstRecords({ path: file.path, name: 'plain.csv' }, 1)
  return header
}

export function csvShape(file: SourceFile, headers: readonly string[], dialect: Dialect): RawShape {
  const columns = dialect.readHeaders(headers)
  return { files: [file], columns, types: new Map(columns.map(({ name }) => [name, 'VARCHAR'])), text: true }
}

export interface ParquetColumns {
  readonly names: readonly string[]
  readonly types: readonly string[]
}

export async function parquetColumns(session: Session, files: readonly SourceFile[]): Promise<ParquetColumns> {
  await session.set(
    'files',
    files.map(({ path }) => path),
  )
  const described = await session.rows<{ column_name: string; column_type: string }>(
    "DESCRIBE SELECT * FROM read_parquet(getvariable('files'), union_by_name => true, hive_partitioning => false)",
  )
  return {
    names: described.map(({ column_name }) => column_name),
    types: described.map(({ column_type }) => column_type),
  }
}

export function parquetShape(
  files: readonly SourceFile[],
  { names, types }: ParquetColumns,
  dialect: Dialect,
): RawShape {
  const columns = dialect.readHeaders(names)
  return { files, columns, types: new Map(columns.map(({ name }, at) => [name, types[at] ?? ''])), text: false }
}

/** Types that can be read as what a column is meant to hold. */
const readable: Record<ColumnKind, RegExp> = {
  text: /^(VARCHAR|BOOLEAN|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL.*|DATE|TIMESTAMP.*)$/,
  account: /^(VARCHAR|U?(SMALL|BIG|HUGE)?INT(EGER)?)$/,
  amount: /^(VARCHAR|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL.*)$/,
  time: /^(VARCHAR|DATE|TIMESTAMP.*)$/,
  map: /^(VARCHAR|JSON|MAP\(VARCHAR, \w+\))$/,
}

/** The type an absent column is NULL in. */
const absentType: Record<ColumnKind, string> = {
  text: 'VARCHAR',
  account: 'VARCHAR',
  amount: 'DOUBLE',
  time: 'TIMESTAMP',
  map: 'MAP(VARCHAR, VARCHAR)',
}

/**
 * Refuses, by name, files that are no bill (a required column absent or renamed), that lack a column which
 * their manifest promises, or whose columns have a type that cannot be read as what they are.
 */
export function checkShape(shape: RawShape, dialect: Dialect, promised: readonly string[] | undefined): void {
  const file = shape.files[0]?.name ?? ''
  refuseDamagedHeader(shape, file)
  refuseBrokenPromise(shape, dialect, promised ?? [], file)
  const present = new Set(shape.columns.map(({ name }) => name))
  const missing = dialect.known.find(({ name, required }) => required && !present.has(name))
  if (missing) {
    throw new DataError(`the file lacks a column that every ${dialect.name} has`, {
      where: { file, column: missing.name },
      hint: 'Was it renamed, or left out of the export? Put it back in the export and deliver it again.',
    })
  }
  const seen = new Map<string, string>()
  for (const { header, name, known } of shape.columns) {
    const type = shape.types.get(name) ?? ''
    const twin = seen.get(name)
    if (twin !== undefined) {
      throw new DataError(`two columns mean the same: ${twin} and ${header}`, {
        where: { file, column: header },
        hint: 'Deliver the report again with one of them.',
      })
    }
    seen.set(name, header)
    if (known && !readable[known.kind].test(type)) {
      throw new DataError(
        `a column of type ${type} cannot be read as ${known.kind === 'map' ? 'a map' : `an ${known.kind}`.replace(/^an t/, 'a t')}`,
        {
          where: { file, column: header },
          hint: 'Write the column with the type that AWS gives it.',
        },
      )
    }
  }
}

/** No name holds a zero byte, and SQL would end at it. */
function refuseDamagedHeader({ columns }: RawShape, file: string): void {
  if (!columns.some(({ header }) => header.includes('\0'))) return
  throw new DataError('the file is damaged: a column name holds a zero byte', {
    where: { file },
    hint: 'Download or export the file again.',
  })
}

/** A manifest lists the columns of the files that it belongs to. */
function refuseBrokenPromise(shape: RawShape, dialect: Dialect, promised: readonly string[], file: string): void {
  const present = new Set(shape.columns.flatMap(({ header, name }) => [name, header.toLowerCase()]))
  const read = dialect.readHeaders(promised)
  const broken = read.find(({ header, name, known }) =>
    known ? !present.has(name) : shape.text && !present.has(header.toLowerCase()),
  )
  if (broken === undefined) return
  throw new DataError('the manifest lists a column that the file does not have', {
    where: { file, column: broken.header },
    hint: 'The manifest and the file belong to different deliveries: wait for the next one, or deliver the report again.',
  })
}

/** Creates `raw` over the files of one shape: every known column under its one name, absent ones NULL. */
export async function createRaw(session: Session, shape: RawShape, dialect: Dialect): Promise<void> {
  await session.run('DROP VIEW IF EXISTS raw; DROP TABLE IF EXISTS known;')
  await session.set('file_names', new Map(shape.files.map(({ path, name }) => [path, name])))
  const definitions = dialect.known.map(
    ({ name, kind }) =>
      `${quoteIdentifier(name)} ${shape.types.get(name) ?? (shape.text ? 'VARCHAR' : absentType[kind])}`,
  )
  await session.run(`CREATE TABLE known (${[...definitions, 'no_value VARCHAR'].join(', ')})`)
  await session.set(
    'files',
    shape.files.map(({ path }) => path),
  )
  await session.run(
    `CREATE VIEW raw AS SELECT * FROM known UNION ALL BY NAME ${shape.text ? csvRelation(shape) : parquetRelation(shape)}`,
  )
}

function csvRelation(shape: RawShape): string {
  const columns = shape.columns.map(({ name }) => `${quoteIdentifier(name)}: 'VARCHAR'`)
  return `SELECT * FROM read_csv(
    getvariable('files'), columns = {${columns.join(', ')}}, header = true, auto_detect = false,
    delim = ',', quote = '"', escape = '"', filename = true,
    max_line_size = 16777216, buffer_size = 33554432)`
}

function parquetRelation(shape: RawShape): string {
  const renames = shape.columns
    .filter(({ header, name }) => header !== name)
    .map(({ header, name }) => `${quoteIdentifier(header)} AS ${quoteIdentifier(name)}`)
  // A tag is a text, whatever a tool that rewrote the file took its values for.
  const texts = shape.columns
    .filter(({ name, tag, category }) => (tag ?? category) !== undefined && shape.types.get(name) !== 'VARCHAR')
    .map(({ header }) => `${quoteIdentifier(header)}::VARCHAR AS ${quoteIdentifier(header)}`)
  return `SELECT * ${renames.length > 0 ? `RENAME (${renames.join(', ')})` : ''}
    FROM (SELECT * ${texts.length > 0 ? `REPLACE (${texts.join(', ')})` : ''} FROM read_parquet(
      getvariable('files'), union_by_name => true, hive_partitioning => false, filename => true))`
}
