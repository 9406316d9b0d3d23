import { breakClasses, type BreakClass } from './model.ts'

/** Something found among the charges that would account for a difference of `amount`, a count of 10^-18. */
export interface Candidate {
  readonly class: BreakClass
  /** Why, as one sentence. */
  readonly text: string
  readonly amount: bigint
}

/** More than three causes that happen to sum to a difference explain nothing. */
const mostCauses = 3
/** Beyond so many candidates, those of the most money are tried together; each is tried by itself. */
const mostTogether = 16

/**
 * The fewest candidates that account for a difference to within `tolerance`; the closest of equally few, then by the
 * order of the classes. None when the difference is within the tolerance already, undefined when nothing fits.
 */
export function explain<Found extends Candidate>(
  difference: bigint,
  candidates: readonly Found[],
  tolerance: bigint,
): readonly Found[] | undefined {
  const all = candidates.filter(({ amount }) => amount !== 0n).toSorted((a, b) => rank(a) - rank(b))
  const largest = new Set(all.toSorted((a, b) => compare(abs(b.amount), abs(a.amount))).slice(0, mostTogether))
  const together = all.filter((candidate) => largest.has(candidate))
  for (let count = 0; count <= mostCauses; count += 1) {
    const fitting = combinations(count > 1 ? together : all, count)
      .map((causes) => ({ causes, left: abs(difference - total(causes)) }))
      .filter(({ left }) => left <= tolerance)
      // Sorting is stable: combinations come in the order of the classes.
      .toSorted((a, b) => compare(a.left, b.left))
    const [best] = fitting
    if (best !== undefined) return best.causes
  }
  return undefined
}

function combinations<Item>(items: readonly Item[], count: number): Item[][] {
  if (count === 0) return [[]]
  return items.flatMap((item, at) => combinations(items.slice(at + 1), count - 1).map((rest) => [item, ...rest]))
}

function rank(candidate: Candidate): number {
  return breakClasses.indexOf(candidate.class)
}

function total(causes: readonly Candidate[]): bigint {
  return causes.reduce((sum, { amount }) => sum + amount, 0n)
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function abs(amount: bigint): bigint {
  return amount < 0n ? -amount : amount
}
