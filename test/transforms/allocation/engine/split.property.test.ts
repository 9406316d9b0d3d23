import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { largestRemainder, sum } from '../../../../src/transforms/allocation/engine/exact.ts'
import { eliminate, solveCircle } from '../../../../src/transforms/allocation/engine/reciprocal.ts'

/** Amounts up to 10^12 with 18 decimals, in units. */
const amount = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n })
const someWeights = fc
  .array(fc.oneof(fc.constant(0n), fc.bigInt({ min: 1n, max: 100n }), fc.bigInt({ min: 1n, max: 10n ** 40n })), {
    minLength: 1,
    maxLength: 12,
  })
  .filter((values) => sum(values) > 0n)

test('parts sum to the amount, and each is less than one unit from its exact share', () => {
  fc.assert(
    fc.property(amount, someWeights, (value, shares) => {
      const total = sum(shares)
      const parts = largestRemainder(value, shares, total)
      expect(sum(parts)).toBe(value)
      parts.forEach((part, index) => {
        const error = part * total - value * (shares[index] ?? 0n)
        expect(error > -total && error < total).toBe(true)
      })
    }),
    { numRuns: 2000 },
  )
})

test('a refund mirrors the charge, and a zero weight gets zero', () => {
  fc.assert(
    fc.property(amount, someWeights, (value, shares) => {
      const total = sum(shares)
      const parts = largestRemainder(value, shares, total)
      expect(largestRemainder(-value, shares, total)).toEqual(parts.map((part) => -part))
      shares.forEach((weight, index) => weight === 0n && expect(parts[index]).toBe(0n))
    }),
    { numRuns: 2000 },
  )
})

test('units left over go to the largest remainders, and to the first of equals', () => {
  expect(largestRemainder(100n, [1n, 1n, 1n], 3n)).toEqual([34n, 33n, 33n])
  expect(largestRemainder(-101n, [1n, 1n, 1n], 3n)).toEqual([-34n, -34n, -33n])
  expect(largestRemainder(10n, [1n, 2n, 4n], 7n)).toEqual([1n, 3n, 6n])
  expect(largestRemainder(0n, [5n, 7n], 12n)).toEqual([0n, 0n])
})

/**
 * A textbook problem (University of Regina): personnel gives data processing 20 % and maintenance 10 %; data processing
 * gives personnel 8 % and maintenance 7 %; the rest goes to machining and assembly.
 */
const departments = {
  weights: [
    [0n, 20n, 10n],
    [8n, 0n, 7n],
    [0n, 0n, 0n],
  ],
  exits: [
    [40n, 30n],
    [30n, 55n],
    [50n, 50n],
  ],
  totals: [100n, 100n, 100n],
}

const costs = [80_000n, 120_000n, 40_000n]

test('a circle is solved in integers: all that came in leaves it, to the cent of the textbook', () => {
  const solved = solveCircle(departments) ?? []
  expect(solved).toEqual([
    [517n, 467n],
    [371n, 613n],
    [1n, 1n],
  ])
  const cents = costs.map((cost, pool) => {
    const [machining = 0n, assembly = 0n] = solved[pool] ?? []
    return (cost * 100n * 10_000n * machining) / (machining + assembly)
  })
  expect(sum(cents) / 10_000n).toBe(10_727_642n)
  expect(24_000_000n - 10_727_642n).toBe(13_272_358n)
})

test('what passes through each pool of the circle in the end is what the textbook says', () => {
  // Gross cost g solves (T - Wᵗ) g = T c.
  const transposed = departments.totals.map((total, p) => [
    ...departments.weights.map((row, q) => (p === q ? total : 0n) - (row[p] ?? 0n)),
    total * (costs[p] ?? 0n) * 100n,
  ])
  const solved = eliminate(transposed) ?? []
  expect(solved.map((row, p) => rounded(row[3] ?? 0n, row[p] ?? 1n))).toEqual([9_105_691n, 13_821_138n, 5_878_049n])
})

/** To the nearest whole number, of positive ones. */
function rounded(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator)
}

test('a circle that no money leaves has no solution', () => {
  const endless = [
    [0n, 1n],
    [1n, 0n],
  ]
  expect(solveCircle({ weights: endless, exits: [[0n], [0n]], totals: [1n, 1n] })).toBeUndefined()
})

test('elimination leaves the determinant on the diagonal, whatever rows must change places', () => {
  expect(
    eliminate([
      [0n, 2n, 8n],
      [3n, 1n, 10n],
    ]),
  ).toEqual([
    [6n, 0n, 12n],
    [0n, 6n, 24n],
  ])
})
