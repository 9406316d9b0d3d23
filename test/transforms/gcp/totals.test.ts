import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { quoteText, type Session } from '../../../src/core/duckdb.ts'
import { writeGcpBills } from '../../../src/demo/gcp/write-bills.ts'
import { folder, make, nise, niseIsThere, value } from './made.ts'

/** `sum(cost) + sum(credits.amount)` in whole millionths by plain SQL over the files, each row once. */
async function micros(session: Session, files: readonly string[], month: string): Promise<unknown> {
  const list = `[${files.map(quoteText).join(', ')}]`
  if (files[0]?.endsWith('.parquet')) {
    return value(
      session,
      `SELECT sum(round(cost * 1e6)::HUGEINT + coalesce(list_sum(list_transform(credits, c -> round(c.amount * 1e6)::HUGEINT)), 0))::VARCHAR
       FROM (SELECT DISTINCT * FROM read_parquet(${list})) WHERE invoice.month = '${month}'`,
    )
  }
  return value(
    session,
    `SELECT (sum(round((json ->> '$.cost')::DOUBLE * 1e6)::HUGEINT)
       + sum(coalesce(list_sum(list_transform(json_extract_string(json, '$.credits[*].amount'), a -> round(a::DOUBLE * 1e6)::HUGEINT)), 0)))::VARCHAR
     FROM (SELECT DISTINCT json FROM read_json_objects(${list}, format => 'newline_delimited'))
     WHERE json ->> '$.invoice.month' = '${month}'`,
  )
}

const inMicros = (column: string) => `SELECT (sum(${column}) * 1000000)::DECIMAL(38, 0)::VARCHAR FROM made`

