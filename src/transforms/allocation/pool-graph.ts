import type { Driver, Receiver, SplitRule, Validity } from './rule-set.ts'
import { overlap, stretches } from './validity.ts'

/** Which pools give to which, on the days of one stretch of time. */
export interface PoolGraph {
  readonly valid: Validity
  /** The split of each pool that has one. */
  readonly splits: ReadonlyMap<string, SplitRule>
  readonly gives: ReadonlyMap<string, ReadonlySet<string>>
}

/** One graph for each stretch of time between changes of the splits. */
export function poolGraphs(splits: readonly SplitRule[], drivers: readonly Driver[]): PoolGraph[] {
  return stretches(splits.map(({ valid }) => valid)).map((valid) => {
    const current = splits.filter((split) => overlap(split.valid, valid))
    return {
      valid,
      splits: new Map(current.map((split) => [split.pool, split])),
      gives: new Map(current.map((split) => [split.pool, new Set(poolsOf(split, drivers))])),
    }
  })
}

/** The pools that a split may give to. */
function poolsOf({ method, onZeroWeight, coverage }: SplitRule, drivers: readonly Driver[]): string[] {
  const ofDriver = (id: string) => [...(drivers.find((driver) => driver.id === id)?.map.values() ?? [])]
  const fallbacks = [onZeroWeight, coverage?.below].flatMap((fallback) =>
    typeof fallback === 'object' ? ofDriver(fallback.driver) : [],
  )
  return pools([...receiversOf(method, ofDriver), ...fallbacks])
}

function receiversOf(method: SplitRule['method'], ofDriver: (id: string) => readonly Receiver[]): readonly Receiver[] {
  if (method.kind === 'fixed') return method.shares.map(({ to }) => to)
  if (method.kind === 'driver') return ofDriver(method.driver)
  return method.over === 'all' ? [] : method.over
}

function pools(receivers: readonly Receiver[]): string[] {
  return [...new Set(receivers.flatMap((to) => ('pool' in to ? to.pool : [])))]
}

/** Every pool that cost may come to from this one; the pool itself only when it is on a cycle. */
export function reachableFrom({ gives }: PoolGraph, pool: string): Set<string> {
  const reached = new Set<string>()
  const ahead = [...(gives.get(pool) ?? [])]
  for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
    if (reached.has(next)) continue
    reached.add(next)
    ahead.push(...(gives.get(next) ?? []))
  }
  return reached
}

/** A shortest way from a pool back to itself, with it at both ends; undefined when there is none. */
export function cycleThrough({ gives }: PoolGraph, pool: string): string[] | undefined {
  const seen = new Set<string>()
  let trails = [[pool]]
  while (trails.length > 0) {
    const next = trails.flatMap((trail) => [...(gives.get(trail.at(-1) ?? '') ?? [])].map((to) => [...trail, to]))
    const closed = next.find((trail) => trail.at(-1) === pool)
    if (closed !== undefined) return closed
    trails = next.filter((trail) => {
      const end = trail.at(-1) ?? ''
      return !seen.has(end) && seen.add(end)
    })
  }
  return undefined
}
