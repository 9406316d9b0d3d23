import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { firstRecords } from '../../core/archive.ts'
import { onOneThread, quoteText, type Session } from '../../core/duckdb.ts'
import { pathBeside, readBeside } from '../../core/sql.ts'
import { sideBySide } from '../side-by-side.ts'
import type { ExplainFailure, SourceFile, TransformInput } from '../transform.ts'
import { unpackText } from '../unpack.ts'
import { inOrderOfPlaces, writeStaged, type StagedPart } from '../write-staged.ts'
import type { Dialect } from './dialect.ts'
import { explainFailure } from './failure.ts'
import { focusExportDialect, isFocusHeader } from './focus-export.ts'
import type { AwsOptions } from './options.ts'
import { checkShape, createRaw, csvHeader, csvShape, parquetColumns, parquetShape, type RawShape } from './raw.ts'
import { reportDialect } from './report.ts'

const tables = {
  services: 'reference/services.csv',
  service_parts: 'reference/service-parts.csv',
  regions: 'reference/regions.csv',
  region_prefixes: 'reference/region-prefixes.csv',
  pricing_units: 'reference/pricing-units.csv',
  usage_type_units: 'reference/usage-type-units.csv',
  resource_types: 'reference/resource-types.csv',
  row_plan: 'row-plan.csv',
}

/** Legacy reports, CUR 2.0 and FOCUS exports, as csv (plain, gzip, zip) or Parquet, told apart by their headers. */
export async function prepare(session: Session, input: TransformInput<AwsOptions>): Promise<ExplainFailure> {
  const { options } = input
  for (const file of ['../macros.sql', 'macros.sql']) await session.run(readBeside(import.meta.url, file))
  await session.set('period_start', `${input.period}-01`)
  await session.set('billing_account_type', options.billingAccountType ?? 'Management Account')
  await session.set('sub_account_type', options.subAccountType ?? 'Member Account')
  for (const [table, file] of Object.entries(tables)) {
    const path = quoteText(pathBeside(import.meta.url, file))
    await session.run(
      `CREATE TABLE ${table} AS FROM read_csv(${path}, header = true, all_varchar = true, delim = ',', quote = '"')`,
    )
  }
  const dialect = await stageFiles(session, input)
  const explain: ExplainFailure = (error) => explainFailure(error, session, undefined, input.files)
  try {
    // Rows are in the order of the tables that they are joined to, where the plan begins with those.
    await onOneThread(session, async () => {
      for (const file of dialect.rowsSql) await session.run(readBeside(import.meta.url, file))
    })
  } catch (error) {
    throw await explain(error)
  }
  return explain
}

/** Leaves `staged` over typed Parquet files of ours in the scratch folder: every value is parsed once. */
async function stageFiles(session: Session, input: TransformInput<AwsOptions>): Promise<Dialect> {
  const [first] = input.files
  const headers = first === undefined ? [] : await headersOf(session, first)
  const dialect = isFocusHeader(headers) ? focusExportDialect() : reportDialect(input.options)
  const staged = await sideBySide(session, input.files, (lane, file, index) =>
    stageFile(lane, input, dialect, file, index),
  )
  dialect.compareFiles?.(staged.map(({ shape }) => ({ name: shape.files[0]?.name ?? '', columns: shape.columns })))
  await dialect.describe(session, staged.at(-1)?.shape.columns ?? [])
  await session.set('staged_files', inOrderOfPlaces(staged.map(({ parts }) => parts)))
  await session.set('divisible', true)
  await session.run(readBeside(import.meta.url, '../staged-rows.sql'))
  await session.run('CREATE VIEW staged AS SELECT * EXCLUDE (file_row_number) FROM staged_rows')
  return dialect
}

async function headersOf(session: Session, file: SourceFile): Promise<readonly string[]> {
  if (!isParquet(file.name)) return (await firstRecords(file, 1))[0] ?? []
  return (await withReasons(session, undefined, [file], () => parquetColumns(session, [file]))).names
}

async function stageFile(
  session: Session,
  { scratchDirectory, columns }: TransformInput<AwsOptions>,
  dialect: Dialect,
  file: SourceFile,
  index: number,
): Promise<{ readonly shape: RawShape; readonly parts: readonly StagedPart[] }> {
  const readable = isParquet(file.name) ? file : await unpackText(file, join(scratchDirectory, `unpacked-${index}.csv`))
  const shape = await withReasons(session, undefined, [file], async () =>
    isParquet(file.name)
      ? parquetShape([file], await parquetColumns(session, [file]), dialect)
      : csvShape(readable, await csvHeader(readable), dialect),
  )
  await openShape(session, shape, dialect, columns)
  const stage = {
    select: readBeside(import.meta.url, dialect.stageSql),
    source: readable,
    layout: dialect.layout,
  }
  const parts = await withReasons(session, shape, [readable], () =>
    writeStaged(session, stage, join(scratchDirectory, `staged-${index}`)),
  )
  if (readable.path !== file.path) await rm(readable.path)
  return { shape, parts }
}

function isParquet(name: string): boolean {
  return /\.parquet$/i.test(name)
}

/** Leaves `raw` over the file, and the variables that say what its columns are. */
async function openShape(
  session: Session,
  shape: RawShape,
  dialect: Dialect,
  promised: readonly string[] | undefined,
): Promise<void> {
  checkShape(shape, dialect, promised)
  await createRaw(session, shape, dialect)
  await dialect.describe(session, shape.columns)
}

/** Runs `work`; when DuckDB fails in it, throws what a person can act on. */
async function withReasons<T>(
  session: Session,
  shape: RawShape | undefined,
  files: readonly SourceFile[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw await explainFailure(error, session, shape, files)
  }
}
