import { quoteIdentifier, type Session } from '../../core/duckdb.ts'
import { firstRecords } from '../../core/archive.ts'
import { DataError } from '../../core/errors.ts'
import type { SourceFile } from '../transform.ts'
import { knownColumnOf, knownColumns, readHeaders, type ColumnKind, type ReportColumn } from './columns.ts'

/** Files of one shape, and what their columns are. */
export interface RawShape {
  readonly files: readonly SourceFile[]
  readonly columns: readonly ReportColumn[]
  /** DuckDB type of each column by its name; every column of a CSV is VARCHAR. */
  readonly types: ReadonlyMap<string, string>
  readonly text: boolean
}

export async function csvShape(file: SourceFile, originalKeys: Map<string, string>): Promise<RawShape> {
  const [header = []] = await firstRecords({ path: file.path, name: 'plain.csv' }, 1)
  const columns = readHeaders(header, originalKeys)
  return { files: [file], columns, types: new Map(columns.map(({ name }) => [name, 'VARCHAR'])), text: true }
}

export async function parquetShape(
  session: Session,
  files: readonly SourceFile[],
  originalKeys: Map<string, string>,
): Promise<RawShape> {
  await session.set('files', files.map(({ path }) => path))
  const described = await session.rows<{ column_name: string; column_type: string }>(
    "DESCRIBE SELECT * FROM read_parquet(getvariable('files'), union_by_name => true, hive_partitioning => false)",
  )
  const columns = readHeaders(described.map(({ column_name }) => column_name), originalKeys)
  return { files, columns, types: new Map(columns.map(({ name }, at) => [name, described[at]?.column_type ?? ''])), text: false }
}

/** Types that can be read as what a column is meant to hold. */
const readable: Record<ColumnKind, RegExp> = {
  text: /^(VARCHAR|BOOLEAN|(U?(TINY|SMALL|BIG|HUGE))?U?INT(EGER)?|DOUBLE|FLOAT|DECIMAL.*|DATE|TIMESTAMP.*)$/,
  account: /^(VARCHAR|U?(SMALL|BIG|HUGE)?INT(EGER)?)$/,
  amount: /^(VARCHAR|U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|DOUBLE|FLOAT|DECIMAL.*)$/,
  time: /^(VARCHAR|DATE|TIMESTAMP.*)$/,
  map: /^(VARCHAR|JSON|MAP\(VARCHAR, VARCHAR\))$/,
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
export function checkShape(shape: RawShape, promised: readonly string[] | undefined): void {
  const file = shape.files[0]?.name ?? ''
  const present = new Set(shape.columns.flatMap(({ known }) => (known ? [known.name] : [])))
  const headers = new Set(shape.columns.map(({ header }) => header.toLowerCase()))
  for (const header of promised ?? []) {
    const known = knownColumnOf(header)
    if (known ? !present.has(known.name) : shape.text && !headers.has(header.toLowerCase())) {
      throw new DataError(`the manifest lists a column that the file does not have`, {
        where: { file, column: header },
        hint: 'The manifest and the file belong to different deliveries: wait for the next one, or deliver the report again.',
      })
    }
  }
  for (const column of knownColumns) {
    if (column.required && !present.has(column.name)) {
      throw new DataError('the file lacks a column that every Cost and Usage Report has', {
        where: { file, column: column.name },
        hint: 'Was it renamed, or left out of the export? Put it back in the export and deliver it again.',
      })
    }
  }
  const seen = new Map<string, string>()
  for (const { header, name, known } of shape.columns) {
    const type = shape.types.get(name) ?? ''
    if (known && seen.has(name)) {
      throw new DataError(`two columns mean the same: ${seen.get(name)} and ${header}`, {
        where: { file, column: header },
        hint: 'Deliver the report again with one of them.',
      })
    }
    seen.set(name, header)
    if (known && !readable[known.kind].test(type)) {
      throw new DataError(`a column of type ${type} cannot be read as ${known.kind}`, {
        where: { file, column: header },
        hint: 'Write the column with the type that AWS gives it.',
      })
    }
  }
}

/**
 * Creates `raw` over the files of one shape: every known column under its one name, absent ones NULL, and
 * sets the variables by which stage.sql finds tags and cost categories.
 */
export async function createRaw(session: Session, shape: RawShape): Promise<void> {
  await session.run('DROP VIEW IF EXISTS raw; DROP TABLE IF EXISTS known; DROP TABLE IF EXISTS delivered_files;')
  await session.run('CREATE TABLE delivered_files (path VARCHAR, name VARCHAR)')
  for (const { path, name } of shape.files) {
    await session.run('INSERT INTO delivered_files VALUES ($path, $name)', { path, name })
  }
  const definitions = knownColumns.map(
    ({ name, kind }) => `${name} ${shape.types.get(name) ?? (shape.text ? 'VARCHAR' : absentType[kind])}`,
  )
  await session.run(`CREATE TABLE known (${[...definitions, 'no_tag VARCHAR', 'no_category VARCHAR'].join(', ')})`)
  await session.set('files', shape.files.map(({ path }) => path))
  if (shape.text) {
    const columns = shape.columns.map(({ name }) => `${quoteIdentifier(name)}: 'VARCHAR'`)
    await session.run(`
      CREATE VIEW raw AS SELECT * FROM known UNION ALL BY NAME SELECT * FROM read_csv(
        getvariable('files'), columns = {${columns.join(', ')}}, header = true, auto_detect = false,
        delim = ',', quote = '"', escape = '"', filename = true, max_line_size = 16777216)`)
  } else {
    const renamed = shape.columns.filter(({ header, name }) => header.toLowerCase() !== name)
    const renames = renamed.map(({ header, name }) => `${quoteIdentifier(header)} AS ${name}`)
    await session.run(`
      CREATE VIEW raw AS SELECT * FROM known UNION ALL BY NAME
      SELECT * ${renames.length > 0 ? `RENAME (${renames.join(', ')})` : ''} FROM read_parquet(
        getvariable('files'), union_by_name => true, hive_partitioning => false, filename => true)`)
  }
  await setTagVariables(session, shape.columns)
}

async function setTagVariables(session: Session, columns: readonly ReportColumn[]) {
  const json = (key: string) => `${JSON.stringify(key)}:`
  const tags = columns.filter(({ tag }) => tag !== undefined)
  const categories = columns.filter(({ category }) => category !== undefined)
  const names = tags.filter(({ tag }) => tag?.toLowerCase() === 'name')
  await session.set('tag_columns', ['no_tag', ...tags.map(({ name }) => name)])
  await session.set('tag_names', ['', ...tags.map(({ tag }) => json(tag ?? ''))])
  await session.set('category_columns', ['no_category', ...categories.map(({ name }) => name)])
  await session.set('category_names', ['', ...categories.map(({ category }) => json(category ?? ''))])
  await session.set('name_columns', ['no_tag', ...names.map(({ name }) => name)])
}
