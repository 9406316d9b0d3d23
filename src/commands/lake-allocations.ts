import { quoteIdentifier, type Session } from '../core/duckdb.ts'
import {
  readAllocations,
  readClosedPeriods,
  readCurrentAllocations,
  type AllocationRecord,
} from '../pipeline/allocate-record.ts'
import { correctionFiles } from '../pipeline/close/correction-files.ts'
import type { Sink } from '../sinks/sink.ts'

/**
 * Views over what is allocated, each with billing_period and source: `allocated` (every month; closed ones as they were
 * booked), `as_booked` (the closed months alone), `restated` (every month by today's rows and rules) and `corrections`
 * (of closed months, in the months that they are posted in). A view without any partition is left out.
 */
export async function openAllocations(session: Session, lake: Sink): Promise<void> {
  const allocated = await readAllocations(lake, 'allocated')
  const closed = await readClosedPeriods(lake)
  const filesOf = (records: readonly AllocationRecord[]) => records.map(({ partition }) => partition.path)
  await openView(session, lake, 'allocated', filesOf(allocated))
  await openView(session, lake, 'as_booked', filesOf(allocated.filter(({ period }) => closed.has(period))))
  await openView(session, lake, 'restated', filesOf(await readCurrentAllocations(lake)))
  const corrections = await correctionFiles(lake)
  await openView(
    session,
    lake,
    'corrections',
    corrections.map(({ path }) => path),
  )
}

async function openView(session: Session, lake: Sink, name: string, names: readonly string[]): Promise<void> {
  const found = await lake.readable(names)
  const files = found.filter((file) => file !== undefined)
  if (files.length === 0) return
  await session.set(`${name}_files`, files)
  await session.run(`
    CREATE OR REPLACE VIEW ${quoteIdentifier(name)} AS SELECT * FROM read_parquet(getvariable('${name}_files'),
      union_by_name = true, hive_partitioning = true, hive_types = {billing_period: VARCHAR, source: VARCHAR})`)
}
