import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { onOneThread, quoteText, type Session } from '../../core/duckdb.ts'
import { DataError, FocalError } from '../../core/errors.ts'
import { pathBeside, readBeside } from '../../core/sql.ts'
import { explainReadFailure } from '../read-failure.ts'
import { sideBySide } from '../side-by-side.ts'
import type { ExplainFailure, SourceFile, TransformInput } from '../transform.ts'
import { unpackText } from '../unpack.ts'
import { focusLayout, inOrderOfPlaces, writeStaged, writeWhole, type StagedPart } from '../write-staged.ts'
import { costColumns, readHeaders } from './columns.ts'
import { readDelivered, type DeliveredFile } from './delivered.ts'
import { explainFailure } from './failure.ts'
import { describeFocusExport, focusColumns, readFocusHeaders } from './focus-export.ts'
import type { AzureOptions } from './options.ts'
import { checkShape, createKnown, createRaw, isParquet, readHeader, shapeOf, type RawShape } from './raw.ts'
import { createSideTables, kindOf, readSideFile } from './side-files.ts'

const tables = {
  services: 'reference/services.csv',
  meter_categories: 'reference/meter-categories.csv',
  regions: 'reference/regions.csv',
  units: 'reference/units.csv',
  resource_types: 'reference/resource-types.csv',
  vocabulary: 'reference/vocabulary.csv',
  row_plan: 'row-plan.csv',
}

/** Dates are texts until all files are known, so that no row can be laid by its day. */
const textColumns = costColumns.filter(({ kind }) => kind === 'text' || kind === 'date').map(({ name }) => name)
const costLayout = { service: 'coalesce(meter_category, consumed_service)' }

type ChargesKind = 'cost' | 'FOCUS export'

/** A file of charges that has been read into typed Parquet of ours. */
interface StagedFile {
  readonly kind: ChargesKind
  readonly parts: readonly StagedPart[]
  readonly from: DeliveredFile
}

/**
 * Cost exports (csv plain, gzip or zip, or Parquet), usage details of the Consumption API, and Azure's FOCUS exports,
 * told apart by their headers. Each file is read once.
 */
export async function prepare(session: Session, input: TransformInput<AzureOptions>): Promise<ExplainFailure> {
  await describe(session, input)
  const read = await sideBySide(session, await readDelivered(input), (lane, delivered, index) =>
    stageFile(lane, delivered, input, index),
  )
  const staged = read.filter((file) => file !== undefined)
  const kind = refuseMixture(staged)
  // Rows are in the order of the tables that they are joined to, where the plan begins with those.
  await onOneThread(session, () => createRows(session, kind, staged, input))
  return async (error) =>
    error instanceof FocalError || !(error instanceof Error) ? error : explainReadFailure(error, input.files)
}

/** Macros, tables and variables: all that does not depend on the files. */
async function describe(session: Session, { period, options }: TransformInput<AzureOptions>): Promise<void> {
  for (const file of ['../macros.sql', 'macros.sql']) await session.run(readBeside(import.meta.url, file))
  for (const [table, file] of Object.entries(tables)) {
    const path = quoteText(pathBeside(import.meta.url, file))
    await session.run(
      `CREATE TABLE ${table} AS FROM read_csv(${path}, header = true, all_varchar = true, delim = ',', quote = '"')`,
    )
  }
  await createSideTables(session)
  await describeFocusExport(session)
  await session.set('period_start', `${period}-01`)
  await session.set('text_columns', textColumns)
  if (options.billingCurrency !== undefined) await session.set('default_currency', options.billingCurrency)
}

