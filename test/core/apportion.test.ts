import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { apportion, roundToUnit, roundTopDown } from '../../src/core/apportion.ts'

const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n)
const abs = (amount: bigint) => (amount < 0n ? -amount : amount)

test('halves are rounded away from zero', () => {
  expect([149n, 150n, -149n, -150n, 0n].map((amount) => roundToUnit(amount, 100n))).toEqual([1n, 2n, -1n, -2n, 0n])
})

describe('apportion', () => {
  test('gives the units that are left to the largest remainders', () => {
    expect(apportion(10n, [333n, 333n, 334n], 100n)).toEqual([3n, 3n, 4n])
    expect(apportion(1n, [33n, 33n, 34n], 100n)).toEqual([0n, 0n, 1n])
  })

  test('gives equal remainders to the earlier amount, in a refund as in a charge', () => {
    expect(apportion(1n, [50n, 50n], 100n)).toEqual([1n, 0n])
    expect(apportion(-1n, [-50n, -50n], 100n)).toEqual([-1n, 0n])
  })

  test('leaves whole amounts alone', () => {
    expect(apportion(3n, [100n, 149n, 101n], 100n)).toEqual([1n, 1n, 1n])
  })

  test('refuses a total that the amounts cannot be rounded to', () => {
    expect(() => apportion(2n, [50n, 50n], 100n)).toThrow('the total is a unit or more away from the amounts')
  })
})

/** Amounts with up to 18 decimals of either sign, in a hierarchy of three levels. Without the size ten at most. */
const leaves = fc.array(
  fc.record({
    amount: fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }),
    path: fc.array(fc.nat({ max: 3 }), { minLength: 3, maxLength: 3 }),
  }),
  { maxLength: 60, size: 'max' },
)
type Leaf = { readonly amount: bigint; readonly path: readonly number[] }
const rules = {
  exact: ({ amount }: Leaf) => amount,
  levels: [0, 1, 2].map(
    (depth) =>
      ({ path }: Leaf) =>
        path.slice(0, depth + 1).join('/'),
  ),
  unit: 10n ** 16n,
}

describe('rounding top-down', () => {
  test('adds up at every level, each sum less than a unit from the exact one', () => {
    fc.assert(
      fc.property(leaves, (items) => {
        const rounded = roundTopDown<Leaf>(items, rules)
        const exactly = sum(items.map(({ amount }) => amount))
        expect(sum(rounded)).toBe(roundToUnit(exactly, rules.unit))
        const each = (item: Leaf) => String((items as readonly Leaf[]).indexOf(item))
        for (const level of [...rules.levels, each]) {
          for (const group of Map.groupBy(items.keys(), (at) => level(items[at] as Leaf)).values()) {
            const exact = sum(group.map((at) => items[at]?.amount ?? 0n))
            const shown = sum(group.map((at) => rounded[at] ?? 0n)) * rules.unit
            expect(abs(shown - exact)).toBeLessThan(rules.unit)
          }
        }
      }),
    )
  })

  test('mirrors refunds', () => {
    fc.assert(
      fc.property(leaves, (items) => {
        const mirrored = items.map((item) => ({ ...item, amount: -item.amount }))
        expect(roundTopDown(mirrored, rules)).toEqual(roundTopDown(items, rules).map((amount) => -amount))
      }),
    )
  })
})
