import { fromUnits } from '../../../core/decimal.ts'
import { commonPowerOfTen, one, ratio, times, type Ratio } from './exact.ts'
import type { Reason, RuleSet } from '../rule-set.ts'

/**
 * Where a part of a charge is, and by what way it came there: all of its lineage that is the same for every charge
 * that went this way. Rows carry the id of a route alone.
 */
export interface Route {
  readonly id: number
  /** The route that this one goes on from by a split; undefined where an assign rule placed a whole charge. */
  readonly from: number | undefined
  readonly at: Place
  /** The pools it came through, first to last. */
  readonly pools: readonly string[]
  /** The assign rule, if one matched, and the split of each pool. */
  readonly rules: readonly string[]
  readonly drivers: readonly string[]
  /** Of the last split: this part's weight of all, without zeros that every weight of it ends in; 1 of 1 at first. */
  readonly weight: bigint
  readonly total: bigint
  /** What the last split's weight measures; undefined where shares are not by a measure. */
  readonly measure: Measure | undefined
  /** Of the whole charge. */
  readonly ratio: Ratio
  /** A split on the way took weights from elsewhere than its rule names first. */
  readonly fallback: boolean
}

/** Decimal text and its unit, such as `1250` `queries`. */
export interface Measure {
  readonly quantity: string
  readonly unit: string
}

/** A pool to be split, a target that caused the cost, or an owner with whom it rests for a reason. */
export type Place =
  | { readonly kind: 'pool'; readonly pool: string }
  | { readonly kind: 'target'; readonly target: string }
  | {
      readonly kind: 'rest'
      readonly owner: string
      readonly reason: Reason
      /** Waits in the owner's care and is charged to nobody yet. */
      readonly held: boolean
    }

/** One text for each place, which sorts by the id of who receives. */
export function placeKey(place: Place): string {
  if (place.kind === 'pool') return `${place.pool}\npool`
  if (place.kind === 'target') return `${place.target}\ntarget`
  return `${place.owner}\nrest\n${place.reason}\n${place.held}`
}

/** A place's share in a split. */
export interface Share {
  readonly to: Place
  readonly weight: bigint
  /** What the weight counts in 10⁻¹⁸ of, such as `queries`; undefined where it is no measure. */
  readonly unit: string | undefined
}

/** How a pool is split on one occasion; shares are positive and in the byte order of their receivers. */
export interface Shares {
  readonly rule: string | undefined
  readonly shares: readonly Share[]
  readonly total: bigint
  readonly driver: string | undefined
  readonly fallback: boolean
}

/** The way of a charge that a rule, or none, has placed whole. */
export function entryRoute(id: number, at: Place, rule: string | undefined): Route {
  return {
    id,
    from: undefined,
    at,
    pools: at.kind === 'pool' ? [at.pool] : [],
    rules: rule === undefined ? [] : [rule],
    drivers: [],
    weight: 1n,
    total: 1n,
    measure: undefined,
    ratio: one,
    fallback: false,
  }
}

/** The way goes on to one of the shares of a split. */
export function onward(id: number, from: Route, split: Shares, share: Share): Route {
  const scale = commonPowerOfTen(split.shares.map(({ weight }) => weight))
  return {
    id,
    from: from.id,
    at: share.to,
    pools: share.to.kind === 'pool' ? [...from.pools, share.to.pool] : from.pools,
    rules: split.rule === undefined ? from.rules : [...from.rules, split.rule],
    drivers: split.driver === undefined ? from.drivers : [...from.drivers, split.driver],
    weight: share.weight / scale,
    total: split.total / scale,
    measure: share.unit === undefined ? undefined : { quantity: fromUnits(share.weight), unit: share.unit },
    ratio: times(from.ratio, ratio(share.weight, split.total)),
    fallback: from.fallback || split.fallback,
  }
}

/** The owner of a pool, for what cannot be split. */
export function ownerOf(ruleSet: RuleSet, pool: string): string {
  const owner = ruleSet.pools.find(({ id }) => id === pool)?.owner
  if (owner === undefined) throw new RangeError(`there is no pool ${pool}`)
  return owner
}