/** Reads one file of the delivery; undefined when it holds no charges. */
async function stageFile(
  session: Session,
  from: DeliveredFile,
  { scratchDirectory }: Pick<TransformInput, 'scratchDirectory'>,
  index: number,
): Promise<StagedFile | undefined> {
  const { file } = from
  const target = join(scratchDirectory, `staged-${index}`)
  const readable = isParquet(file.name) ? file : await unpackText(file, join(scratchDirectory, `unpacked-${index}`))
  let shape: RawShape | undefined
  try {
    if (/\.ndjson(\.gz)?$/i.test(file.name)) {
      await openUsageDetails(session, readable)
    } else {
      const header = await readHeader(session, readable)
      const kind = kindOf(header)
      if (kind === 'price sheet' || kind === 'reservation details') {
        await readSideFile(session, kind, readable, header)
        return undefined
      }
      if (kind === 'other') return undefined
      shape = shapeOf(
        readable,
        header,
        kind === 'cost' ? readHeaders(header.names, costColumns, file.name) : readFocusHeaders(header.names),
      )
      await openExport(session, kind, shape)
      if (kind === 'FOCUS export') {
        const select = readBeside(import.meta.url, 'focus-export-stage.sql')
        const stage = { select, source: readable, layout: focusLayout }
        return { kind, from, parts: await writeStaged(session, stage, target) }
      }
    }
    const stage = { select: readBeside(import.meta.url, 'stage.sql'), source: readable, layout: costLayout }
    return { kind: 'cost', from, parts: await writeStaged(session, stage, target) }
  } catch (error) {
    throw await explainFailure(error, session, shape, readable)
  } finally {
    if (readable.path !== file.path) await rm(readable.path, { force: true })
  }
}

/** Leaves `raw` over the file. */
async function openExport(session: Session, kind: ChargesKind, shape: RawShape): Promise<void> {
  const known = kind === 'cost' ? costColumns : focusColumns
  checkShape(shape, known, kind === 'cost' ? 'cost export' : kind)
  await createRaw(session, shape, known)
  if (kind === 'FOCUS export') await describeFocusExport(session, shape.columns)
  else
    await session.set(
      'has_charge_type',
      shape.columns.some(({ name }) => name === 'charge_type'),
    )
}

async function openUsageDetails(session: Session, file: SourceFile): Promise<void> {
  await createKnown(session, costColumns, new Map())
  await session.set('files', [file.path])
  await session.set('file_names', new Map([[file.path, file.name]]))
  await session.set('has_charge_type', true)
  await session.run(readBeside(import.meta.url, 'usage-details.sql'))
}

/** Cost exports and FOCUS exports tell the same charges: together they would be counted twice. */
function refuseMixture(staged: readonly StagedFile[]): ChargesKind {
  const focus = staged.find(({ kind }) => kind === 'FOCUS export')
  const cost = staged.find(({ kind }) => kind === 'cost')
  if (focus !== undefined && cost !== undefined) {
    throw new DataError('a FOCUS export and a cost export in one delivery', {
      where: { file: focus.from.file.name },
      hint: `${cost.from.file.name} tells the same charges. Point the location at one of the two exports.`,
    })
  }
  return focus?.kind ?? 'cost'
}

async function createRows(
  session: Session,
  kind: ChargesKind,
  staged: readonly StagedFile[],
  { scratchDirectory }: Pick<TransformInput, 'scratchDirectory'>,
): Promise<void> {
  const parts = staged.length > 0 ? staged.map((file) => file.parts) : [await stageNothing(session, scratchDirectory)]
  await session.set('staged_files', inOrderOfPlaces(parts))
  await session.set('divisible', kind === 'cost')
  if (kind === 'cost') await session.run(readBeside(import.meta.url, '../staged-rows.sql'))
  await session.run(
    'CREATE TABLE file_groups (source_file VARCHAR, group_name VARCHAR, declared VARCHAR, promised_rows BIGINT)',
  )
  for (const { from } of staged) {
    await session.run('INSERT INTO file_groups VALUES ($file, $group, $declared, $promised)', {
      file: from.file.name,
      group: from.group,
      declared: from.declared ?? null,
      promised: from.promisedRows === undefined ? null : BigInt(from.promisedRows),
    })
  }
  const files =
    kind === 'cost'
      ? ['dates.sql', 'datasets.sql', 'lookups.sql', 'focus.sql', 'controls.sql']
      : ['focus-export.sql', 'focus-export-controls.sql']
  for (const file of files) await session.run(readBeside(import.meta.url, file))
}

/** A delivery without a data file is a month without charges. */
async function stageNothing(session: Session, scratchDirectory: string): Promise<StagedPart[]> {
  await createKnown(session, costColumns, new Map())
  await session.run('CREATE VIEW raw AS SELECT * FROM known')
  await session.set('file_names', new Map([['', '']]))
  await session.set('has_charge_type', true)
  return writeWhole(session, readBeside(import.meta.url, 'stage.sql'), join(scratchDirectory, 'staged-nothing'))
}
