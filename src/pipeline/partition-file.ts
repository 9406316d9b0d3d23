import { rm } from 'node:fs/promises'
import path from 'node:path'
import { quoteText, type Session } from '../core/duckdb.ts'
import { joinParquet } from '../core/parquet-join.ts'

/** Beside the rows of a file: what it says of itself, and where it is written. */
export interface PartitionContent {
  /** Key-value metadata. Nothing of the run, or the same rows would give other bytes. */
  readonly metadata?: Readonly<Record<string, string>>
  readonly scratchDirectory: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Writes the rows of a query to one Parquet file that may take the place of another while readers read: every file of
 * the lake comes from here, or from `joinParquet` where it is written in parts.
 */
export async function writePartitionFile(
  session: Session,
  select: string,
  target: string,
  { metadata, scratchDirectory, signal }: PartitionContent,
): Promise<void> {
  const part = path.join(scratchDirectory, 'rows.parquet')
  await session.run(copyStatement(select, part, metadata))
  await joinParquet([part], target, signal)
  await rm(part)
}

/** The statement that writes the rows of a query as the lake keeps them. */
export function copyStatement(select: string, target: string, metadata: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(metadata).map(([key, value]) => `${key}: ${quoteText(value)}`)
  const about = pairs.length === 0 ? '' : `, KV_METADATA {${pairs.join(', ')}}`
  return `COPY (${select}) TO ${quoteText(target)} (FORMAT parquet, COMPRESSION zstd${about})`
}
