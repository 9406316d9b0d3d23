import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromUnits, toUnits } from '../../../../src/core/decimal.ts'
import { sum } from '../../../../src/transforms/allocation/engine/exact.ts'
import type { RuleSet, SplitRule } from '../../../../src/transforms/allocation/rule-set.ts'
import { allocate, type WrittenCharge } from './month.ts'
import { makeRuleSet, makeSplit } from './rules.ts'

/** Whole months of random charges under random rules: pools in levels, every method that needs no file, all signs. */

const teams = ['blue', 'green', 'red', 'yellow']
const pools = ['p1', 'p2', 'p3', 'p4']

/** Up to 10^12 with 18 decimals; zero and tiny amounts are as likely as large ones. */
const amount = fc
  .oneof(
    fc.constant(0n),
    fc.bigInt({ min: -9n, max: 9n }),
    fc.bigInt({ min: -(10n ** 19n), max: 10n ** 19n }),
    fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }),
  )
  .map(fromUnits)

const charge: fc.Arbitrary<WrittenCharge> = fc.record({
  BilledCost: amount,
  EffectiveCost: amount,
  ListCost: amount,
  ContractedCost: amount,
  ConsumedQuantity: fc.option(amount),
  PricingQuantity: fc.option(amount),
  ConsumedUnit: fc.constant('GB'),
  BillingCurrency: fc.constantFrom('USD', 'EUR'),
  source: fc.constantFrom('one', 'two'),
  ServiceName: fc.constantFrom(...teams, ...pools),
  ChargePeriodStart: fc.constantFrom('2026-10-01T00:00:00Z', '2026-10-09T12:00:00Z', '2026-10-31T23:00:00Z'),
})

/** Gives to targets and to pools further down alone. */
function splitOf(pool: string): fc.Arbitrary<SplitRule> {
  const later = pools.slice(pools.indexOf(pool) + 1)
  const receivers = fc.subarray([...teams.map((target) => ({ target })), ...later.map((to) => ({ pool: to }))], {
    minLength: 1,
  })
  const method: fc.Arbitrary<SplitRule['method']> = fc.oneof(
    receivers.map((over) => ({ kind: 'even' as const, over })),
    fc.tuple(receivers, fc.integer({ min: 1, max: 12 })).map(([over, percent]) => ({
      kind: 'fixed' as const,
      shares: over.map((to) => ({ to, percent: `${percent}.5` })),
    })),
    fc.tuple(receivers, fc.constantFrom('direct' as const, 'direct+prior' as const)).map(([over, basis]) => ({
      kind: 'cost' as const,
      column: 'EffectiveCost',
      basis: over.some((to) => 'pool' in to) ? ('direct' as const) : basis,
      when: undefined,
      over,
    })),
    receivers.map((over) => ({ kind: 'usage' as const, unit: 'GB', when: undefined, over })),
  )
  return fc
    .record({
      method,
      grain: fc.constantFrom('month' as const, 'day' as const),
      onZeroWeight: fc.constantFrom('hold' as const, 'even' as const, 'owner' as const),
      negatives: fc.constantFrom('zero' as const, 'abs' as const),
    })
    .map((parts) => makeSplit({ id: `S-${pool}`, pool, ...parts }))
}

const ruleSet: fc.Arbitrary<RuleSet> = fc
  .tuple(...pools.slice(0, 3).map(splitOf), fc.option(splitOf('p4'), { nil: undefined }))
  .map((splits) => makeRuleSet({ targets: teams, pools, splits: splits.filter((split) => split !== undefined) }))

/** Without the size there would be twelve at most. */
const charges = fc.array(charge, { minLength: 1, maxLength: 25, size: 'max' })

interface Part {
  readonly source: string
  readonly x_OriginRow: string
  readonly x_Target: string
  readonly x_PoolPath: string
  readonly x_RuleIds: string
  readonly x_AllocationReason: string | null
  readonly [measure: string]: string | null
}

const measures = ['BilledCost', 'EffectiveCost', 'ListCost', 'ContractedCost', 'ConsumedQuantity', 'PricingQuantity']
const columns = ['x_Target', 'x_PoolPath', 'x_RuleIds', 'x_AllocationReason', 'AllocatedMethodId', ...measures]
const query = `SELECT source, x_OriginRow, ${columns.join(', ')} FROM allocated
  ORDER BY source, x_OriginRow, x_Target, x_PoolPath, x_RuleIds, x_AllocationReason NULLS FIRST`

async function partsOf(rules: RuleSet, written: readonly WrittenCharge[], threads = 1): Promise<Part[]> {
  const session = await allocate(rules, written, { threads })
  try {
    return await session.rows<Part>(query)
  } finally {
    session.close()
  }
}

