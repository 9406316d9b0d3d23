import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { explain, type Candidate } from '../../../src/reports/reconcile/explain.ts'
import { breakClasses } from '../../../src/reports/reconcile/model.ts'
import { roundingTolerance, taxTolerance } from '../../../src/reports/reconcile/tolerance.ts'

const units = (amount: number) => BigInt(amount) * 10n ** 18n
const sumOf = (causes: readonly Candidate[]) => causes.reduce((sum, { amount }) => sum + amount, 0n)
const candidate = (name: Candidate['class'], amount: number): Candidate => ({
  class: name,
  text: '',
  amount: units(amount),
})

test('of causes that fit alike, the order of the classes decides; a closer one comes first', () => {
  const candidates = [candidate('timing', 50), candidate('tax', 50), candidate('sign', 51)]
  expect(explain(units(50), candidates, units(1))?.map((cause) => cause.class)).toEqual(['tax'])
  expect(explain(units(51), candidates, units(1))?.map((cause) => cause.class)).toEqual(['sign'])
  expect(explain(units(200), candidates, units(1))).toBeUndefined()
  expect(explain(units(1), candidates, units(1))).toEqual([])
})

test('a cause by itself is found among however many', () => {
  const many = Array.from({ length: 500 }, (_, at) => candidate('missing account', 1000 + 3 * at))
  expect(explain(units(1030), many, units(1))?.map(({ amount }) => amount)).toEqual([units(1030)])
})

/** As many as are tried together. Without the size there would be ten at most. */
const someCandidates = fc.array(
  fc.record({
    class: fc.constantFrom(...breakClasses),
    text: fc.string(),
    amount: fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }),
  }),
  { maxLength: 16, size: 'max' },
)

test('up to three causes are always found, by no more than it takes, and account for all but the tolerance', () => {
  fc.assert(
    fc.property(
      someCandidates,
      fc.array(fc.nat(15), { maxLength: 3 }),
      fc.bigInt({ min: 0n, max: 10n ** 18n }),
      (candidates, picks, tolerance) => {
        const planted = [...new Set(picks)].flatMap((at) => candidates[at] ?? [])
        const found = explain(sumOf(planted), candidates, tolerance)
        expect(found?.length).toBeLessThanOrEqual(planted.length)
        const left = sumOf(planted) - sumOf(found ?? [])
        expect(left <= tolerance && -left <= tolerance).toBe(true)
      },
    ),
  )
})

test.each([
  [0, 'USD', 10n ** 18n],
  [39_999, 'USD', 10n ** 18n],
  // The FOCUS example: a million rows in dollars may differ by five.
  [1_000_000, 'USD', 5n * 10n ** 18n],
  [90_000, 'JPY', 150n * 10n ** 18n],
  // The root of 50,000 is 223.606797749978969640…
  [50_000, 'USD', 1_118_033_988_749_894_848n],
])('the tolerance of %i rows in %s', (rows, currency, expected) => {
  expect(roundingTolerance(rows, currency)).toBe(expected)
})

test('taxes may differ by less than a subunit', () => {
  expect([taxTolerance('EUR'), taxTolerance('JPY')]).toEqual([9_999_999_999_999_999n, 999_999_999_999_999_999n])
})
