import { quoteIdentifier, quoteText, type Session } from '../../core/duckdb.ts'
import { readBeside } from '../../core/sql.ts'
import type { SourceFile } from '../transform.ts'
import { isParquet } from './raw.ts'

/** Columns that are used of Google's committed-use metadata export, as newline JSON holds them. */
const columns = {
  subscription: 'STRUCT(instance_id VARCHAR, display_name VARCHAR)',
  term: 'VARCHAR',
  end_time: 'VARCHAR',
} as const

/** Whether the columns of a file are those of the committed-use metadata export rather than of a bill. */
export function isCommitmentHeader(names: readonly string[]): boolean {
  return names.includes('subscription') && names.includes('term') && !names.includes('cost')
}

/** The table that the metadata's files are put into, empty. */
export async function createCommitmentMetadata(session: Session): Promise<void> {
  const list = Object.entries(columns).map(([name, type]) => `${quoteIdentifier(name)} ${type}`)
  await session.run(`CREATE TABLE commitment_metadata (${list.join(', ')})`)
}

/** Puts one file of metadata into the table. */
export async function readCommitmentFile(session: Session, file: SourceFile): Promise<void> {
  await session.set('file', file.path)
  const list = Object.keys(columns).map(quoteIdentifier).join(', ')
  const typed = Object.entries(columns).map(([name, type]) => `${quoteIdentifier(name)}: ${quoteText(type)}`)
  const relation = isParquet(file)
    ? "read_parquet(getvariable('file'), hive_partitioning => false)"
    : `read_json(getvariable('file'), format => 'newline_delimited', columns => {${typed.join(', ')}})`
  await session.run(`INSERT INTO commitment_metadata BY NAME SELECT ${list} FROM ${relation}`)
}

/** One row for each commitment, once every file has been read. */
export async function nameCommitments(session: Session): Promise<void> {
  await session.run(readBeside(import.meta.url, 'commitment-names.sql'))
}
