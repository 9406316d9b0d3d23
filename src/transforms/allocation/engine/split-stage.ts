import { listValue } from '@duckdb/node-api'
import type { Session } from '../../../core/duckdb.ts'
import { readBeside } from '../../../core/sql.ts'
import type { Reason, SplitRule } from '../rule-set.ts'
import { circleShares } from './circle.ts'
import { loadRows, matchColumns } from './placement.ts'
import type { Route, Shares } from './route.ts'
import type { RouteBook } from './routes.ts'
import { isOn, restShares, shareOut, type ShareContext, type ShareOut } from './shares.ts'
import type { Split } from './split-function.ts'
import type { Stage } from './stages.ts'
import { weightRows } from './weight-rows.ts'
import { occasionKey, type Occasion } from './weights.ts'

export interface StageWork {
  readonly session: Session
  readonly context: ShareContext
  readonly routes: RouteBook
  /** Why a charge went where those go that no rule places, by its entry route. */
  readonly entryReasons: ReadonlyMap<number, Reason>
  /** What split_amount cuts by; grows. */
  readonly cuts: Split[]
}

/** A way by which parts came into a pool, and what the charges of one cell have in common. */
export interface Demand {
  readonly route_id: number
  readonly cell_id: number
  readonly pool: string
  readonly first_day: string
  readonly bucket: string | null
  readonly currency: string
  readonly match_values: (string | null)[] | null
}

/** Shares, a text that is the same for the same shares, and when they are of. */
export interface Found {
  readonly key: string
  readonly pool: string
  readonly shares: Shares
  readonly occasion: Occasion
}

/** Splits every part that is in a pool of the stage by one step. */
export async function splitStage(work: StageWork, stage: Stage): Promise<void> {
  const { session, routes } = work
  const demands = await session.rows<Demand>(readBeside(import.meta.url, 'stage.sql'), {
    pools: listValue([...stage.pools]),
  })
  if (demands.length === 0) return
  const found = await findShares(work, stage, demands)
  const steps = stepsOf(work, demands, found)
  await routes.save(session)
  await loadRows(session, 'weights', weightRows(found))
  await session.run('DELETE FROM stage_splits')
  await loadRows(session, 'stage_splits', steps)
  await session.run(readBeside(import.meta.url, 'split.sql'))
}

/** The shares of each demand, in their order. */
async function findShares(work: StageWork, stage: Stage, demands: readonly Demand[]): Promise<Found[]> {
  const asked = stage.reciprocal
    ? demands.flatMap((demand) => stage.pools.map((pool) => ({ ...demand, pool })))
    : demands
  const sharers = await prepareSplits(work, asked)
  const known = new Map<string, Found>()
  const found: Found[] = []
  for (const demand of demands) {
    const one = stage.reciprocal
      ? await circleShares(stage.pools, demand, (pool) => sharesOf(work, sharers, { ...demand, pool }, known))
      : await sharesOf(work, sharers, demand, known)
    found.push(one)
  }
  return found
}

/** Each split of the stage that holds on a day that is asked for, ready to share, by number and day. */
async function prepareSplits(work: StageWork, demands: readonly Demand[]): Promise<Map<string, ShareOut>> {
  const bySplit = Map.groupBy(demands, (demand) => {
    const rule = splitOf(work, demand)
    return rule === undefined ? '' : sharerKey(work, rule, demand)
  })
  bySplit.delete('')
  const sharers = new Map<string, ShareOut>()
  for (const [key, ofSplit] of bySplit) {
    const [first] = ofSplit
    const rule = first && splitOf(work, first)
    if (first === undefined || rule === undefined) continue
    const occasions = ofSplit.map((demand) => occasionOf(work, rule, demand))
    sharers.set(key, await shareOut(work.context, rule, first.first_day, occasions))
  }
  return sharers
}

function sharerKey({ context }: StageWork, rule: SplitRule, { first_day }: Demand): string {
  return `${context.splits.indexOf(rule)} ${first_day}`
}

/** The split of the demand's pool on its day, if there is one. */
function splitOf({ context }: StageWork, { pool, first_day }: Demand): SplitRule | undefined {
  return context.splits.find((split) => split.pool === pool && isOn(split.valid, first_day))
}

/** As coarse as the split asks. */
function occasionOf({ context }: StageWork, rule: SplitRule, demand: Demand): Occasion {
  const { method, grain } = rule
  const column = method.kind === 'driver' && method.match !== undefined ? method.match : undefined
  const position = column === undefined ? -1 : matchColumns(context.ruleSet.splits).indexOf(column)
  return {
    firstDay: demand.first_day,
    bucket: grain === 'month' ? undefined : startOf(grain, demand.bucket),
    match: demand.match_values?.[position] ?? undefined,
    currency: demand.currency,
  }
}

function startOf(grain: 'hour' | 'day', bucket: string | null): string | undefined {
  return grain === 'day' ? bucket?.replace(/ .*/, ' 00:00:00') : (bucket ?? undefined)
}

async function sharesOf(
  work: StageWork,
  sharers: ReadonlyMap<string, ShareOut>,
  demand: Demand,
  known: Map<string, Found>,
): Promise<Found> {
  const rule = splitOf(work, demand)
  const reason = work.entryReasons.get(demand.route_id)
  const occasion = rule === undefined ? wholeMonth(demand) : occasionOf(work, rule, demand)
  const key = JSON.stringify([demand.pool, reason ?? null, demand.first_day, occasionKey(occasion)])
  const before = known.get(key)
  if (before !== undefined) return before
  const shares =
    rule === undefined
      ? restShares(work.context.ruleSet, demand.pool, reason)
      : await sharers.get(sharerKey(work, rule, demand))?.(occasion)
  if (shares === undefined) throw new RangeError(`the split ${rule?.id} is not prepared`)
  const found = { key, pool: demand.pool, shares, occasion }
  known.set(key, found)
  return found
}

function wholeMonth({ first_day, currency }: Demand): Occasion {
  return { firstDay: first_day, bucket: undefined, match: undefined, currency }
}

/** Rows of stage_splits: demands that came one way and are shared alike go on alike. */
function stepsOf({ routes, cuts }: StageWork, demands: readonly Demand[], found: readonly Found[]): object[] {
  const cutOf = new Map<string, number>()
  const onward = new Map<string, number[]>()
  return demands.map(({ route_id, cell_id }, index) => {
    const { key, shares } = found[index] as Found
    const cut =
      cutOf.get(key) ?? cuts.push({ weights: shares.shares.map(({ weight }) => weight), total: shares.total }) - 1
    cutOf.set(key, cut)
    const way = `${route_id} ${key}`
    const next = onward.get(way) ?? routes.goOn(routes.all[route_id] as Route, shares).map(({ id }) => id)
    onward.set(way, next)
    return { route_id, cell_id, split_id: cut, onward_routes: next }
  })
}
