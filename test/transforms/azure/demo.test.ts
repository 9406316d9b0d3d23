import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSession, type Session } from '../../../src/core/duckdb.ts'
import { writeAzureExports, type Agreement, type WrittenMonth } from '../../../src/demo/azure/write-exports.ts'
import { azure } from '../../../src/transforms/azure/index.ts'

/** The spellings of what the independent sums below need. */
const columns: Record<Agreement, { cost: string; day: string; subscription: string; type: string; model: string }> = {
  enterprise: { cost: 'Cost', day: 'Date', subscription: 'SubscriptionId', type: 'ChargeType', model: 'PricingModel' },
  'customer-agreement': {
    cost: 'costInBillingCurrency',
    day: 'date',
    subscription: 'SubscriptionId',
    type: 'chargeType',
    model: 'pricingModel',
  },
}

describe.each(['enterprise', 'customer-agreement'] as const)('%s: a month of every kind of charge', (agreement) => {
  let folder: string
  let session: Session
  let month: WrittenMonth

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'focal-azure-demo-'))
    const [first] = await writeAzureExports({
      directory: folder,
      seed: 11,
      months: ['2026-08', '2026-09'],
      rows: 900,
      agreements: [agreement],
    })
    if (first === undefined) throw new Error('nothing was written')
    month = first
    const manifests = [...month.actual, ...month.amortized].map((file) =>
      path.join(path.dirname(file), 'manifest.json'),
    )
    const files = [...month.actual, ...month.amortized, ...new Set(manifests)]
    const scratchDirectory = mkdtempSync(path.join(folder, 'scratch-'))
    session = await openSession({ memoryLimit: '512MB', threads: 2, tempDirectory: scratchDirectory })
    await azure.prepare(session, {
      period: '2026-08',
      files: files.map((name) => ({ name, path: path.join(month.location, name) })),
      scratchDirectory,
      options: {},
    })
    await session.run('CREATE TABLE rows AS FROM focus')
    for (const dataset of ['actual', 'amortized'] as const) {
      await session.set(
        `${dataset}_files`,
        month[dataset].map((name) => path.join(month.location, name)),
      )
      const { cost, day, subscription, type, model } = columns[agreement]
      await session.run(
        `CREATE VIEW ${dataset} AS SELECT "${cost}"::DECIMAL(38, 18) AS cost, "${day}" AS day, coalesce("${subscription}", '') AS subscription,
          "${type}" AS charge_type, coalesce("${model}", '') AS model
        FROM read_csv(getvariable('${dataset}_files'), header = true, all_varchar = true)`,
      )
    }
  })

  afterAll(() => {
    session.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function one(sql: string): Promise<string | undefined> {
    const [row] = await session.rows<{ value: string }>(`SELECT (${sql})::VARCHAR AS value`)
    return row?.value
  }

  test('nothing stops it, and nothing contradicts it', async () => {
    expect(await session.rows('SELECT problem, value FROM problems')).toEqual([])
    expect(await session.rows('SELECT * FROM identities WHERE abs(difference) > tolerance')).toEqual([])
  })

  test('the two totals tie, and so does every subscription and day', async () => {
    expect(await one('SELECT sum("BilledCost") FROM rows')).toBe(await one('SELECT sum(cost) FROM actual'))
    expect(await one('SELECT sum("EffectiveCost") FROM rows')).toBe(await one('SELECT sum(cost) FROM amortized'))
    for (const [dataset, cost] of [
      ['actual', 'BilledCost'],
      ['amortized', 'EffectiveCost'],
    ]) {
      const differences = await session.rows(`
        SELECT day, subscription, ours, theirs
        FROM (SELECT strptime(day, '%m/%d/%Y')::DATE AS day, subscription, sum(cost) AS theirs FROM ${dataset} GROUP BY ALL)
        FULL JOIN (SELECT "ChargePeriodStart"::DATE AS day, coalesce("SubAccountId", '') AS subscription, sum("${cost}") AS ours FROM rows GROUP BY ALL)
          USING (day, subscription)
        WHERE coalesce(ours, 0) <> coalesce(theirs, 0)`)
      expect(differences).toEqual([])
    }
  })

  test('rows made are amortized rows, less what was dropped, and the purchases of actual cost', async () => {
    const dropped = await one("SELECT sum(source_rows) FROM accounting WHERE outcome = 'dropped'")
    expect(Number(dropped)).toBeGreaterThan(0)
    const bought = "charge_type IN ('Purchase', 'Refund') AND model IN ('Reservation', 'SavingsPlan')"
    expect(await one('SELECT count(*) FROM rows')).toBe(
      await one(`SELECT (SELECT count(*) FROM amortized) - ${dropped} + (SELECT count(*) FROM actual WHERE ${bought})`),
    )
    expect(await one('SELECT sum(source_rows) FROM accounting')).toBe(
      await one('SELECT (SELECT count(*) FROM amortized) + (SELECT count(*) FROM actual)'),
    )
  })

  test('no commitment is billed where it is used, nor accrued where it is bought', async () => {
    expect(
      await one(`SELECT count(*) FROM rows WHERE "CommitmentDiscountStatus" IS NOT NULL AND "BilledCost" <> 0`),
    ).toBe('0')
    expect(
      await one(
        `SELECT count(*) FROM rows WHERE "ChargeCategory" = 'Purchase' AND "CommitmentDiscountId" IS NOT NULL AND "EffectiveCost" <> 0`,
      ),
    ).toBe('0')
  })

  test('of each commitment, used and unused are what the month costs, in money and in hours', async () => {
    const rate = agreement === 'enterprise' ? '1' : '0.92'
    const accrued = await session.rows(`
      SELECT "CommitmentDiscountName" AS name, "CommitmentDiscountUnit" AS unit,
        (sum("EffectiveCost") / ${rate})::DECIMAL(10, 4)::VARCHAR AS cost, sum("CommitmentDiscountQuantity")::DECIMAL(10, 4)::VARCHAR AS quantity
      FROM rows WHERE "CommitmentDiscountStatus" IS NOT NULL GROUP BY ALL ORDER BY name`)
    const money = agreement === 'enterprise' ? 'EUR' : 'USD'
    expect(accrued).toEqual([
      // 30 a day; 438 for a year; 300 a month
      { name: 'compute-plan', unit: money, cost: '930.0000', quantity: '930.0000' },
      { name: 'sql-orders', unit: 'Hours', cost: '37.2000', quantity: '744.0000' },
      { name: 'vm-small', unit: 'Normalized Hours', cost: '300.0000', quantity: '2976.0000' },
    ])
    const bought = await session.rows(`
      SELECT "CommitmentDiscountName" AS name, "ChargeFrequency" AS frequency, ("BilledCost" / ${rate})::DECIMAL(10, 4)::VARCHAR AS cost,
        "CommitmentDiscountQuantity"::DECIMAL(10, 4)::VARCHAR AS quantity
      FROM rows WHERE "ChargeCategory" = 'Purchase' AND "CommitmentDiscountId" IS NOT NULL ORDER BY name`)
    expect(bought).toEqual([
      { name: 'compute-plan', frequency: 'Recurring', cost: '930.0000', quantity: '930.0000' },
      { name: 'sql-orders', frequency: 'One-Time', cost: '438.0000', quantity: '8760.0000' },
      { name: 'vm-small', frequency: 'Recurring', cost: '300.0000', quantity: '2976.0000' },
    ])
  })

  test('consumed is priced times the block', async () => {
    expect(
      await session.rows(`SELECT DISTINCT "PricingUnit" AS unit, ("ConsumedQuantity" / "PricingQuantity")::INTEGER AS block
        FROM rows WHERE "ConsumedUnit" IN ('Units', 'Hours') AND "PricingQuantity" <> 0 ORDER BY unit`),
    ).toEqual([
      { unit: '100 Hours', block: 100 },
      { unit: '10000 Units', block: 10000 },
      { unit: '1000000 Units', block: 1000000 },
      { unit: 'Hours', block: 1 },
    ])
  })
})

test('the same seed gives the same bytes', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'focal-azure-demo-'))
  try {
    const print = async (name: string) => {
      const directory = path.join(folder, name)
      await writeAzureExports({ directory, seed: 3, months: ['2026-10'], rows: 200 })
      const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      const hash = createHash('sha256')
      for (const file of files.map((entry) => path.join(entry.parentPath, entry.name)).toSorted()) {
        hash.update(path.relative(directory, file)).update(readFileSync(file))
      }
      return hash.digest('hex')
    }
    expect(await print('one')).toBe(await print('two'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
