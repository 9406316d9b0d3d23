import type { Session } from '../core/duckdb.ts'
import { UserError } from '../core/errors.ts'
import { lakeColumns, type FocusVersion, type LakeColumn } from '../core/focus.ts'

/**
 * Prepares the transform's statement, without reading a row, and compares its columns with the FOCUS schema.
 * Gives back the lake's columns. A difference is a mistake in the transform: UserError lists it.
 */
export async function compareColumns(session: Session, version: FocusVersion): Promise<readonly LakeColumn[]> {
  const described = await session.rows<{ column_name: string; column_type: string }>('DESCRIBE SELECT * FROM focus')
  const made = new Map(described.map(({ column_name, column_type }) => [column_name, column_type]))
  const wanted = lakeColumns(version)
  const differences = wanted.flatMap(({ name, type }) => {
    const found = made.get(name)
    if (found === undefined) return [`${name} is missing`]
    return found === type ? [] : [`${name} is ${found}, not ${type}`]
  })
  if (differences.length === 0) return wanted
  throw new UserError(`the transform does not make FOCUS ${version} rows: ${differences.join('; ')}`, {
    hint: 'Mend its focus.sql: every column of the schema is cast to the type the schema names.',
  })
}
