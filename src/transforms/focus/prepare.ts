import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Session } from '../../core/duckdb.ts'
import type { FocusType } from '../../core/focus.ts'
import { periodOfFolders } from '../../core/hive.ts'
import { readBeside } from '../../core/sql.ts'
import { explainReadFailure } from '../read-failure.ts'
import type { ExplainFailure, SourceFile, TransformInput } from '../transform.ts'
import { unpackText } from '../unpack.ts'
import { focusLayout, inOrderOfPlaces, writeStaged, type StagedPart } from '../write-staged.ts'
import { everyFocusColumn, extensionIds, issuerName, type FileColumn } from './columns.ts'
import { declaredIn } from './declared.ts'
import { explainFailure } from './failure.ts'
import { noteFindings, versionOf } from './findings.ts'
import type { FocusOptions } from './options.ts'
import { createRaw, isParquet, openRaw } from './raw.ts'

/**
 * FOCUS files of any issuer and version, csv or Parquet. Each file is read once, into typed Parquet in the scratch
 * folder: files of one month may differ in columns and types.
 */
export async function prepare(session: Session, input: TransformInput<FocusOptions>): Promise<ExplainFailure> {
  for (const file of ['../macros.sql', 'macros.sql']) await session.run(readBeside(import.meta.url, file))
  await setColumnsByType(session)
  const staged: StagedPart[][] = []
  for (const [index, file] of input.files.entries()) {
    staged.push(await stageFile(session, file, join(input.scratchDirectory, `staged-${index}`), input))
  }
  const names = input.files.map(({ name }) => name)
  await session.set('staged_files', inOrderOfPlaces(staged))
  await session.set('period', input.period)
  await session.set(
    'shared_files',
    names.filter((name) => periodOfFolders(name) === undefined),
  )
  for (const file of ['staged.sql', '../projection/projection.sql', 'focus.sql', 'controls.sql']) {
    await session.run(readBeside(import.meta.url, file))
  }
  return async (error: unknown) => (error instanceof Error ? explainReadFailure(error, input.files) : error)
}

async function stageFile(session: Session, file: SourceFile, target: string, input: TransformInput<FocusOptions>) {
  const unpacked = join(input.scratchDirectory, 'unpacked.csv')
  const readable = isParquet(file.name) ? file : await unpackText(file, unpacked)
  try {
    const raw = await openRaw(session, readable)
    const declared = isParquet(file.name)
      ? ((await declaredIn(session, file)) ?? input.declaredVersion)
      : input.declaredVersion
    await noteFindings(session, raw, declared)
    await createRaw(session, raw)
    await session.set('source_file', file.name)
    await session.set('read_as', `FOCUS ${versionOf(raw, declared)}`)
    await setColumnsOfFile(session, raw.columns, raw.types)
    try {
      const stage = { select: readBeside(import.meta.url, 'stage.sql'), source: readable, layout: focusLayout }
      return await writeStaged(session, stage, target)
    } catch (error) {
      throw await explainFailure(error, session, raw)
    }
  } catch (error) {
    throw error instanceof Error ? explainReadFailure(error, [{ ...readable, name: file.name }]) : error
  } finally {
    if (readable.path !== file.path) await rm(readable.path, { force: true })
  }
}

function ofType(type: FocusType): string[] {
  return everyFocusColumn.filter((column) => column.type === type).map(({ id }) => id)
}

async function setColumnsByType(session: Session): Promise<void> {
  await session.set('decimal_columns', ofType('decimal'))
  await session.set('datetime_columns', ofType('datetime'))
  await session.set('json_columns', ofType('json'))
  await session.set('text_columns', ofType('string'))
  await session.set('extension_columns', extensionIds)
}

/** COLUMNS() fails when it finds none, so that each list has one column that is always there. */
async function setColumnsOfFile(
  session: Session,
  columns: readonly FileColumn[],
  types: ReadonlyMap<string, string>,
): Promise<void> {
  const isText = ({ name }: FileColumn) => types.get(name) === 'VARCHAR'
  const isDouble = ({ name }: FileColumn) => ['DOUBLE', 'FLOAT'].includes(types.get(name) ?? '')
  const names = (wanted: (column: FileColumn) => boolean) => [
    'no_value',
    ...columns.filter(wanted).map(({ name }) => name),
  ]
  const issuers = columns.filter(({ role }) => role === 'issuer')
  await session.set(
    'issuer_columns',
    names(({ role }) => role === 'issuer'),
  )
  await session.set('issuer_names', ['', ...issuers.map(({ header }) => `${JSON.stringify(issuerName(header))}:`)])
  await session.set('text_cells', names(isText))
  await session.set(
    'time_cells',
    names((column) => column.role === 'datetime' && isText(column)),
  )
  await session.set(
    'number_cells',
    names((column) => column.role === 'decimal' && isText(column)),
  )
  const doubles = columns.filter((column) => column.role === 'decimal' && isDouble(column))
  await session.set('double_cells', ['no_double', ...doubles.map(({ name }) => name)])
}
