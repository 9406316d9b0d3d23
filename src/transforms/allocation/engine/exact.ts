import { fromUnits, toUnits } from '../../../core/decimal.ts'

/**
 * Exact arithmetic of a split. Amounts and weights are counts of 10⁻¹⁸, the last decimal of every amount in the
 * lake, so that nothing is rounded on the way in.
 */

/**
 * Parts of an amount in proportion to weights, whose sum is the amount. Each part is rounded towards zero, and the
 * units left over go to the parts that lost most, the first of equals: `largest remainder`, or Hamilton's method.
 * A zero weight gets zero, and the parts of -a are those of a with the sign turned. `total` is the sum of the
 * weights, which are not negative, and is positive.
 */
export function largestRemainder(amount: bigint, weights: readonly bigint[], total: bigint): bigint[] {
  const size = absolute(amount)
  const parts: bigint[] = []
  let left = size
  for (const weight of weights) {
    const part = (size * weight) / total
    parts.push(part)
    left -= part
  }
  if (left > 0n) {
    for (const index of mostLost(size, weights, total).slice(0, Number(left))) parts[index] = (parts[index] ?? 0n) + 1n
  }
  return amount < 0n ? parts.map((part) => -part) : parts
}

function mostLost(size: bigint, weights: readonly bigint[], total: bigint): number[] {
  const lost = weights.map((weight, index) => ({ index, remainder: (size * weight) % total }))
  lost.sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1))
  return lost.map(({ index }) => index)
}

/** A fraction in its lowest terms; the denominator is positive. */
export interface Ratio {
  readonly numerator: bigint
  readonly denominator: bigint
}

export const one: Ratio = { numerator: 1n, denominator: 1n }

export function ratio(numerator: bigint, denominator: bigint): Ratio {
  const divisor = greatestCommonDivisor(numerator, denominator) * (denominator < 0n ? -1n : 1n)
  return { numerator: numerator / divisor, denominator: denominator / divisor }
}

export function times(a: Ratio, b: Ratio): Ratio {
  return ratio(a.numerator * b.numerator, a.denominator * b.denominator)
}

/** The ratio cut off after 18 decimals, for readers who take a decimal; exact where it ends by then. */
export function cutOff({ numerator, denominator }: Ratio): string {
  return fromUnits((numerator * toUnits('1')) / denominator)
}

/** Never negative; of 0 and 0 it is 1, so that one can divide by it. */
export function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [absolute(a), absolute(b)]
  while (y > 0n) [x, y] = [y, x % y]
  return x === 0n ? 1n : x
}

/** The largest power of ten that divides all of them; 1 of zeros alone. */
export function commonPowerOfTen(values: readonly bigint[]): bigint {
  const divisor = values.reduce(greatestCommonDivisor, 0n)
  return 10n ** BigInt(/0*$/.exec(String(divisor))?.[0].length ?? 0)
}

export function absolute(value: bigint): bigint {
  return value < 0n ? -value : value
}

export function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n)
}
