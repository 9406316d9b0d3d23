import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { onOneThread, quoteText, type Session } from '../../core/duckdb.ts'
import { DataError, FocalError } from '../../core/errors.ts'
import { periodBounds } from '../../core/period.ts'
import { pathBeside, readBeside } from '../../core/sql.ts'
import { explainReadFailure } from '../read-failure.ts'
import { sideBySide } from '../side-by-side.ts'
import type { ExplainFailure, SourceFile, TransformInput } from '../transform.ts'
import { unpackText } from '../unpack.ts'
import { focusLayout, inOrderOfPlaces, writeStaged, type StagedPart } from '../write-staged.ts'
import {
  createCommitmentMetadata,
  isCommitmentHeader,
  nameCommitments,
  readCommitmentFile,
} from './commitment-metadata.ts'
import { explainFailure } from './failure.ts'
import type { GcpOptions } from './options.ts'
import { createFocusRaw, isFocusHeader } from './focus-export.ts'
import { isPriceListHeader, priceSkus, stagePrices } from './price-list.ts'
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
  billing: {
    stage: 'stage.sql',
    layout: { service: 'service_name', start: 'usage_start' },
    rows: ['lookups.sql', 'commitments.sql', 'focus.sql', 'controls.sql'],
  },
  focus: {
    stage: 'focus-export-stage.sql',
    layout: focusLayout,
    rows: ['focus-export.sql', 'focus-export-controls.sql'],
  },
} as const
type Kind = keyof typeof kinds

/**
 * Standard and detailed billing exports and Google's own FOCUS export, as newline JSON (plain or gzip) or Parquet with BigQuery's own nesting.
 * Each file is read once and kept as typed Parquet in the scratch folder; of its
 * rows only those of the unit's invoice month.
 */
export async function prepare(session: Session, input: TransformInput<GcpOptions>): Promise<ExplainFailure> {
  await describe(session, input)
  await createCommitmentMetadata(session)
  const read = await sideBySide(session, input.files, (lane, file, index) => stageFile(lane, input, file, index))
  const staged = read.filter(({ kind }) => kind !== 'commitments' && kind !== 'prices')
  const kind = refuseMixture(staged)
  await nameCommitments(session)
  await session.set('staged_files', inOrderOfPlaces(staged.map(({ parts }) => parts)))
  // Which rows of a FOCUS export are there twice is told from all of them.
  await session.set('divisible', kind !== 'focus')
  await session.run(readBeside(import.meta.url, '../staged-rows.sql'))
  await session.run('CREATE VIEW staged AS SELECT * EXCLUDE (file_row_number) FROM staged_rows')
  // Rows are in the order of the tables that they are joined to, where the plan begins with those.
  await onOneThread(session, async () => {
    if (kind === 'billing') await createBill(session, read)
    for (const file of kinds[kind].rows) await session.run(readBeside(import.meta.url, file))
  })
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
  const placements = await session.rows<{ credit: string; placement: string }>(
    "SELECT credit_type || '|' || coalesce(credit_name, '') AS credit, placement FROM credit_placements",
  )
  await session.set('credit_placements', new Map(placements.map(({ credit, placement }) => [credit, placement])))
  const { start, end } = periodBounds(period)
  await session.set('period_start', start)
  await session.set('period_end', end)
  await session.set('period', period)
  await session.set('invoice_month', period.replace('-', ''))
  await session.set('as_billed', options.commitment === 'as-billed')
  if (options.billingAccountName !== undefined) await session.set('billing_account_name', options.billingAccountName)
  if (options.invoiceIssuer !== undefined) await session.set('invoice_issuer', options.invoiceIssuer)
}

/** The rows that count, priced where the delivery has prices. */
async function createBill(session: Session, read: readonly StagedFile[]): Promise<void> {
  const prices = inOrderOfPlaces(read.filter(({ kind }) => kind === 'prices').map(({ parts }) => parts))
  await session.run(readBeside(import.meta.url, 'copies.sql'))
  if (prices.length > 0) await priceSkus(session, prices)
  await session.run(readBeside(import.meta.url, prices.length > 0 ? 'bill-with-prices.sql' : 'bill.sql'))
}

/** The metadata of commitments and prices are no part of the bill. */
type FileKind = Kind | 'commitments' | 'prices'

interface StagedFile {
  readonly file: SourceFile
  readonly kind: FileKind
  /** None of a file that is read into a table. */
  readonly parts: readonly StagedPart[]
}

async function stageFile(
  session: Session,
  { scratchDirectory }: Pick<TransformInput, 'scratchDirectory'>,
  file: SourceFile,
  index: number,
): Promise<StagedFile> {
  const target = join(scratchDirectory, `staged-${index}`)
  const readable = isParquet(file) ? file : await unpackText(file, join(scratchDirectory, `unpacked-${index}.json`))
  let kind: FileKind = 'billing'
  try {
    const names = await columnNames(session, readable)
    kind = kindOf(names)
    await session.set('source_file', file.name)
    await session.set('file_number', String(index))
    return { file, kind, parts: await stageRows(session, readable, { kind, names, target }) }
  } catch (error) {
    throw await explainFailure(error, session, readable, kind === 'prices' ? 'price-diagnose.sql' : 'diagnose.sql')
  } finally {
    if (readable.path !== file.path) await rm(readable.path)
  }
}

function kindOf(names: readonly string[]): FileKind {
  if (isCommitmentHeader(names)) return 'commitments'
  if (isPriceListHeader(names)) return 'prices'
  return isFocusHeader(names) ? 'focus' : 'billing'
}

async function stageRows(
  session: Session,
  file: SourceFile,
  { kind, names, target }: { kind: FileKind; names: readonly string[]; target: string },
): Promise<StagedPart[]> {
  if (kind === 'commitments') {
    await readCommitmentFile(session, file)
    return []
  }
  if (kind === 'prices') return stagePrices(session, file, target)
  if (kind === 'focus') await createFocusRaw(session, file, names)
  else await createRaw(session, file)
  const { stage, layout } = kinds[kind]
  return writeStaged(session, { select: readBeside(import.meta.url, stage), source: file, layout }, target)
}

/** Every file of a bill is of the kind of its first. */
function refuseMixture(staged: readonly StagedFile[]): Kind {
  const [first] = staged
  const other = staged.find(({ kind }) => kind !== first?.kind)
  if (other !== undefined) throw mixedKinds(other.file)
  return first?.kind === 'focus' ? 'focus' : 'billing'
}

function mixedKinds(file: SourceFile): DataError {
  return new DataError('some files are of a billing export and others of a FOCUS export', {
    where: { file: file.name },
    hint: 'Both hold the same charges: keep one kind, or write one source for each.',
  })
}