describe.each([
  ['newline JSON', 'acme'],
  ['Parquet', 'birchwood'],
] as const)('the demo as %s', (_format, organisation) => {
  const bills = async () => {
    const directory = folder()
    const options = { directory, seed: 11, rows: 2_000, organisations: [organisation] }
    const first = await writeGcpBills({ ...options, delivery: 1 })
    const second = await writeGcpBills({ ...options, delivery: 2 })
    return [...first.slice(0, 2), ...second].map(({ location, period, files }) => ({
      period,
      files: files.map((file) => path.join(location, file)),
    }))
  }

  test('bills what the export says, to the millionth, in every month', async () => {
    for (const { period, files } of await bills()) {
      const session = await make(period, files)
      const expected = await micros(session, files, period.replace('-', ''))
      expect(await value(session, inMicros('BilledCost'))).toBe(expected)
      expect(await value(session, inMicros('EffectiveCost'))).toBe(expected)
      const asBilled = await make(period, files, { commitment: 'as-billed' })
      expect(await value(asBilled, inMicros('BilledCost'))).toBe(expected)
      expect(await value(asBilled, inMicros('EffectiveCost'))).toBe(expected)
      expect(await value(asBilled, 'SELECT count(*) FROM made WHERE CommitmentDiscountId IS NOT NULL')).toBe('0')
    }
  })

  test('gives every committed-use fee to what it covered and what went unused', async () => {
    const [bill] = await bills()
    const session = await make('2026-08', bill?.files ?? [])
    const commitments = await session.rows(
      `SELECT CommitmentDiscountType AS type, CommitmentDiscountUnit AS unit,
         bool_or(CommitmentDiscountStatus = 'Unused') AS unused,
         sum(CASE WHEN ChargeCategory = 'Purchase' THEN BilledCost ELSE -EffectiveCost END)::VARCHAR AS difference,
         abs(sum(CASE WHEN ChargeCategory = 'Purchase' THEN CommitmentDiscountQuantity ELSE -CommitmentDiscountQuantity END)) < 0.001 AS quantities_agree
       FROM made WHERE CommitmentDiscountId IS NOT NULL GROUP BY CommitmentDiscountId, 1, 2 ORDER BY 1, 2`,
    )
    const none = { difference: '0.000000000000000000', quantities_agree: true }
    expect(commitments).toEqual([
      { type: 'Flexible CUD', unit: 'USD', unused: true, ...none },
      { type: 'Resource-Based CUD', unit: 'GiB-Hours', unused: true, ...none },
      { type: 'Resource-Based CUD', unit: 'vCPU-Hours', unused: true, ...none },
      { type: 'Spend-Based CUD', unit: 'USD', unused: false, ...none },
    ])
    expect(
      await session.rows(
        `SELECT count(*) AS broken FROM made WHERE (CommitmentDiscountStatus IS NOT NULL AND BilledCost <> 0)
           OR (ChargeCategory = 'Purchase' AND ConsumedQuantity IS NOT NULL) OR (CommitmentDiscountStatus = 'Unused' AND ConsumedQuantity IS NOT NULL)`,
      ),
    ).toEqual([{ broken: '0' }])
  })

  test('splits rows into parts that add up to them in every cost and quantity', async () => {
    const [bill] = await bills()
    const session = await make('2026-08', bill?.files ?? [])
    expect(
      await session.rows(
        `WITH parts AS (
           SELECT sum(BilledCost) AS billed, sum(ContractedCost) AS contracted, sum(ListCost) AS list, sum(PricingQuantity) AS quantity, sum(ConsumedQuantity) AS consumed
           FROM made WHERE x_SplitReason IN ('covered', 'rest')
         ), parents AS (
           SELECT sum(cost + row_credits - covered_part) AS billed, sum(cost_at_default) AS contracted, sum(cost_at_list) AS list, sum(pricing_amount) AS quantity, sum(usage_amount) AS consumed
           FROM classified WHERE class = 'usage_covered' AND (covered_part <> cost OR row_credits <> 0)
         )
         SELECT parents.billed = parts.billed AS billed, parents.contracted = parts.contracted AS contracted, parents.list = parts.list AS list,
           parents.quantity = parts.quantity AS quantity, parents.consumed = parts.consumed AS consumed
         FROM parts, parents`,
      ),
    ).toEqual([{ billed: true, contracted: true, list: true, quantity: true, consumed: true }])
  })

  test('lists what Google lists, and its prices explain the costs to two millionths', async () => {
    const [bill] = await bills()
    const session = await make('2026-08', bill?.files ?? [])
    const [row] = await session.rows<Record<string, string>>(
      `SELECT (SELECT sum(ListCost) FROM made WHERE ChargeCategory = 'Usage' AND ChargeClass IS NULL AND x_Fallbacks IS NULL)::VARCHAR AS made,
         (SELECT sum(cost_at_list) FROM classified WHERE class IN ('usage', 'usage_dynamic', 'usage_covered') OR (class = 'correction' AND usage_start >= billing_period_start))::VARCHAR AS listed,
         (SELECT count(*) FROM made WHERE abs(ListUnitPrice::DOUBLE * PricingQuantity::DOUBLE - ListCost::DOUBLE) > 2e-6
            OR abs(ContractedUnitPrice::DOUBLE * PricingQuantity::DOUBLE - ContractedCost::DOUBLE) > 2e-6) AS off`,
    )
    expect(row?.['made']).toBe(row?.['listed'])
    expect(row?.['off']).toBe('0')
  })
})

test.skipIf(!niseIsThere)(
  'nise: what is not in millionths is kept as written, credits as objects are read',
  async () => {
    for (const period of ['2025-01', '2025-02']) {
      const session = await make(period, [nise])
      const exact = await value(
        session,
        `SELECT sum((json ->> '$.cost')::DECIMAL(38, 18))::VARCHAR FROM read_json_objects(${quoteText(nise)}, format => 'newline_delimited')
       WHERE json ->> '$.invoice.month' = '${period.replace('-', '')}'`,
      )
      expect(await value(session, 'SELECT sum(BilledCost)::VARCHAR FROM made')).toBe(exact)
    }
  },
)
