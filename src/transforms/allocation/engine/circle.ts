import { UserError } from '../../../core/errors.ts'
import { sum } from './exact.ts'
import { solveCircle } from './reciprocal.ts'
import { placeKey, type Place, type Share, type Shares } from './route.ts'
import type { Demand, Found } from './split-stage.ts'

/** What a pool on a reciprocal circle gives to those outside it in the end, as one step. */
export async function circleShares(
  pools: readonly string[],
  demand: Demand,
  sharesOf: (pool: string) => Promise<Found>,
): Promise<Found> {
  const found: Found[] = []
  for (const pool of pools) found.push(await sharesOf(pool))
  const outside = receiversOutside(pools, found)
  const solved = solveCircle({
    weights: found.map(({ shares }) => pools.map((pool) => weightFor(shares, { kind: 'pool', pool }))),
    exits: found.map(({ shares }) => outside.map((place) => weightFor(shares, place))),
    totals: found.map(({ shares }) => shares.total),
  })
  const own = found[pools.indexOf(demand.pool)]
  const weights = solved?.[pools.indexOf(demand.pool)]
  if (own === undefined || weights === undefined) throw endless(pools)
  return {
    ...own,
    key: JSON.stringify([demand.pool, ...found.map(({ key }) => key)]),
    shares: {
      ...own.shares,
      ...outsideShares(outside, weights),
      fallback: found.some(({ shares }) => shares.fallback),
    },
  }
}

function outsideShares(places: readonly Place[], weights: readonly bigint[]): Pick<Shares, 'shares' | 'total'> {
  const shares = places.map((to, index): Share => ({ to, weight: weights[index] ?? 0n, unit: undefined }))
  return { shares: shares.filter(({ weight }) => weight > 0n), total: sum(weights) }
}

/** In byte order of their ids, since each pool's shares are. */
function receiversOutside(pools: readonly string[], found: readonly Found[]): Place[] {
  const places = found.flatMap(({ shares }) => shares.shares.map(({ to }) => to))
  const outside = places.filter((place) => place.kind !== 'pool' || !pools.includes(place.pool))
  const byKey = new Map(outside.map((place) => [placeKey(place), place]))
  const keys = [...byKey.keys()].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return keys.flatMap((key) => byKey.get(key) ?? [])
}

function weightFor({ shares }: Shares, place: Place): bigint {
  return shares.find(({ to }) => placeKey(to) === placeKey(place))?.weight ?? 0n
}

function endless(pools: readonly string[]): UserError {
  return new UserError(`no money ever leaves the circle ${[...pools, pools[0]].join(' → ')}`, {
    hint: 'Give a share of one of the pools to a target.',
  })
}
