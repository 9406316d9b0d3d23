import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { WrittenDelivery } from '../../src/demo/aws/deliver.ts'
import type { AwsLayout } from '../../src/demo/aws/layouts.ts'
import { writeAwsBills } from '../../src/demo/aws/write-bills.ts'
import { deliveryOf, pathsOf, rowsOf, workspace } from './aws-bills.ts'

const { directory, session, remove } = await workspace()
const layouts: readonly AwsLayout[] = ['cur-csv-gz', 'cur2-parquet', 'cur2-parquet-create-new']
let first: readonly WrittenDelivery[] = []
let again: readonly WrittenDelivery[] = []
const sumsBefore = new Map<string, string>()

beforeAll(async () => {
  first = await writeAwsBills({ directory, seed: 42, layouts })
  for (const path of first.flatMap(pathsOf)) sumsBefore.set(path, sumOf(path))
  await readAs('before', deliveryOf(first, 'cur-csv-gz', '2026-10'))
  again = await writeAwsBills({ directory, seed: 42, layouts, delivery: 2 })
  await readAs('after', deliveryOf(again, 'cur-csv-gz', '2026-10'))
})
afterAll(remove)

function sumOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

async function readAs(name: string, delivery: WrittenDelivery): Promise<void> {
  await session.run(`
    CREATE TABLE ${name} AS
    SELECT "identity/LineItemId" AS id, "identity/TimeInterval" AS time, "bill/InvoiceId" AS invoice, "lineItem/LineItemType" AS type,
      "lineItem/UsageType" AS usage_type, "lineItem/UsageAmount"::DECIMAL(38, 10) AS amount, "lineItem/UnblendedCost"::DECIMAL(38, 10) AS cost
    FROM ${rowsOf(delivery)}`)
}

test('only the open month is delivered again, under another id', () => {
  expect(again.map(({ layout, period }) => `${layout} ${period}`)).toEqual(layouts.map((layout) => `${layout} 2026-10`))
  for (const { layout, id } of again) expect(id).not.toBe(deliveryOf(first, layout, '2026-10').id)
  for (const delivery of first.filter(({ period }) => period !== '2026-10')) {
    for (const path of pathsOf(delivery)) expect(sumOf(path)).toBe(sumsBefore.get(path))
  }
})

test('new versions lie beside the old ones, and the date folder names the newest', () => {
  for (const layout of ['cur-csv-gz', 'cur2-parquet-create-new'] as const) {
    for (const path of pathsOf(deliveryOf(first, layout, '2026-10'))) expect(sumOf(path)).toBe(sumsBefore.get(path))
  }
  const { location, id, manifests } = deliveryOf(again, 'cur-csv-gz', '2026-10')
  const [own = '', newest = ''] = manifests
  expect(readFileSync(join(location, newest), 'utf8')).toBe(readFileSync(join(location, own), 'utf8'))
  expect((JSON.parse(readFileSync(join(location, newest), 'utf8')) as { assemblyId: string }).assemblyId).toBe(id)
  const former = deliveryOf(first, 'cur-csv-gz', '2026-10')
  expect(existsSync(join(location, former.manifests[0] ?? ''))).toBe(true)
})

test('an overwritten export keeps its paths and changes its bytes', () => {
  const [before, after] = [first, again].map((all) => pathsOf(deliveryOf(all, 'cur2-parquet', '2026-10')))
  expect(after).toEqual(before)
  for (const path of after ?? []) expect(sumOf(path)).not.toBe(sumsBefore.get(path))
})

test('the first delivery ends after twenty days and has no invoice, the second is the whole month and has one', async () => {
  const deliveries = await session.rows(`
    SELECT 'before' AS delivery, count(DISTINCT time) FILTER (type = 'SavingsPlanRecurringFee') AS days, count(invoice) AS invoiced, count(*) > 1500 AS many FROM before
    UNION ALL
    SELECT 'after', count(DISTINCT time) FILTER (type = 'SavingsPlanRecurringFee'), count(*) - count(invoice), count(*) > 2500 FROM after`)
  expect(deliveries).toEqual([
    { delivery: 'before', days: '20', invoiced: '0', many: true },
    { delivery: 'after', days: '31', invoiced: '0', many: true },
  ])
})

test('of the rows there were, one usage cost is corrected, sums of the month grow, and none is gone', async () => {
  const changed = await session.rows(`
    SELECT before.type, count(*) AS rows, count(*) FILTER (after.id IS NULL) AS gone, count(*) FILTER (after.cost = before.cost * 3) AS tripled
    FROM before LEFT JOIN after USING (id, time)
    WHERE before.cost IS DISTINCT FROM after.cost AND before.type IN ('Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage', 'RIFee', 'Fee', 'Credit', 'Refund')
    GROUP BY ALL`)
  expect(changed).toEqual([{ type: 'Usage', rows: '1', gone: '0', tripled: '1' }])
  const [tax] = await session.rows<{ kept: string; grown: string }>(`
    SELECT count(*) AS kept, count(*) FILTER (after.cost > before.cost) AS grown
    FROM before JOIN after USING (id, time) WHERE before.type = 'Tax'`)
  expect(Number(tax?.grown)).toBeGreaterThan(20)
  expect(Number(tax?.kept)).toBeGreaterThanOrEqual(Number(tax?.grown))
})