function total(texts: readonly (string | null)[]): string | null {
  const known = texts.filter((text) => text !== null)
  return known.length === 0 ? null : fromUnits(sum(known.map(toUnits)))
}

/** Charges by source and row, as month.ts numbers them. */
function numbered(written: readonly WrittenCharge[]): Map<string, WrittenCharge> {
  const bySource = Map.groupBy(written, ({ source }) => source)
  return new Map([...bySource].flatMap(([source, own]) => own.map((one, row) => [`${source} ${row}`, one] as const)))
}

test('the parts of every charge sum to it, in each cost and quantity', async () => {
  await fc.assert(
    fc.asyncProperty(ruleSet, charges, async (rules, written) => {
      const byOrigin = Map.groupBy(
        await partsOf(rules, written),
        ({ source, x_OriginRow }) => `${source} ${x_OriginRow}`,
      )
      const origins = numbered(written)
      expect([...byOrigin.keys()].toSorted()).toEqual([...origins.keys()].toSorted())
      for (const [key, parts] of byOrigin) {
        for (const measure of measures) {
          expect(total(parts.map((part) => part[measure] ?? null))).toBe(total([origins.get(key)?.[measure] ?? null]))
        }
      }
    }),
    { numRuns: 10 },
  )
}, 60_000)

test('what each step gives is what came into it, way by way', async () => {
  await fc.assert(
    fc.asyncProperty(ruleSet, charges, async (rules, written) => {
      const session = await allocate(rules, written)
      try {
        const broken = await session.rows(`
          WITH
            came AS (
              SELECT source, origin_row, route_id, billed_cost, list_cost, pricing_quantity
              FROM parts JOIN routes USING (route_id) WHERE routes.pool IS NOT NULL
            ),
            gave AS (
              SELECT source, origin_row, from_route AS route_id, sum(billed_cost) AS billed_cost,
                sum(list_cost) AS list_cost, sum(pricing_quantity) AS pricing_quantity
              FROM postings GROUP BY ALL
            )
          (FROM came EXCEPT ALL FROM gave) UNION ALL (FROM gave EXCEPT ALL FROM came)`)
        expect(broken).toEqual([])
      } finally {
        session.close()
      }
    }),
    { numRuns: 6 },
  )
}, 60_000)

/** In an order of their own, without the numbers that follow from the order of the charges. */
function withoutRows(parts: readonly Part[]): string[] {
  return parts.map(({ x_OriginRow: _row, ...part }) => JSON.stringify(part)).toSorted()
}

test('the order of the charges and the number of threads change nothing', async () => {
  await fc.assert(
    fc.asyncProperty(ruleSet, charges, async (rules, written) => {
      const there = withoutRows(await partsOf(rules, written))
      expect(withoutRows(await partsOf(rules, written.toReversed(), 2))).toEqual(there)
    }),
    { numRuns: 6 },
  )
}, 60_000)

/** The charge or part with the sign of every measure turned, in its shortest text. */
function mirrored<Row extends WrittenCharge | Part>(row: Row, sign: bigint): Row {
  const turned = measures.map((measure) => {
    const text = row[measure]
    return [measure, text === null || text === undefined ? null : fromUnits(sign * toUnits(text))]
  })
  return { ...row, ...Object.fromEntries(turned) } as Row
}

test('a refund of everything mirrors every part, where weights are not by cost or usage', async () => {
  const steady = ruleSet.filter(({ splits }) => splits.every(({ method }) => ['even', 'fixed'].includes(method.kind)))
  await fc.assert(
    fc.asyncProperty(steady, charges, async (rules, written) => {
      const parts = await partsOf(rules, written)
      const refunds = await partsOf(
        rules,
        written.map((one) => mirrored(one, -1n)),
      )
      expect(refunds.map((part) => mirrored(part, 1n))).toEqual(parts.map((part) => mirrored(part, -1n)))
    }),
    { numRuns: 6 },
  )
}, 60_000)

test('a changed rule changes only what came through it, or was weighed by what did', async () => {
  await fc.assert(
    fc.asyncProperty(ruleSet, splitOf('p2'), charges, async (rules, changed, written) => {
      const others = rules.splits.filter(({ id }) => id !== changed.id)
      fc.pre(others.every(({ method }) => method.kind !== 'cost' || method.basis === 'direct'))
      const untouched = (parts: readonly Part[]) => parts.filter(({ x_RuleIds: ids }) => !ids.includes(changed.id))
      const edited = { ...rules, splits: [...others, changed] }
      expect(untouched(await partsOf(edited, written))).toEqual(untouched(await partsOf(rules, written)))
    }),
    { numRuns: 6 },
  )
}, 60_000)
