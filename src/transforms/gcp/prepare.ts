import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { quoteText, type Session } from '../../core/duckdb.ts'
import { DataError, FocalError } from '../../core/errors.ts'
import { periodBounds } from '../../core/period.ts'
import { pathBeside, readBeside } from '../../core/sql.ts'
import { explainReadFailure } from '../read-failure.ts'
import type { ExplainFailure, SourceFile, TransformInput } from '../transform.ts'
import { unpackText } from '../unpack.ts'
import { explainFailure } from './failure.ts'
import type { GcpOptions } from './options.ts'
import { createFocusRaw, isFocusHeader } from './focus-export.ts'
import { columnNames, createRaw, isParquet } from './raw.ts'

const tables = {
  services: 'reference/services.csv',
  regions: 'reference/regions.csv',
  units: 'reference/units.csv',
  resource_types: 'reference/resource-types.csv',
  adjustment_types: 'reference/adjustment-types.csv',
  fee_skus: 'reference/fee-skus.csv',
  credit_placements: 'reference/credit-placements.csv',
  row_plan: 'row-plan.csv',
}

/** The SQL of each kind of export, after `raw`. */
const kinds = {
  billing: { stage: 'stage.sql', rows: ['lookups.sql', 'commitments.sql', 'focus.sql', 'controls.sql'] },
  focus: { stage: 'focus-export-stage.sql', rows: ['focus-export.sql', 'focus-export-controls.sql'] },
} as const
type Kind = keyof typeof kinds

/**
 * Standard and detailed billing exports and Google's own FOCUS export, as newline JSON (plain or gzip) or Parquet with BigQuery's own nesting.
 * Each file is read once, in the order of the delivery, and kept as typed Parquet in the scratch folder; of its
 * rows only those of the unit's invoice month.
 */
export async function prepare(session: Session, input: TransformInput<GcpOptions>): Promise<ExplainFailure> {
  await describe(session, input)
  const staged: string[] = []
  let kind: Kind | undefined
  for (const [index, file] of input.files.entries()) {
    const readable = isParquet(file) ? file : await unpackText(file, join(input.scratchDirectory, 'unpacked.json'))
    const target = join(input.scratchDirectory, `staged-${index}.parquet`)
    kind = await stageFile(session, readable, index, target, kind)
    if (readable.path !== file.path) await rm(readable.path)
    staged.push(target)
  }
  await session.set('staged_files', staged)
  await session.run("CREATE VIEW staged AS SELECT * FROM read_parquet(getvariable('staged_files'))")
  for (const file of kinds[kind ?? 'billing'].rows) await session.run(readBeside(import.meta.url, file))
  return async (error) =>
    error instanceof FocalError || !(error instanceof Error) ? error : explainReadFailure(error, input.files)
}

/** Macros, tables and variables: all that does not depend on the files. */
async function describe(session: Session, { period, options }: TransformInput<GcpOptions>): Promise<void> {
  for (const file of ['../macros.sql', 'macros.sql']) await session.run(readBeside(import.meta.url, file))
  for (const [table, file] of Object.entries(tables)) {
    const path = quoteText(pathBeside(import.meta.url, file))
    await session.run(
      `CREATE TABLE ${table} AS FROM read_csv(${path}, header = true, all_varchar = true, delim = ',', quote = '"')`,
    )
  }
  await session.run(`SET VARIABLE credit_placements =
    (SELECT map(list(credit_type || '|' || coalesce(credit_name, '')), list(placement)) FROM credit_placements)`)
  const { start, end } = periodBounds(period)
  await session.set('period_start', start)
  await session.set('period_end', end)
  await session.set('period', period)
  await session.set('invoice_month', period.replace('-', ''))
  await session.set('as_billed', options.commitment === 'as-billed')
  if (options.billingAccountName !== undefined) await session.set('billing_account_name', options.billingAccountName)
  if (options.invoiceIssuer !== undefined) await session.set('invoice_issuer', options.invoiceIssuer)
}

/** Stages one file; every file of a delivery is of the kind of the first. */
async function stageFile(
  session: Session,
  file: SourceFile,
  index: number,
  target: string,
  expected: Kind | undefined,
): Promise<Kind> {
  try {
    await session.set('source_file', file.name)
    await session.set('file_number', String(index))
    const names = await columnNames(session, file)
    const kind = isFocusHeader(names) ? 'focus' : 'billing'
    if (expected !== undefined && kind !== expected) throw mixedKinds(file)
    if (kind === 'focus') await createFocusRaw(session, file, names)
    else await createRaw(session, file)
    await session.run(readBeside(import.meta.url, kinds[kind].stage))
    await session.run(`COPY (SELECT * FROM stage) TO ${quoteText(target)} (FORMAT parquet, COMPRESSION snappy)`)
    return kind
  } catch (error) {
    throw await explainFailure(error, session, file)
  }
}

function mixedKinds(file: SourceFile): DataError {
  return new DataError('some files are of a billing export and others of a FOCUS export', {
    where: { file: file.name },
    hint: 'Both hold the same charges: keep one kind, or write one source for each.',
  })
}
