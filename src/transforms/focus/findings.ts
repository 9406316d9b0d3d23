import type { Session } from '../../core/duckdb.ts'
import { versionOfColumns } from '../../core/focus-version.ts'
import { issuerName, type FileColumn } from './columns.ts'
import type { RawFile } from './raw.ts'

/** Something about the columns of a file that is worth a line in the record. */
interface Finding {
  readonly finding: string
  readonly value: string
  readonly hint: string
}

/** The FOCUS version that a file is read as: what metadata declares, else what its columns show. */
export function versionOf({ file, columns }: RawFile, declared: string | undefined): string {
  return declared ?? shownVersion(columns, file.name)
}

function shownVersion(columns: readonly FileColumn[], file: string): string {
  return versionOfColumns(
    columns.map(({ name }) => name),
    file,
  )
}

/** Keeps what is to be said of a file's columns in the table `file_findings`, which `warnings` counts rows for. */
export async function noteFindings(session: Session, raw: RawFile, declared: string | undefined): Promise<void> {
  await session.run(
    'CREATE TABLE IF NOT EXISTS file_findings (file VARCHAR, finding VARCHAR, value VARCHAR, hint VARCHAR)',
  )
  const { columns, file } = raw
  for (const { finding, value, hint } of [
    ...spellingFindings(columns),
    ...foreignFindings(columns),
    ...versionFindings(raw, declared),
  ]) {
    await session.run('INSERT INTO file_findings VALUES ($file, $finding, $value, $hint)', {
      file: file.name,
      finding,
      value,
      hint,
    })
  }
}

function spellingFindings(columns: readonly FileColumn[]): Finding[] {
  const respelt = columns.filter(
    ({ header, name, role }) => header !== name && !['issuer', 'line number'].includes(role),
  )
  if (respelt.length === 0) return []
  const value = respelt.map(({ header, name }) => `${header} as ${name}`).join(', ')
  return [{ finding: 'columns spelt otherwise than in FOCUS', value, hint: 'Read as the FOCUS columns they are.' }]
}

function foreignFindings(columns: readonly FileColumn[]): Finding[] {
  const numbers = columns.filter(({ role }) => role === 'line number')
  const foreign = columns.filter(({ role, header }) => role === 'issuer' && issuerName(header) !== header)
  return [
    ...numbers.map(({ header }) => ({
      finding: 'stray id column',
      value: header === '' ? '(no name)' : header,
      hint: 'Kept as x_SourceLineId.',
    })),
    ...foreign.map(({ header }) => ({
      finding: 'column that FOCUS does not have, without x_ in front',
      value: header,
      hint: `Kept in x_IssuerColumns as ${issuerName(header)}.`,
    })),
  ]
}

function versionFindings({ columns, file }: RawFile, declared: string | undefined): Finding[] {
  const shown = shownVersion(columns, file.name)
  if (declared === undefined || declared === shown) return []
  const value = `${declared}, but the columns are those of ${shown}`
  return [{ finding: 'metadata says FOCUS', value, hint: 'Columns are read by their names, whatever the version.' }]
}
