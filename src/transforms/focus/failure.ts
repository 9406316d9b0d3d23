import type { Session } from '../../core/duckdb.ts'
import { DataError } from '../../core/errors.ts'
import { readBeside } from '../../core/sql.ts'
import type { ColumnRole } from './columns.ts'
import type { RawFile } from './raw.ts'

const expected: Partial<Record<ColumnRole, readonly [what: string, hint: string]>> = {
  decimal: ['amount', 'Expected a plain number such as 1234.50 or 4.0E-7, without thousands separators.'],
  datetime: ['time', 'Expected a time in ISO 8601 such as 2025-01-31T23:00:00Z.'],
  'issuer object': ['JSON object', 'Expected a JSON object such as {"x_Team":"payments"}.'],
}

/** A failure of DuckDB while it reads a file, as an error that names file, row, column and value where one is at fault. */
export async function explainFailure(error: unknown, session: Session, raw: RawFile): Promise<unknown> {
  if (!(error instanceof Error) || !/Conversion Error|Malformed JSON|timestamp field|Casting value/.test(error.message))
    return error
  const textCells = (role: ColumnRole) =>
    raw.columns
      .filter((column) => column.role === role && raw.types.get(column.name) !== undefined)
      .map(({ name }) => name)
  await session.set('amount_cells', ['no_value', ...textCells('decimal')])
  await session.set('instant_cells', textCells('datetime'))
  await session.set('object_cells', textCells('issuer object'))
  const [bad] = await session.rows<{ row_number: string; column_name: string; value: string }>(
    readBeside(import.meta.url, 'diagnose.sql'),
  )
  if (bad === undefined) return error
  const column = raw.columns.find(({ name }) => name === bad.column_name)
  const [what, hint] = expected[column?.role ?? 'decimal'] ?? ['value', 'Have the issuer deliver the file again.']
  return new DataError(`the value is no ${what}`, {
    where: {
      file: raw.file.name,
      row: Number(bad.row_number),
      column: column?.header ?? bad.column_name,
      value: bad.value,
    },
    hint,
    cause: error,
  })
}
