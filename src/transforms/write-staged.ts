import { quoteText, type Session } from '../core/duckdb.ts'

/**
 * Writes the rows of a stage to a typed Parquet file of ours, in their order when the engine has one thread. `select` is
 * the text of a stage's `.sql`: one SELECT over `raw`. It is no view, for the engine would work out its types twice. Row
 * groups are half as large as usual: each lane holds one in memory.
 */
export async function writeStaged(session: Session, select: string, target: string): Promise<void> {
  const query = select.trimEnd().replace(/;$/, '')
  await session.run(
    `COPY (${query}) TO ${quoteText(target)} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 61440)`,
  )
}
