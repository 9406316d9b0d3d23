import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeAwsBills } from '../../src/demo/aws/write-bills.ts'
import { deliveryOf, rowsOf, workspace } from './aws-bills.ts'

const { directory, session, remove } = await workspace()

/** The legacy report of the demo as one table, and its first month as a view; short names for the columns in use. */
beforeAll(async () => {
  const written = await writeAwsBills({ directory, seed: 42, layouts: ['cur-csv-gz'] })
  for (const period of ['2026-08', '2026-09', '2026-10']) {
    const rows = `SELECT '${period}' AS month, COLUMNS(*) FROM ${rowsOf(deliveryOf(written, 'cur-csv-gz', period))}`
    await session.run(period === '2026-08' ? `CREATE TABLE bill AS ${rows}` : `INSERT INTO bill ${rows}`)
  }
})
afterAll(remove)

function everyMonth(type: string): { type: string; months: string } {
  return { type, months: '3' }
}

async function listed(sql: string): Promise<(string | null)[]> {
  const rows = await session.rows<{ value: string | null }>(sql)
  return rows.map(({ value }) => value)
}

test('every month has every line item type; upfront fees of plans come with the purchase', async () => {
  const types = await session.rows(`
    SELECT "lineItem/LineItemType" AS type, count(DISTINCT month) AS months FROM bill GROUP BY type ORDER BY type`)
  expect(types).toEqual([
    everyMonth('BundledDiscount'),
    everyMonth('Credit'),
    everyMonth('Discount'),
    everyMonth('DiscountedUsage'),
    everyMonth('EdpDiscount'),
    everyMonth('Fee'),
    everyMonth('FlatRateSubscription'),
    everyMonth('PrivateRateDiscount'),
    everyMonth('RIFee'),
    everyMonth('Refund'),
    everyMonth('RiVolumeDiscount'),
    everyMonth('SavingsPlanCoveredUsage'),
    everyMonth('SavingsPlanNegation'),
    everyMonth('SavingsPlanRecurringFee'),
    { type: 'SavingsPlanUpfrontFee', months: '2' },
    everyMonth('SppDiscount'),
    everyMonth('Tax'),
    everyMonth('Usage'),
  ])
})

test('the three payment options of plans and of reservations occur', async () => {
  const plans = `SELECT DISTINCT "savingsPlan/PaymentOption" AS value FROM bill WHERE "lineItem/LineItemType" = 'SavingsPlanRecurringFee' ORDER BY value`
  const reservations = `SELECT DISTINCT "pricing/PurchaseOption" AS value FROM bill WHERE "lineItem/LineItemType" = 'DiscountedUsage' ORDER BY value`
  expect(await listed(plans)).toEqual(['All Upfront', 'No Upfront', 'Partial Upfront'])
  expect(await listed(reservations)).toEqual(['All Upfront', 'No Upfront', 'Partial Upfront'])
})

test('one key in three spellings, one value in three, and rows without any', async () => {
  const [keys] = await session.rows(`
    SELECT
      count("resourceTags/user:CostCenter") > 100 AS camel,
      count("resourceTags/user:cost-center") > 100 AS dashed,
      count("resourceTags/user:costcenter_1") > 100 AS flat,
      count("resourceTags/user:Name") > 100 AS named,
      count("resourceTags/aws:createdBy") > 100 AS created_by,
      count(*) FILTER ("resourceTags/user:CostCenter" IS NULL AND "resourceTags/user:cost-center" IS NULL AND "resourceTags/user:costcenter_1" IS NULL) > 100 AS untagged
    FROM bill`)
  expect(keys).toEqual({ camel: true, dashed: true, flat: true, named: true, created_by: true, untagged: true })
  const values = `SELECT DISTINCT "resourceTags/user:CostCenter" AS value FROM bill WHERE lower(value) LIKE 'p%' ORDER BY value`
  expect(await listed(values)).toEqual(['PAYMENTS', 'Payments', 'Platform', 'payments ', 'platform '])
})

