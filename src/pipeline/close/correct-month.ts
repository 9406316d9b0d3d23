import path from 'node:path'
import { openSession, quoteText, type Session } from '../../core/duckdb.ts'
import { RetryableError } from '../../core/errors.ts'
import type { Period } from '../../core/period.ts'
import { readBeside } from '../../core/sql.ts'
import { prepareAllocation } from '../../transforms/allocation/allocate.ts'
import { openCharges } from '../allocate-month.ts'
import type { UnitRecord } from '../state.ts'
import type { Booked, Cause, RulesInForce } from './events.ts'
import { restoreRules } from './kept-rules.ts'
import type { CloseContext } from './books.ts'

/** A closed month that may owe corrections, and what they follow from. */
export interface Ground {
  readonly period: Period
  readonly units: readonly UnitRecord[]
  readonly booked: Booked
  /** Those that it was booked by, or others that somebody approved since. */
  readonly rules: RulesInForce
  /** Partitions of corrections in closed months: they stay. */
  readonly earlier: readonly string[]
}

type World = Pick<CloseContext, 'config' | 'lake' | 'signal'>

/**
 * Allocates the rows of today by the month's rules, and writes what that differs by from all that is posted of the
 * month into a file of the scratch folder: rows of `allocated` with x_Cause and x_CorrectsPeriod.
 */
export async function correctMonth(
  world: World,
  ground: Ground,
  { postedIn, scratch }: { postedIn: Period; scratch: string },
): Promise<string> {
  const file = path.join(scratch, `corrections-${ground.period}.parquet`)
  const { config, lake, signal } = world
  const session = await openSession({ ...config.engine, tempDirectory: path.join(scratch, 'spill'), signal })
  try {
    const ruleSet = await restoreRules(lake, ground.rules)
    await openCharges(session, world, ground)
    await prepareAllocation(session, { ruleSet, period: ground.period, charges: 'charges' })
    await session.run('CREATE VIEW today AS FROM allocated')
    await openPosted(session, world, ground)
    await compare(session, { corrects: ground.period, postedIn, movedBy: whyMoved(ground), rules: ground.rules.print })
    await session.run(`COPY (FROM corrections ORDER BY ALL) TO ${quoteText(file)} (FORMAT parquet, COMPRESSION zstd)`)
    return file
  } finally {
    session.close()
  }
}

export interface Comparison {
  readonly corrects: Period
  readonly postedIn: Period
  /** Why the same charges are with other targets. */
  readonly movedBy: Cause
  /** Print of the rules. */
  readonly rules: string
}

/**
 * Leaves the table `corrections` in the session, of the relations `today` (allocated rows), `booked` (the month as it was
 * closed) and `earlier` (its corrections in closed months).
 */
export async function compare(session: Session, { corrects, postedIn, movedBy, rules }: Comparison): Promise<void> {
  const described = await session.rows<{ column_name: string }>('DESCRIBE today')
  await session.set(
    'allocated_columns',
    described.map(({ column_name }) => column_name),
  )
  await session.set('corrects', corrects)
  await session.set('posted_in', postedIn)
  await session.set('moved_by', movedBy)
  await session.set('rules_print', rules)
  await session.run(readBeside(import.meta.url, 'corrections.sql'))
}

/** Leaves `booked`, the month as it was closed, and `earlier`, its corrections so far, in the session. */
async function openPosted(session: Session, { lake }: World, { period, booked, earlier }: Ground): Promise<void> {
  const names = [...booked.sources.map(({ partition }) => partition.path), ...earlier]
  const found = await lake.readable(names)
  const files = found.map((file, at) => file ?? gone(names[at] ?? ''))
  await session.set('booked_files', files.slice(0, booked.sources.length))
  await session.set('earlier_files', files.slice(booked.sources.length))
  await session.set('corrects', period)
  await session.run(`
    CREATE VIEW booked AS SELECT * FROM read_parquet(getvariable('booked_files'),
      union_by_name = true, hive_partitioning = true, hive_types = {billing_period: VARCHAR, source: VARCHAR})`)
  if (earlier.length === 0) return session.run('CREATE VIEW earlier AS FROM booked LIMIT 0')
  await session.run(`
    CREATE VIEW earlier AS SELECT * FROM read_parquet(getvariable('earlier_files'),
      union_by_name = true, hive_partitioning = true, hive_types = {billing_period: VARCHAR, source: VARCHAR})
    WHERE x_CorrectsPeriod = getvariable('corrects')`)
}

function gone(file: string): never {
  throw new RetryableError('a partition of the books is missing from the lake', {
    where: { file },
    hint: 'Bring it back from a backup: it is what the month was closed with.',
  })
}

/** Why the same charges are with other targets: the tags they carry, unless somebody approved other rules. */
function whyMoved({ rules, booked }: Ground): Cause {
  if (rules.print === booked.rules.print) return 'tag_change'
  const drivers = JSON.stringify(rules.drivers) !== JSON.stringify(booked.rules.drivers)
  return drivers && rules.rules === booked.rules.rules ? 'driver_change' : 'rule_change'
}
