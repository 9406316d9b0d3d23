/**
 * Exact amounts made presentable: whole multiples of a unit (a cent) that still add up. All in BigInt; the amounts may
 * be counts of 10^-18 or of anything finer, as long as `unit` is counted alike. Commercial largest-remainder rounding.
 */

/** The multiple of `unit` next to an amount, halves away from zero, as its count: 149 in units of 100 is 1. */
export function roundToUnit(amount: bigint, unit: bigint): bigint {
  if (unit <= 0n) throw new RangeError('a unit is above 0')
  const magnitude = (abs(amount) * 2n + unit) / (unit * 2n)
  return amount < 0n ? -magnitude : magnitude
}

/**
 * Rounds amounts to whole units, so that they sum to `total`, a count of units that is less than one away from their
 * exact sum. Each result is less than one unit away from its amount, and what is whole stays. The amounts with the
 * largest remainders are rounded up; between equal ones the earlier is. Mirrored amounts give mirrored results.
 */
export function apportion(total: bigint, amounts: readonly bigint[], unit: bigint): bigint[] {
  const exact = amounts.reduce((sum, amount) => sum + amount, 0n)
  if (abs(total * unit - exact) >= unit) throw new RangeError('the total is a unit or more away from the amounts')
  // Ties fall to the earlier amount in refunds as in charges, so that a refund mirrors its charge.
  const leading = exact === 0n ? (amounts.find((amount) => amount !== 0n) ?? 0n) : exact
  if (leading < 0n) return apportionUp(-total, amounts.map(negate), unit).map(negate)
  return apportionUp(total, amounts, unit)
}

function apportionUp(total: bigint, amounts: readonly bigint[], unit: bigint): bigint[] {
  const floors = amounts.map((amount) => floorDivide(amount, unit))
  const remainders = amounts.map((amount, at) => amount - (floors[at] ?? 0n) * unit)
  const left = Number(total - floors.reduce((sum, floor) => sum + floor, 0n))
  const byRemainder = remainders
    .map((remainder, at) => ({ remainder, at }))
    .toSorted((a, b) => (a.remainder === b.remainder ? a.at - b.at : a.remainder > b.remainder ? -1 : 1))
  const raised = new Set(byRemainder.slice(0, left).map(({ at }) => at))
  return floors.map((floor, at) => (raised.has(at) ? floor + 1n : floor))
}

/**
 * Rounds amounts top-down: their total first, then within it the groups of each level, then the amounts themselves.
 * So the sums of every group, at every level, are its exact sum to within a unit. `levels` give the group that an amount
 * is of, outermost first; amounts of one group need not be neighbours. Results are counts of `unit`, in the order given.
 */
export function roundTopDown<Item>(items: readonly Item[], { exact, levels, unit }: RoundingRules<Item>): bigint[] {
  const results = new Map<number, bigint>()
  const descend = (members: readonly number[], total: bigint, depth: number): void => {
    const level = levels[depth]
    const groups =
      level === undefined
        ? members.map((at) => [at])
        : [...Map.groupBy(members, (at) => level(items[at] as Item)).values()]
    const shares = apportion(
      total,
      groups.map((group) => sumOf(group)),
      unit,
    )
    groups.forEach((group, at) => {
      const share = shares[at] ?? 0n
      if (level === undefined) results.set(group[0] ?? 0, share)
      else descend(group, share, depth + 1)
    })
  }
  const sumOf = (members: readonly number[]) => members.reduce((sum, at) => sum + exact(items[at] as Item), 0n)
  const all = items.map((_item, at) => at)
  descend(all, roundToUnit(sumOf(all), unit), 0)
  return all.map((at) => results.get(at) ?? 0n)
}

interface RoundingRules<Item> {
  readonly exact: (item: Item) => bigint
  readonly levels: readonly ((item: Item) => string)[]
  readonly unit: bigint
}

function floorDivide(amount: bigint, unit: bigint): bigint {
  const quotient = amount / unit
  return amount % unit < 0n ? quotient - 1n : quotient
}

function abs(amount: bigint): bigint {
  return amount < 0n ? -amount : amount
}

function negate(amount: bigint): bigint {
  return -amount
}
