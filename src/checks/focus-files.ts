import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { quoteText, type Session } from '../core/duckdb.ts'
import { DataError, UserError } from '../core/errors.ts'

/** FOCUS files as one relation. */
export interface FocusFiles {
  readonly relation: string
  readonly files: number
  /** Every column is text. */
  readonly textFile: boolean
  /** Columns of `relation` that say where a row stands: the file within the folder, and the row in it from 1. */
  readonly rowKeys: readonly string[]
}

const rowKeys = ['file', 'row']
const textTable = 'focal_validated_text'

/**
 * Finds the files behind a path: one Parquet or CSV file (gzipped or not), a folder of one kind of them at any
 * depth, or a lake, of which the published partitions under `focus/` are read. Names that start with `_` or `.` are not
 * data. CSV is loaded as text into a temporary table, which the session keeps until `forgetFiles`.
 * UserError: nothing there, no such files, both kinds. DataError: DuckDB cannot read one.
 */
export async function openFocusFiles(session: Session, location: string): Promise<FocusFiles> {
  const { root, names } = await findFiles(location)
  const kinds = new Set(names.map((name) => (name.endsWith('.parquet') ? 'Parquet' : 'CSV')))
  if (kinds.size > 1) {
    const hint = 'Name one of the files, or a folder that holds one kind.'
    throw new UserError('The folder holds Parquet and CSV files', { where: { file: location }, hint })
  }
  if (kinds.has('CSV')) {
    await loadText(session, root, names)
    return { relation: textTable, files: names.length, textFile: true, rowKeys }
  }
  const list = names.map((name) => quoteText(path.join(root, name))).join(', ')
  const reader = `read_parquet([${list}], union_by_name = true, hive_partitioning = false, filename = true, file_row_number = true)`
  const file = `substr(filename, ${path.join(root, '/').length + 1}) AS file`
  const relation = `(SELECT * EXCLUDE (filename, file_row_number), ${file}, (file_row_number + 1)::DOUBLE AS "row" FROM ${reader})`
  await readable(location, () => session.rows(`DESCRIBE SELECT * FROM ${relation}`))
  return { relation, files: names.length, textFile: false, rowKeys }
}

export async function forgetFiles(session: Session): Promise<void> {
  await session.run(`DROP TABLE IF EXISTS ${textTable}`)
}

async function findFiles(location: string): Promise<{ root: string; names: string[] }> {
  const found = await stat(location).catch(() => {
    throw new UserError('There is no such file or folder', { where: { file: location }, hint: 'Check the path.' })
  })
  if (found.isFile()) {
    if (isData(location)) return { root: path.dirname(location), names: [path.basename(location)] }
    const hint = 'FOCUS files end in .parquet, .csv or .csv.gz.'
    throw new UserError('The file is neither Parquet nor CSV', { where: { file: location }, hint })
  }
  const published = path.join(location, 'focus')
  const root = existsSync(published) ? published : location
  const names = (await readdir(root, { recursive: true })).filter(isData).toSorted()
  if (names.length === 0) {
    const hint = 'FOCUS files end in .parquet, .csv or .csv.gz.'
    throw new UserError('The folder holds no Parquet and no CSV file', { where: { file: root }, hint })
  }
  return { root, names }
}

function isData(name: string): boolean {
  const hidden = path
    .normalize(name)
    .split(path.sep)
    .some((part) => /^(_|\.(?!\.?$))/.test(part))
  return !hidden && /\.(parquet|csv|csv\.gz)$/.test(name)
}

async function loadText(session: Session, root: string, names: readonly string[]): Promise<void> {
  const paths = names.map((name) => path.join(root, name))
  await forgetFiles(session)
  const columns = `SELECT * FROM ${csvReader(paths)} LIMIT 0`
  const empty = `SELECT *, NULL::VARCHAR AS file, NULL::DOUBLE AS "row" FROM (${columns})`
  await readable(root, () => session.run(`CREATE TEMP TABLE ${textTable} AS ${empty}`))
  for (const [index, name] of names.entries()) {
    const rows = `SELECT *, ${quoteText(name)} AS file, row_number() OVER () AS "row" FROM ${csvReader(paths.slice(index, index + 1))}`
    await readable(name, () => session.run(`INSERT INTO ${textTable} BY NAME ${rows}`))
  }
}

/** RFC 4180 as text; the sniffer would guess types, dialects and dates. An empty field is null, quoted or not. */
function csvReader(paths: readonly string[]): string {
  const dialect = `header = true, delim = ',', quote = '"', escape = '"', nullstr = ''`
  return `read_csv([${paths.map(quoteText).join(', ')}], all_varchar = true, union_by_name = true, ${dialect})`
}

async function readable<Result>(file: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read()
  } catch (error) {
    const cause = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    throw new DataError(`The file cannot be read: ${cause}`, { where: { file }, cause: error })
  }
}
