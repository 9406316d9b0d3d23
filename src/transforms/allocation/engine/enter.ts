import type { Session } from '../../../core/duckdb.ts'
import { readBeside } from '../../../core/sql.ts'
import { poolGraphs, reachableFrom } from '../pool-graph.ts'
import type { Reason, RuleSet, SplitRule } from '../rule-set.ts'
import { overlap } from '../validity.ts'
import { loadRows, matchColumns } from './placement.ts'
import type { RouteBook } from './routes.ts'

export interface Entered {
  /** Why a charge is where those go that no rule places, by its route. */
  readonly entryReasons: ReadonlyMap<number, Reason>
  /** The splits that hold on some day of the charges. */
  readonly splits: readonly SplitRule[]
}

/** Gives each placed charge its route and cell, and makes the charges in pools the first parts. */
export async function enterCharges(session: Session, ruleSet: RuleSet, routes: RouteBook): Promise<Entered> {
  const entries = await session.rows<Entry>(
    'SELECT DISTINCT rule, target, pool, reason FROM placed ORDER BY ALL NULLS FIRST',
  )
  const rows = entries.map((entry) => ({ ...entry, route_id: enter(routes, entry) }))
  await routes.save(session)
  await loadRows(session, 'entry_routes', rows)
  await loadRows(session, 'pool_needs', poolNeeds(ruleSet))
  await session.set('turning_days', await turningDays(session, ruleSet))
  await session.run(readBeside(import.meta.url, 'cells.sql'))
  await session.run(readBeside(import.meta.url, 'enter.sql'))
  const reasons = rows.flatMap(({ reason, route_id }) => (reason === null ? [] : [[route_id, reason] as const]))
  return { entryReasons: new Map(reasons), splits: await splitsOfMonth(session, ruleSet) }
}

interface Entry {
  readonly rule: string | null
  readonly target: string | null
  readonly pool: string | null
  readonly reason: Reason | null
}

function enter(routes: RouteBook, { rule, target, pool }: Entry): number {
  const at = target !== null ? { kind: 'target' as const, target } : { kind: 'pool' as const, pool: pool ?? '' }
  return routes.enter(at, rule ?? undefined).id
}

const grains = ['month', 'day', 'hour'] as const

/** What the splits of a pool, and of all that it may give to, ask of a charge. */
function poolNeeds({ pools, splits, drivers }: RuleSet): object[] {
  const columns = matchColumns(splits)
  const graphs = poolGraphs(splits, drivers)
  return pools.map(({ id }) => {
    const ahead = new Set([id, ...graphs.flatMap((graph) => [...reachableFrom(graph, id)])])
    const asking = splits.filter(({ pool }) => ahead.has(pool))
    const finest = Math.max(0, ...asking.map(({ grain }) => grains.indexOf(grain)))
    const matches = new Set(asking.flatMap(({ method }) => (method.kind === 'driver' ? (method.match ?? []) : [])))
    return {
      pool: id,
      grain: grains[finest],
      match_columns: columns.flatMap((column, index) => (matches.has(column) ? index + 1 : [])),
    }
  })
}

const firstOfAll = '0001-01-01'

/** The days on which a split, a target or a driver's row begins or ends, and the first of all. */
async function turningDays(session: Session, { splits, targets }: RuleSet): Promise<string[]> {
  const ofDrivers = await session.rows<{ day: string }>(`
    SELECT DISTINCT unnest([valid_from, valid_to])::VARCHAR AS day FROM driver_weights
    WHERE valid_from IS NOT NULL OR valid_to IS NOT NULL`)
  const ofRules = [...splits, ...targets].flatMap(({ valid }) => [valid.from, valid.to])
  const days = [...ofRules, ...ofDrivers.map(({ day }) => day)].filter((day) => typeof day === 'string')
  return [firstOfAll, ...new Set(days)].toSorted()
}

async function splitsOfMonth(session: Session, { splits }: RuleSet): Promise<SplitRule[]> {
  const [days] = await session.rows<{ first: string | null; after: string | null }>(`
    SELECT min(charged_at)::DATE::VARCHAR AS first, (max(charged_at)::DATE + 1)::VARCHAR AS after FROM placed`)
  const month = { from: days?.first ?? undefined, to: days?.after ?? undefined }
  return splits.filter(({ valid }) => overlap(valid, month))
}
