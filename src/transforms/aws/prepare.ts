import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { quoteText, type Session } from '../../core/duckdb.ts'
import { pathBeside, readBeside } from '../../core/sql.ts'
import type { ExplainFailure, SourceFile, TransformInput } from '../transform.ts'
import { unpackText } from '../unpack.ts'
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
  const allParquet = input.files.every(({ name }) => isParquet(name))
  const { dialect, explain } = allParquet ? await viewParquet(session, input) : await stageText(session, input)
  try {
    // The tables among these are worked out from the rows, so a bad value may be met here already.
    for (const file of dialect.rowsSql) await session.run(readBeside(import.meta.url, file))
  } catch (error) {
    throw await explain(error)
  }
  return explain
}

interface Staged {
  readonly dialect: Dialect
  readonly explain: ExplainFailure
}

/** Leaves `staged` as a view: Parquet is read where it lies, column by column, as often as it takes. */
async function viewParquet(session: Session, input: TransformInput<AwsOptions>): Promise<Staged> {
  const { files } = input
  const columns = await withReasons(session, undefined, files, () => parquetColumns(session, files))
  const dialect = dialectOf(columns.names, input.options)
  const shape = parquetShape(files, columns, dialect)
  await createStage(session, shape, dialect, input.columns)
  await session.run('CREATE VIEW staged AS SELECT * FROM stage')
  return { dialect, explain: (error) => explainFailure(error, session, shape, files) }
}

/**
 * Leaves `staged` over typed Parquet files of ours in the scratch folder: text is parsed once, file by file,
 * in the order of the delivery.
 */
async function stageText(session: Session, input: TransformInput<AwsOptions>): Promise<Staged> {
  let dialect: Dialect | undefined
  const staged: string[] = []
  const shapes: RawShape[] = []
  for (const [index, file] of input.files.entries()) {
    const readable = isParquet(file.name) ? file : await unpackText(file, join(input.scratchDirectory, 'unpacked.csv'))
    const shape = await withReasons(session, undefined, [file], async () => {
      if (isParquet(file.name)) {
        const columns = await parquetColumns(session, [file])
        dialect ??= dialectOf(columns.names, input.options)
        return parquetShape([file], columns, dialect)
      }
      const headers = await csvHeader(readable)
      dialect ??= dialectOf(headers, input.options)
      return csvShape(readable, headers, dialect)
    })
    const target = join(input.scratchDirectory, `staged-${index}.parquet`)
    await createStage(session, shape, dialect ?? reportDialect(input.options), input.columns)
    await withReasons(session, shape, [readable], () =>
      session.run(`COPY (SELECT * FROM stage) TO ${quoteText(target)} (FORMAT parquet, COMPRESSION snappy)`),
    )
    if (readable.path !== file.path) await rm(readable.path)
    staged.push(target)
    shapes.push(shape)
  }
  dialect ??= reportDialect(input.options)
  dialect.compareFiles?.(shapes.map(({ files, columns }) => ({ name: files[0]?.name ?? '', columns })))
  await session.set('staged_files', staged)
  await session.run("CREATE VIEW staged AS SELECT * FROM read_parquet(getvariable('staged_files'))")
  return { dialect, explain: (error) => explainFailure(error, session, undefined, input.files) }
}

function isParquet(name: string): boolean {
  return /\.parquet$/i.test(name)
}

function dialectOf(headers: readonly string[], options: AwsOptions): Dialect {
  return isFocusHeader(headers) ? focusExportDialect() : reportDialect(options)
}

async function createStage(
  session: Session,
  shape: RawShape,
  dialect: Dialect,
  promised: readonly string[] | undefined,
): Promise<void> {
  checkShape(shape, dialect, promised)
  await session.run('DROP VIEW IF EXISTS stage; DROP VIEW IF EXISTS typed;')
  await createRaw(session, shape, dialect)
  await dialect.describe(session, shape.columns)
  await session.run(readBeside(import.meta.url, dialect.stageSql))
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
