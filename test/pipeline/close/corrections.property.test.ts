import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fromUnits } from '../../../src/core/decimal.ts'
import { openSession, type Session } from '../../../src/core/duckdb.ts'
import { compare } from '../../../src/pipeline/close/correct-month.ts'

/**
 * Months that are closed one after another while the provider restates any of them at any time. However that goes, what
 * was booked of a month and its corrections are today's rows, for each target and currency and each of the four costs.
 */

interface Row {
  readonly target: string
  readonly service: string
  readonly currency: string
  readonly category: string
  readonly hour: string
  readonly billed: string
  readonly effective: string
  readonly quantity: string | null
}

type Happening = { readonly restate: number; readonly rows: readonly Row[] } | 'close the next month' | 'post again'

/** Up to 10^12 with 18 decimals, of either sign; small ones and zero are as likely. */
const amount = fc
  .oneof(fc.bigInt({ min: -9n, max: 9n }), fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }))
  .map(fromUnits)

const row: fc.Arbitrary<Row> = fc.record({
  target: fc.constantFrom('payments', 'search'),
  service: fc.constantFrom('compute', 'storage'),
  currency: fc.constantFrom('USD', 'EUR'),
  category: fc.constantFrom('Usage', 'Credit'),
  hour: fc.constantFrom('2026-01-05T00:00:00Z', '2026-01-05T01:00:00Z'),
  billed: amount,
  effective: amount,
  quantity: fc.option(amount),
})

const months = ['2026-01', '2026-02', '2026-03', '2026-04']

const happenings: fc.Arbitrary<readonly Happening[]> = fc.array(
  fc.oneof(
    fc.record({ restate: fc.nat(months.length - 1), rows: fc.array(row, { maxLength: 6 }) }),
    fc.constant('close the next month' as const),
    fc.constant('post again' as const),
  ),
  { minLength: 4, maxLength: 10 },
)

let session: Session

beforeAll(async () => {
  session = await openSession({ memoryLimit: '500MB', threads: 1, tempDirectory: '' })
  const columns = `period VARCHAR, source VARCHAR, x_Target VARCHAR, ServiceName VARCHAR, BillingCurrency VARCHAR,
    ChargeCategory VARCHAR, ChargePeriodStart TIMESTAMPTZ, ConsumedQuantity DECIMAL(38,18),
    BilledCost DECIMAL(38,18), EffectiveCost DECIMAL(38,18), ListCost DECIMAL(38,18), ContractedCost DECIMAL(38,18)`
  await session.run(`
    CREATE TABLE truth (${columns});
    CREATE TABLE closed (${columns});
    CREATE TABLE posted (${columns}, x_Cause VARCHAR, x_CorrectsPeriod VARCHAR)`)
})

afterAll(() => session.close())

async function restate(period: string, rows: readonly Row[]): Promise<void> {
  await session.run('DELETE FROM truth WHERE period = $period', { period })
  for (const { target, service, currency, category, hour, billed, effective, quantity } of rows) {
    await session.run(
      `INSERT INTO truth VALUES ($period, 'made', $target, $service, $currency, $category, $hour::TIMESTAMPTZ, $quantity,
        $billed, $effective, $billed::DECIMAL(38,18), $effective::DECIMAL(38,18))`,
      { period, target, service, currency, category, hour, quantity, billed, effective },
    )
  }
}

/** As a run does: what is posted in the month after the closed ones is made anew. */
async function post(closed: readonly string[]): Promise<void> {
  const postedIn = months[closed.length] ?? '2026-05'
  await session.run('DELETE FROM posted WHERE period = $period', { period: postedIn })
  for (const corrects of closed) {
    await session.run(`
      CREATE OR REPLACE TEMP VIEW today AS SELECT * EXCLUDE (period) FROM truth WHERE period = '${corrects}';
      CREATE OR REPLACE TEMP VIEW booked AS SELECT * EXCLUDE (period) FROM closed WHERE period = '${corrects}';
      CREATE OR REPLACE TEMP VIEW earlier AS
        SELECT * EXCLUDE (period) FROM posted WHERE x_CorrectsPeriod = '${corrects}' AND period <> '${postedIn}'`)
    await compare(session, { corrects, postedIn, movedBy: 'tag_change', rules: 'print' })
    await session.run(`INSERT INTO posted BY NAME
      SELECT '${postedIn}' AS period, source, x_Target, ServiceName, BillingCurrency, ChargeCategory, ChargePeriodStart,
        ConsumedQuantity, BilledCost, EffectiveCost, ListCost, ContractedCost, x_Cause, x_CorrectsPeriod FROM corrections`)
  }
}

/** Who has what of each closed month, without what is nothing. */
async function sums(relation: string, month: string): Promise<unknown[]> {
  return session.rows(`
    SELECT ${month} AS month, x_Target, BillingCurrency, ServiceName, sum(BilledCost) AS billed, sum(EffectiveCost) AS effective,
      sum(ListCost) AS list, sum(ContractedCost) AS contracted, coalesce(sum(ConsumedQuantity), 0) AS quantity
    FROM ${relation}
    WHERE ${month} IN (SELECT DISTINCT period FROM closed_months)
    GROUP BY ALL
    HAVING billed <> 0 OR effective <> 0 OR quantity <> 0
    ORDER BY ALL`)
}

const everything = () => session.rows('SELECT * FROM posted ORDER BY ALL')
const frozen = () =>
  session.rows('SELECT * FROM posted WHERE period IN (SELECT period FROM closed_months) ORDER BY ALL')

test('as booked and corrections are today’s rows, whatever is restated and closed in between', async () => {
  await fc.assert(
    fc.asyncProperty(happenings, async (sequence) => {
      await session.run(`DELETE FROM truth; DELETE FROM closed; DELETE FROM posted;
        CREATE OR REPLACE TABLE closed_months (period VARCHAR)`)
      const closed: string[] = []
      for (const happening of sequence) {
        const [before, all] = [await frozen(), await everything()]
        if (happening === 'close the next month') {
          const next = months[closed.length]
          if (next === undefined) continue
          await post(closed)
          await session.run(`INSERT INTO closed SELECT * FROM truth WHERE period = '${next}'`)
          await session.run(`INSERT INTO closed_months VALUES ('${next}')`)
          closed.push(next)
        } else if (happening !== 'post again') {
          await restate(months[happening.restate] ?? '', happening.rows)
        }
        await post(closed)
        if (happening === 'post again') expect(await everything()).toEqual(all)
        const books = '(FROM closed UNION ALL BY NAME SELECT * REPLACE (x_CorrectsPeriod AS period) FROM posted)'
        expect(await sums(books, 'period')).toEqual(await sums('truth', 'period'))
        const after = await frozen()
        expect(after).toEqual(expect.arrayContaining(before))
      }
    }),
    { numRuns: 8 },
  )
})
