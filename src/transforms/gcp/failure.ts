import type { Session } from '../../core/duckdb.ts'
import { DataError, FocalError } from '../../core/errors.ts'
import { readBeside } from '../../core/sql.ts'
import { explainReadFailure } from '../read-failure.ts'
import type { SourceFile } from '../transform.ts'

const expected: Readonly<Record<string, string>> = {
  amount: 'Expected a plain number such as 1234.50 or 4.0E-7, without thousands separators.',
  time: 'Expected a time such as 2025-11-01 07:00:00 UTC or 2025-11-01T07:00:00Z.',
}

/**
 * A failure of DuckDB while it reads `file`, as an error that names file, row, column and value where it can;
 * `diagnosis` is the SQL that finds the value.
 */
export async function explainFailure(
  error: unknown,
  session: Session,
  file: SourceFile,
  diagnosis: 'diagnose.sql' | 'price-diagnose.sql',
): Promise<unknown> {
  if (error instanceof FocalError || !(error instanceof Error)) return error
  const { message } = error
  const json = /in line (\d+): ([^\n]*)/.exec(message)
  if (/JSON transform error|Malformed JSON/i.test(message) && json !== null) {
    const malformed = /Malformed JSON/i.test(message)
    const reason = (json[2] ?? '').replace(/\. .*$/, '')
    return new DataError(
      malformed
        ? `the line is no JSON object: ${reason}`
        : `the line has another shape than Google's export: ${reason}`,
      {
        // DuckDB counts a line that it cannot parse as read.
        where: { file: file.name, line: Number(json[1]) - (malformed ? 1 : 0) },
        hint: malformed
          ? 'Expected one JSON object on each line. Download or export the file again.'
          : 'Extract the table again, with its nested fields as BigQuery writes them.',
        cause: error,
      },
    )
  }
  if (/Conversion Error|timestamp field|Casting value/.test(message))
    return (await findBadValue(error, session, diagnosis)) ?? error
  return explainReadFailure(error, [file])
}

async function findBadValue(cause: Error, session: Session, diagnosis: string): Promise<DataError | undefined> {
  const [bad] = await session.rows<{
    file: string
    row_number: string
    column_name: string
    value: string
    kind: string
  }>(readBeside(import.meta.url, diagnosis))
  if (bad === undefined) return undefined
  return new DataError(`the value is no ${bad.kind}`, {
    where: { file: bad.file, row: Number(bad.row_number), column: bad.column_name, value: bad.value },
    hint: expected[bad.kind] ?? '',
    cause,
  })
}
