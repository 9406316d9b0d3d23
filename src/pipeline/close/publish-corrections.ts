import path from 'node:path'
import { openSession, type Session } from '../../core/duckdb.ts'
import type { Period } from '../../core/period.ts'
import { readBeside } from '../../core/sql.ts'
import { measure } from '../../sinks/measure.ts'
import type { Partition } from '../../sinks/sink.ts'
import { writePartitionFile } from '../partition-file.ts'
import type { CloseContext } from './books.ts'
import type { CorrectionFile } from './correction-files.ts'
import type { CorrectionTotal, PostedCorrections } from './events.ts'

export interface Made {
  /** Files with the corrections of each closed month. */
  readonly made: readonly string[]
  readonly postedIn: Period
  /** The partitions that there are in months that are not closed. */
  readonly open: readonly CorrectionFile[]
  readonly scratch: string
}

export type PublishedCorrections = PostedCorrections & { readonly period: Period }

/** One partition for each source that has corrections; those that have none any more are left empty. */
export async function publishCorrections(
  world: Pick<CloseContext, 'config' | 'lake' | 'runId' | 'signal'>,
  { made, postedIn, open, scratch }: Made,
): Promise<PublishedCorrections[]> {
  const { config, lake, signal } = world
  const session = await openSession({ ...config.engine, tempDirectory: path.join(scratch, 'spill'), signal })
  try {
    const published: PublishedCorrections[] = []
    const sources = await openMade(session, made)
    for (const source of sources) {
      await session.set('source', source)
      published.push(
        await publishRows(
          { ...world, scratch },
          session,
          { dataset: 'corrections', period: postedIn, source },
          rowsOfSource,
        ),
      )
    }
    for (const { path: file, ...partition } of open) {
      if (partition.period === postedIn && sources.includes(partition.source)) continue
      const [readable] = await lake.readable([file])
      await session.set('superseded', readable ?? '')
      published.push(await publishRows({ ...world, scratch }, session, partition, noRows))
    }
    return published
  } finally {
    session.close()
  }
}

const rowsOfSource = "SELECT * EXCLUDE (source) FROM corrections WHERE source = getvariable('source') ORDER BY ALL"
const noRows = "SELECT * FROM read_parquet(getvariable('superseded'), hive_partitioning = false) LIMIT 0"

/** Leaves `corrections`, those of every month, in the session, and gives their sources. */
async function openMade(session: Session, made: readonly string[]): Promise<string[]> {
  if (made.length === 0) return []
  await session.set('made_files', made)
  await session.run(
    "CREATE VIEW corrections AS SELECT * FROM read_parquet(getvariable('made_files'), union_by_name = true)",
  )
  const rows = await session.rows<{ source: string }>('SELECT DISTINCT source FROM corrections ORDER BY source')
  return rows.map(({ source }) => source)
}

async function publishRows(
  { lake, runId, signal, scratch }: Pick<CloseContext, 'lake' | 'runId' | 'signal'> & Pick<Made, 'scratch'>,
  session: Session,
  partition: Partition,
  rows: string,
): Promise<PublishedCorrections> {
  const aside = await lake.asidePath(runId, partition)
  await writePartitionFile(session, rows, aside, { scratchDirectory: scratch, signal })
  const file = await measure(aside, partition)
  await session.set('corrections_file', aside)
  const totals = await session.rows<CorrectionTotal>(readBeside(import.meta.url, 'correction-totals.sql'))
  await lake.publish(partition, aside)
  return { period: partition.period, source: partition.source, partition: file, totals }
}
