import type { Session } from '../../core/duckdb.ts'
import { DataError, FocalError } from '../../core/errors.ts'
import { readBeside } from '../../core/sql.ts'
import { explainReadFailure } from '../read-failure.ts'
import type { SourceFile } from '../transform.ts'
import type { RawShape } from './raw.ts'

const expected = {
  amount: 'Expected a plain number such as 1234.50 or 4.0E-7, without thousands separators.',
  object: 'Expected JSON such as "team":"payments", with or without braces around it.',
}

/** A failure of DuckDB while it reads a file, as an error that names file, row, column and value. */
export async function explainFailure(
  error: unknown,
  session: Session,
  shape: RawShape | undefined,
  file: SourceFile,
): Promise<unknown> {
  if (error instanceof FocalError || !(error instanceof Error)) return error
  if (shape !== undefined && /Conversion Error|Malformed JSON|Invalid Input Error|Casting value/.test(error.message)) {
    const found = await findBadValue(error, session, shape)
    if (found !== undefined) return found
  }
  return explainReadFailure(error, [file])
}

async function findBadValue(cause: Error, session: Session, shape: RawShape): Promise<DataError | undefined> {
  const textColumns = (wanted: 'amount' | 'object') =>
    shape.columns.flatMap(({ name, known }) =>
      known?.kind === wanted && shape.types.get(name) === 'VARCHAR' ? [name] : [],
    )
  await session.set('amount_columns', ['no_value', ...textColumns('amount')])
  await session.set('object_columns', ['no_value', ...textColumns('object')])
  const [threads] = await session.rows<{ threads: string }>("SELECT current_setting('threads') AS threads")
  await session.run('SET threads = 1')
  try {
    const [bad] = await session.rows<{ file: string; row_number: string; column_name: string; value: string }>(
      readBeside(import.meta.url, 'diagnose.sql'),
    )
    if (bad === undefined) return undefined
    const column = shape.columns.find(({ name }) => name === bad.column_name)
    const kind = column?.known?.kind === 'object' ? 'object' : 'amount'
    return new DataError(`the value is no ${kind === 'object' ? 'JSON object' : kind}`, {
      where: {
        file: bad.file,
        row: Number(bad.row_number),
        column: column?.header ?? bad.column_name,
        value: bad.value,
      },
      hint: expected[kind],
      cause,
    })
  } catch {
    // The file cannot be read at all, which the caller explains.
    return undefined
  } finally {
    await session.run(`SET threads = ${threads?.threads ?? 1}`)
  }
}
