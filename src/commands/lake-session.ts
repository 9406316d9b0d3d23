import path from 'node:path'
import { openSession, type Session } from '../core/duckdb.ts'
import { UserError } from '../core/errors.ts'
import type { FocusVersion } from '../core/focus.ts'
import { readUnits } from '../pipeline/state.ts'
import { projectFocus } from '../transforms/projection/project.ts'
import type { Configured } from './configured.ts'
import { openAllocations } from './lake-allocations.ts'

/**
 * A session with views over the lake: `focus` (every published row, with billing_period and source) and
 * `units` (what is published, one row per source and period). With a FOCUS version, `focus` has its columns, whatever
 * version the lake was written in. UserError when nothing is published yet.
 */
export async function openLake(
  { config, lake }: Configured,
  signal?: AbortSignal,
  focusVersion?: FocusVersion,
): Promise<Session> {
  const units = await readUnits(lake)
  if (units.length === 0) throw new UserError('nothing is published yet', { hint: 'Run `focal run` first.' })
  const session = await openSession({
    ...config.engine,
    tempDirectory: path.join(config.workDirectory, 'spill'),
    signal,
  })
  const files = await lake.readable(units.map(({ partition }) => partition.path))
  await session.set(
    'focus_files',
    files.filter((file) => file !== undefined),
  )
  // By name: months that the export no longer holds keep the columns of the FOCUS version they were made with.
  await session.run(`
    CREATE VIEW published AS SELECT * FROM read_parquet(
      getvariable('focus_files'), union_by_name = true, hive_partitioning = true, hive_types = {billing_period: VARCHAR, source: VARCHAR})`)
  if (focusVersion === undefined) await session.run('CREATE VIEW focus AS FROM published')
  else await projectFocus(session, { relation: 'published', view: 'focus', version: focusVersion })
  await session.run(`
    CREATE TABLE units (source VARCHAR, period VARCHAR, version INTEGER, status VARCHAR, focus_version VARCHAR,
      delivery VARCHAR, rows BIGINT, published_at TIMESTAMPTZ)`)
  for (const unit of units) {
    await session.run(
      'INSERT INTO units VALUES ($source, $period, $version, $status, $focus, $delivery, $rows, $published::TIMESTAMPTZ)',
      {
        source: unit.source,
        period: unit.period,
        version: unit.version,
        status: unit.status,
        focus: unit.focusVersion,
        delivery: unit.delivery.id,
        rows: unit.rows,
        published: unit.publishedAt,
      },
    )
  }
  await openAllocations(session, lake)
  return session
}
