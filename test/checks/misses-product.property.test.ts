import * as fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { defineRuleMacros } from '../../src/checks/index.ts'
import { sharedSession } from './focus-rows.ts'

const session = sharedSession()

beforeAll(async () => defineRuleMacros(session()))

async function misses(cost: string, price: string, quantity: string): Promise<boolean | null> {
  const [row] = await session().rows<{ misses: boolean | null }>(
    'SELECT misses_product($cost::DECIMAL(38, 18), $price::DECIMAL(38, 18), $quantity::DECIMAL(38, 18)) AS misses',
    { cost, price, quantity },
  )
  return row?.misses ?? null
}

test.each([
  ['10', '2', '5', false],
  ['10.000000001', '2', '5', false],
  // A price that was rounded to 12 decimals: 1e-12 for each of 5 units are allowed too.
  ['10.000000001005', '2', '5', false],
  ['10.000000001006', '2', '5', true],
  ['10.00000001', '2', '5', true],
  ['-10', '2', '-5', false],
  // 900 units and more are left to doubles, and so are 90 of the currency.
  ['1.8000000019', '0.002', '900', false],
  ['1.8000000020', '0.002', '900', true],
  ['1000000', '2', '500000', false],
  ['1000000.000001', '2', '500000', true],
  // The product is beyond any decimal that could hold it exactly.
  ['1', '10000000000', '10000000000', true],
])('cost %s, price %s, quantity %s: %s', async (cost, price, quantity, expected) => {
  expect(await misses(cost, price, quantity)).toBe(expected)
})

// What Google rounds to a millionth, of a price of its own.
test.each([
  ['10.000002', '2', '5', true],
  ['10.000002000000000001', '2', '5', false],
  ['-10.000002', '2', '-5', true],
  ['9.999998', '2', '5', true],
  // Beyond 90 of the currency doubles tell.
  ['1000000.000001', '2', '500000', true],
  ['1000000.000003', '2', '500000', false],
  ['1', '10000000000', '10000000000', false],
])('cost %s is price %s times quantity %s but for two millionths: %s', async (cost, price, quantity, expected) => {
  const rows = await session().rows(
    `SELECT rounds_product($cost::DECIMAL(38, 18), $price::DECIMAL(38, 18), $quantity::DECIMAL(38, 18), 0.000002) AS rounds,
      rounds_product(NULL::DECIMAL(38, 18), $price::DECIMAL(38, 18), $quantity::DECIMAL(38, 18), 0.000002) AS of_no_cost`,
    { cost, price, quantity },
  )
  expect(rows).toEqual([{ rounds: expected, of_no_cost: null }])
})

test('what is not there misses nothing', async () => {
  const [row] = await session().rows(
    `SELECT misses_product(NULL::DECIMAL(38, 18), 1::DECIMAL(38, 18), 1::DECIMAL(38, 18)) AS cost,
      misses_product(1::DECIMAL(38, 18), NULL::DECIMAL(38, 18), 1::DECIMAL(38, 18)) AS price,
      misses_product(1::DECIMAL(38, 18), 1::DECIMAL(38, 18), NULL::DECIMAL(38, 18)) AS quantity`,
  )
  expect(row).toEqual({ cost: null, price: null, quantity: null })
})

test('is what doubles say, where they can', async () => {
  const amount = (digits: number) => fc.integer({ min: -(10 ** digits), max: 10 ** digits }).map((n) => n / 1000)
  await fc.assert(
    fc.asyncProperty(amount(6), amount(7), fc.constantFrom(0, 5e-10, 3e-9, 1e-6, 1), async (price, quantity, error) => {
      const cost = (price * quantity + error).toFixed(12)
      const allowed = 1e-9 + 1e-12 * Math.abs(quantity) + 1e-15 * Math.abs(Number(cost))
      const distance = Math.abs(price * quantity - Number(cost))
      // Between the two kinds of arithmetic lies what neither can tell.
      fc.pre(Math.abs(distance - allowed) > 1e-10 + 1e-15 * Math.abs(Number(cost)))
      expect(await misses(cost, price.toFixed(3), quantity.toFixed(3))).toBe(distance > allowed)
    }),
    { numRuns: 300 },
  )
})