test('accounts keep their leading zeros, regions and zones are several', async () => {
  expect(await listed(`SELECT DISTINCT "lineItem/UsageAccountId" AS value FROM bill ORDER BY value`)).toEqual([
    '000123456789',
    '111122223333',
    '222233334444',
    '333344445555',
    '555566667777',
  ])
  const regions = `SELECT DISTINCT "product/regionCode" AS value FROM bill ORDER BY value NULLS LAST`
  expect(await listed(regions)).toEqual(['eu-central-1', 'eu-west-1', 'us-east-1', 'us-west-2', null])
  const [zones] = await session.rows(`
    SELECT count(*) FILTER ("lineItem/AvailabilityZone" SIMILAR TO '[a-z]+-[a-z]+-[0-9][abc]') > 100 AS zones,
      count(*) FILTER ("lineItem/AvailabilityZone" = "product/regionCode") > 100 AS regions_as_zones
    FROM bill`)
  expect(zones).toEqual({ zones: true, regions_as_zones: true })
})

test('the rows that trip readers up are there', async () => {
  const [traps] = await session.rows(`
    SELECT
      count(*) FILTER ("lineItem/UsageType" LIKE '%SpotUsage%' AND "pricing/publicOnDemandCost" = '0.0') > 0 AS spot_without_public_cost,
      count(*) FILTER ("lineItem/UsageType" LIKE '%TimedStorage%' AND "pricing/publicOnDemandRate" < "lineItem/UnblendedRate") > 0 AS last_tier_rate,
      count(*) FILTER ("lineItem/LineItemType" = 'Usage' AND "lineItem/UsageAmount" <> '0.0' AND "lineItem/UnblendedRate" = '0.0000000000') > 0 AS free_tier,
      count(*) FILTER ("lineItem/LineItemType" = 'Usage' AND "lineItem/UnblendedCost" <> '0.0' AND "pricing/unit" IS NULL) > 0 AS no_unit,
      count(*) FILTER ("lineItem/LineItemType" = 'Refund' AND "lineItem/UsageStartDate" < "bill/BillingPeriodStartDate") AS corrections,
      count(*) FILTER ("lineItem/LineItemType" = 'Refund' AND "reservation/ReservationARN" IS NOT NULL) AS reservation_refunds,
      count(*) FILTER ("lineItem/LineItemType" = 'Refund' AND "savingsPlan/SavingsPlanARN" IS NOT NULL) AS plan_refunds,
      count(*) FILTER ("lineItem/LineItemType" = 'Refund') AS refunds,
      count(*) FILTER ("lineItem/LineItemType" = 'RIFee' AND "lineItem/UsageEndDate" LIKE '%T23:59:59Z') AS fees_that_end_a_second_early,
      count(DISTINCT "lineItem/LegalEntity") FILTER ("bill/BillingEntity" = 'AWS Marketplace' AND "lineItem/LineItemType" IN ('Usage', 'Fee')) AS sellers,
      count(*) FILTER ("lineItem/Operation" IN ('EKSPod-EC2', 'ECSTask-EC2')) > 0 AS split_rows,
      count(*) FILTER ("lineItem/UsageType" SIMILAR TO '.*(Reservation|DedicatedRes):.*') > 0 AS inventory,
      count(*) FILTER (month = '2026-10' AND "bill/InvoiceId" IS NOT NULL) AS invoiced_while_open,
      count(*) FILTER (month < '2026-10' AND "bill/InvoiceId" IS NULL) AS closed_without_invoice
    FROM bill`)
  expect(traps).toEqual({
    spot_without_public_cost: true,
    last_tier_rate: true,
    free_tier: true,
    no_unit: true,
    corrections: '3',
    reservation_refunds: '3',
    plan_refunds: '3',
    refunds: '12',
    fees_that_end_a_second_early: String(3 + 4 + 4),
    sellers: '2',
    split_rows: true,
    inventory: true,
    invoiced_while_open: '0',
    closed_without_invoice: '0',
  })
})

test('a line item id stays the same from day to day, and is unique with its interval', async () => {
  const [ids] = await session.rows(`
    SELECT count(*) = count(DISTINCT "identity/LineItemId" || "identity/TimeInterval") AS unique_with_interval,
      count(*) > 10 * count(DISTINCT "identity/LineItemId") AS repeated
    FROM bill WHERE month = '2026-08'`)
  expect(ids).toEqual({ unique_with_interval: true, repeated: true })
})
