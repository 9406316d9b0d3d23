import path from 'node:path'
import { openSession, type Session } from '../core/duckdb.ts'
import { readBeside } from '../core/sql.ts'
import { prepareAllocation } from '../transforms/allocation/allocate.ts'
import type { RuleSet } from '../transforms/allocation/rule-set.ts'
import { openCharges, type Month } from './allocate-month.ts'
import { readCurrentAllocations } from './allocate-record.ts'
import type { RunContext } from './context.ts'

/** What a target has of a month in one currency, with an owner who caused it (no reason) or for a reason. */
export interface TargetTotal {
  readonly target: string
  readonly name: string
  readonly currency: string
  readonly reason: string | null
  readonly billed: string
  readonly effective: string
}

export interface Simulation {
  /** By the rules that the month was last allocated by; none when it never was. */
  readonly before: readonly TargetTotal[]
  /** By the other rules, over the same rows. */
  readonly after: readonly TargetTotal[]
}

type World = Pick<RunContext, 'config' | 'lake' | 'signal'>

/** Allocates a month by other rules and changes nothing. */
export async function simulateMonth(
  world: World,
  ruleSet: RuleSet,
  month: Pick<Month, 'period' | 'units'>,
): Promise<Simulation> {
  const { config, lake, signal } = world
  const session = await openSession({
    ...config.engine,
    tempDirectory: path.join(config.workDirectory, 'spill'),
    signal,
  })
  try {
    await openCharges(session, world, month)
    await prepareAllocation(session, { ruleSet, period: month.period, charges: 'charges' })
    const after = await totals(session)
    const current = (await readCurrentAllocations(lake)).filter(({ period }) => period === month.period)
    const found = await lake.readable(current.map(({ partition }) => partition.path))
    const files = found.filter((file) => file !== undefined)
    if (files.length === 0) return { before: [], after }
    await session.set('current_files', files)
    await session.run(
      "CREATE OR REPLACE VIEW allocated_now AS SELECT * FROM read_parquet(getvariable('current_files'), union_by_name = true)",
    )
    return { before: await totals(session, 'allocated_now'), after }
  } finally {
    session.close()
  }
}

async function totals(session: Session, relation = 'allocated'): Promise<TargetTotal[]> {
  await session.run(`CREATE OR REPLACE TEMP VIEW totalled AS SELECT * FROM ${relation}`)
  return session.rows<TargetTotal>(readBeside(import.meta.url, 'allocate-totals.sql'))
}
