import { expect, test } from 'vitest'
import { folder, make, writeLines, writeParquet } from './made.ts'

/** A row of the preview as far as its columns are known: NUMERIC costs, labels as lists, no Tags. */
const preview = `SELECT
  0.021252::DECIMAL(38, 9) AS BilledCost, 0.02::DECIMAL(38, 9) AS EffectiveCost, 0.03::DECIMAL(38, 9) AS ListCost, 0.021252::DECIMAL(38, 9) AS ContractedCost,
  'A-1' AS BillingAccountId, 'USD' AS BillingCurrency,
  TIMESTAMPTZ '2025-01-01 08:00:00+00' AS BillingPeriodStart, TIMESTAMPTZ '2025-02-01 08:00:00+00' AS BillingPeriodEnd,
  TIMESTAMPTZ '2025-01-10 08:00:00+00' AS ChargePeriodStart, TIMESTAMPTZ '2025-01-10 09:00:00+00' AS ChargePeriodEnd,
  'Usage' AS ChargeCategory, 'Cloud Storage' AS ServiceName, 'Google Cloud' AS ProviderName, 'p' AS SubAccountId, 'bucket' AS ResourceId,
  [{'key': 'team', 'value': 'web'}] AS x_Labels, [{'key': 'env', 'value': 'prod'}] AS x_ProjectLabels,
  'europe' AS x_Location, [{'Name': 'c', 'Amount': -0.001}] AS x_Credits`

const columns = `BilledCost::VARCHAR AS billed, EffectiveCost::VARCHAR AS effective, ListCost::VARCHAR AS list, ServiceCategory, ServiceSubcategory,
  ChargeFrequency, BillingAccountType, InvoiceIssuerName, SubAccountType, ResourceType, Tags, x_IssuerColumns`

const filled = {
  billed: '0.021252000000000000',
  effective: '0.020000000000000000',
  list: '0.030000000000000000',
  ServiceCategory: 'Storage',
  ServiceSubcategory: 'Object Storage',
  ChargeFrequency: 'Usage-Based',
  BillingAccountType: 'Billing Account',
  InvoiceIssuerName: 'Google Cloud',
  SubAccountType: 'Project',
  ResourceType: 'Resource',
  Tags: '{"project/env":"prod","team":"web"}',
}

test("Google's own FOCUS export keeps its values and gets what its preview leaves out", async () => {
  const session = await make('2025-01', [await writeParquet(folder(), 'a.parquet', preview)])
  expect(await session.rows(`SELECT ${columns} FROM made`)).toEqual([
    { ...filled, x_IssuerColumns: '{"x_Location":"europe","x_Credits":[{"Name":"c","Amount":-0.001}]}' },
  ])
})

test('as newline JSON it is the same, and a row that comes twice is kept once', async () => {
  const row = {
    BilledCost: '0.021252',
    EffectiveCost: '0.02',
    ListCost: '0.03',
    ContractedCost: '0.021252',
    BillingAccountId: 'A-1',
    BillingCurrency: 'USD',
    BillingPeriodStart: '2025-01-01 08:00:00 UTC',
    BillingPeriodEnd: '2025-02-01 08:00:00 UTC',
    ChargePeriodStart: '2025-01-10 08:00:00 UTC',
    ChargePeriodEnd: '2025-01-10 09:00:00 UTC',
    ChargeCategory: 'Usage',
    ServiceName: 'Cloud Storage',
    ProviderName: 'Google Cloud',
    SubAccountId: 'p',
    ResourceId: 'bucket',
    x_Labels: [{ key: 'team', value: 'web' }],
    x_ProjectLabels: [{ key: 'env', value: 'prod' }],
    x_Location: 'europe',
  }
  const session = await make('2025-01', [writeLines(folder(), 'a.json', [row, row])])
  expect(await session.rows(`SELECT ${columns} FROM made`)).toEqual([
    { ...filled, x_IssuerColumns: '{"x_Location":"europe"}' },
  ])
  expect(await session.rows('SELECT outcome, source_rows FROM accounting ORDER BY outcome')).toEqual([
    { outcome: 'dropped', source_rows: '1' },
    { outcome: 'kept', source_rows: '1' },
  ])
})

test('a charge category that FOCUS does not know stops it', async () => {
  const other = `SELECT * REPLACE ('usage' AS ChargeCategory) FROM (${preview})`
  await expect(make('2025-01', [await writeParquet(folder(), 'a.parquet', other)])).rejects.toMatchObject({
    message: 'unknown charge category (1 row)',
    where: { file: 'a.parquet', row: 1, column: 'ChargeCategory', value: 'usage' },
    hint: 'FOCUS knows Usage, Purchase, Tax, Credit and Adjustment: deliver the export again.',
  })
})
