import { UserError } from '../../../core/errors.ts'
import { cycleThrough, poolGraphs, reachableFrom, type PoolGraph } from '../pool-graph.ts'
import type { RuleSet, SplitRule } from '../rule-set.ts'

/** Pools that are split at one time: none of them gives to another, but on a reciprocal circle. */
export interface Stage {
  readonly pools: readonly string[]
  /** The pools are one circle, to be solved at once. */
  readonly reciprocal: boolean
}

/**
 * The order in which pools are split: each after all that give to it, equals by id. A pool that is split by cost
 * with what earlier pools gave (`direct+prior`) waits for every pool that does not wait for it, and has a stage of
 * its own, so that the result does not hang on how pools are called. `splits` are those of the month.
 */
export function poolStages(ruleSet: RuleSet, splits: readonly SplitRule[]): Stage[] {
  const graph = wholeGraph(ruleSet, splits)
  const stages: Stage[] = []
  let waiting = groups(graph, ruleSet)
  while (waiting.length > 0) {
    const ready = waiting.filter((group) => !isFed(graph, group, waiting))
    const prompt = ready.filter((group) => !group.reciprocal && !waitsForPrior(group, splits))
    const next = prompt.length > 0 ? prompt : [ready.find(({ reciprocal }) => reciprocal) ?? ready[0]].flatMap(present)
    stages.push({ pools: next.flatMap(({ pools }) => pools), reciprocal: next.some(({ reciprocal }) => reciprocal) })
    waiting = waiting.filter((group) => !next.includes(group))
  }
  return stages
}

function present(stage: Stage | undefined): Stage[] {
  if (stage === undefined) throw new RangeError('each pool waits for another')
  return [stage]
}

/** All dates of the month together. Pools that are closed one after another give to later ones alone. */
function wholeGraph({ pools, drivers }: RuleSet, splits: readonly SplitRule[]): PoolGraph {
  const gives = new Map(pools.map(({ id }) => [id, new Set<string>()]))
  for (const graph of poolGraphs(splits, drivers)) {
    for (const [pool, receivers] of graph.gives) {
      for (const receiver of receivers) gives.get(pool)?.add(receiver)
    }
  }
  for (const [pool, receivers] of gives) {
    for (const receiver of receivers) if (isClosedBefore(splits, receiver, pool)) receivers.delete(receiver)
  }
  return { valid: { from: undefined, to: undefined }, splits: new Map(), gives }
}

/** Whether `pool` is already closed when `giver` is, on a circle that is stepped down. */
export function isClosedBefore(splits: readonly SplitRule[], pool: string, giver: string): boolean {
  const [step, giverStep] = [pool, giver].map((id) => {
    const cycle = splits.find((split) => split.pool === id)?.cycle
    return typeof cycle === 'object' ? cycle.stepDown : undefined
  })
  return step !== undefined && giverStep !== undefined && step <= giverStep
}

/** Each pool alone or with its reciprocal circle; groups and their pools in order of id. */
function groups(graph: PoolGraph, { pools, splits }: RuleSet): Stage[] {
  const ids = pools.map(({ id }) => id).toSorted()
  return ids.flatMap((pool): Stage[] => {
    const circle = [...reachableFrom(graph, pool)].filter((other) => reachableFrom(graph, other).has(pool)).toSorted()
    if (circle.length === 0) return [{ pools: [pool], reciprocal: false }]
    refuseUndeclared(graph, splits, circle)
    return circle[0] === pool ? [{ pools: circle, reciprocal: true }] : []
  })
}

function refuseUndeclared(graph: PoolGraph, splits: readonly SplitRule[], circle: readonly string[]): void {
  const open = circle.find((pool) => !splits.some((split) => split.pool === pool && split.cycle === 'reciprocal'))
  if (open === undefined) return
  throw new UserError(`the pools give to each other in a circle: ${cycleThrough(graph, open)?.join(' → ')}`, {
    hint: 'Give each of their splits cycle: reciprocal, or cycle: { stepDown: 1 } and so on in order.',
  })
}

function isFed(graph: PoolGraph, group: Stage, waiting: readonly Stage[]): boolean {
  const others = waiting.filter((other) => other !== group).flatMap(({ pools }) => pools)
  return others.some((other) => group.pools.some((pool) => graph.gives.get(other)?.has(pool)))
}

function waitsForPrior({ pools }: Stage, splits: readonly SplitRule[]): boolean {
  return splits.some(
    ({ pool, method }) => pools.includes(pool) && method.kind === 'cost' && method.basis === 'direct+prior',
  )
}
