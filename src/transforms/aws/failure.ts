import type { Session } from '../../core/duckdb.ts'
import { DataError, FocalError } from '../../core/errors.ts'
import { readBeside } from '../../core/sql.ts'
import { explainReadFailure } from '../read-failure.ts'
import type { SourceFile } from '../transform.ts'
import type { RawShape } from './raw.ts'

const expected = {
  amount: 'Expected a plain number such as 1234.50 or 4.0E-7, without thousands separators.',
  time: 'Expected a time in ISO 8601 such as 2025-01-31T23:00:00Z.',
  map: 'Expected a JSON object such as {"team":"payments"}.',
}

/** A failure of DuckDB while it reads a bill, as an error that names file, row, column and value. */
export async function explainFailure(
  error: unknown,
  session: Session,
  shape: RawShape | undefined,
  files: readonly SourceFile[],
) {
  if (error instanceof FocalError || !(error instanceof Error)) return error
  if (shape !== undefined && /Conversion Error|Malformed JSON|timestamp field|Casting value/.test(error.message)) {
    return (await findBadValue(error, session, shape)) ?? error
  }
  return explainReadFailure(error, files)
}

async function findBadValue(cause: Error, session: Session, shape: RawShape): Promise<DataError | undefined> {
  const textColumns = (kinds: string[]) =>
    shape.columns.flatMap(({ name, known }) =>
      known && kinds.includes(known.kind) && shape.types.get(name) === 'VARCHAR' ? [name] : [],
    )
  await session.set('amount_columns', textColumns(['amount']))
  await session.set('time_columns', textColumns(['time']))
  await session.set('map_columns', textColumns(['map']))
  const threads = await session.rows<{ threads: string }>("SELECT current_setting('threads') AS threads")
  await session.run('SET threads = 1')
  const [bad] = await session.rows<{ file: string; row_number: string; column_name: string; value: string }>(
    readBeside(import.meta.url, 'diagnose.sql'),
  )
  await session.run(`SET threads = ${threads[0]?.threads ?? 1}`)
  if (bad === undefined) return undefined
  const column = shape.columns.find(({ name }) => name === bad.column_name)
  const kind = column?.known?.kind === 'time' || column?.known?.kind === 'map' ? column.known.kind : 'amount'
  return new DataError(`the value is no ${kind === 'map' ? 'JSON object' : kind}`, {
    where: { file: bad.file, row: Number(bad.row_number), column: column?.header ?? bad.column_name, value: bad.value },
    hint: expected[kind],
    cause,
  })
}
