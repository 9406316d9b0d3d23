import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { prepared, problemsOf, written } from './delivery.ts'

type Json = string | boolean | null | Json[] | { [key: string]: Json }

/** As the connector writes them: an item a line, every number as the text that the API wrote. */
function asLines(body: string): string {
  const parsed = JSON.parse(body, (_key, value: unknown, context?: { source: string }) =>
    typeof value === 'number' ? context?.source : value,
  ) as { value: Json[] }
  return parsed.value.map((item) => `${JSON.stringify(item)}\n`).join('')
}

const legacy = {
  kind: 'legacy',
  tags: { env: 'prod', 'cost center': '' },
  properties: {
    billingAccountId: '8611000',
    billingAccountName: 'Acme',
    // Not of the month that was asked for: only the date counts.
    billingPeriodStartDate: '2024-12-15T00:00:00.0000000Z',
    subscriptionId: '11111111-0000-4000-8000-000000000001',
    subscriptionName: 'Web shop',
    date: '2025-01-03T00:00:00.0000000Z',
    product: 'D2 v3',
    partNumber: 'AAA-11111',
    meterId: 'm-1',
    meterDetails: { meterName: 'D2 v3', meterCategory: 'Virtual Machines', unitOfMeasure: '1 Hour' },
    quantity: '3.6e-05',
    unitPrice: '5.47',
    cost: '0.00019692',
    billingCurrency: 'CAD',
    resourceLocation: 'uswest',
    consumedService: 'Microsoft.Compute',
    resourceId: '/subscriptions/1/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/Shop-1',
    chargeType: 'Usage',
    frequency: 'UsageBased',
    pricingModel: 'OnDemand',
    additionalInfo: '{"VCPUs":2}',
  },
}
const asExport =
  'BillingAccountId,BillingAccountName,SubscriptionId,SubscriptionName,Date,Product,PartNumber,MeterId,MeterName,MeterCategory,UnitOfMeasure,Quantity,UnitPrice,Cost,BillingCurrency,ResourceLocation,ConsumedService,ResourceId,ChargeType,Frequency,PricingModel,AdditionalInfo,Tags\n' +
  '8611000,Acme,11111111-0000-4000-8000-000000000001,Web shop,01/03/2025,D2 v3,AAA-11111,m-1,D2 v3,Virtual Machines,1 Hour,0.000036,5.47,0.00019692,CAD,uswest,Microsoft.Compute,/subscriptions/1/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/Shop-1,Usage,UsageBased,OnDemand,"""VCPUs"":2","""env"": ""prod"",""cost center"": """""\n'
const modern = {
  kind: 'modern',
  tags: { env: 'prod' },
  properties: {
    billingAccountId: '1234:56789',
    billingProfileId: '2468',
    billingProfileName: 'Acme Europe',
    subscriptionGuid: '11111111-0000-4000-8000-000000000001',
    subscriptionName: 'Web shop',
    date: '2025-01-03T00:00:00.0000000Z',
    product: 'D2 v3',
    productIdentifier: 'DZH318Z0BQ4B00FV',
    meterId: 'm-1',
    meterName: 'D2 v3',
    meterCategory: 'Virtual Machines',
    unitOfMeasure: '1 Hour',
    quantity: '24',
    unitPrice: '0.1',
    marketPrice: '0.12',
    costInBillingCurrency: '2.208',
    costInPricingCurrency: '2.4',
    paygCostInBillingCurrency: '2.6496',
    billingCurrencyCode: 'EUR',
    pricingCurrencyCode: 'USD',
    exchangeRate: '0.92',
    resourceLocation: 'EUWest',
    consumedService: 'Microsoft.Compute',
    instanceName: '/subscriptions/1/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/Shop-1',
    chargeType: 'Usage',
    frequency: 'UsageBased',
    pricingModel: 'OnDemand',
    invoiceId: '',
  },
}
const modernExport =
  'billingAccountId,billingProfileId,billingProfileName,SubscriptionId,subscriptionName,date,ProductName,ProductId,meterId,meterName,meterCategory,unitOfMeasure,quantity,unitPrice,PayGPrice,costInBillingCurrency,costInPricingCurrency,paygCostInBillingCurrency,billingCurrency,pricingCurrency,exchangeRatePricingToBilling,resourceLocation,consumedService,ResourceId,chargeType,frequency,pricingModel,invoiceId,tags\n' +
  '1234:56789,2468,Acme Europe,11111111-0000-4000-8000-000000000001,Web shop,2025-01-03,D2 v3,DZH318Z0BQ4B00FV,m-1,D2 v3,Virtual Machines,1 Hour,24,0.1,0.12,2.208,2.4,2.6496,EUR,USD,0.92,EUWest,Microsoft.Compute,/subscriptions/1/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/Shop-1,Usage,UsageBased,OnDemand,,"{""env"":""prod""}"\n'

async function rowsOf(files: Record<string, string>) {
  const session = await prepared('2025-01', written(files))
  expect(await problemsOf(session)).toEqual([])
  return session.rows('SELECT * EXCLUDE ("x_SourceFile") FROM focus')
}

describe('items of the Consumption API give the rows of the same charges in an export', () => {
  test.each([
    ['legacy', legacy, asExport],
    ['modern', modern, modernExport],
  ])('%s', async (_kind, item, csv) => {
    const line = `${JSON.stringify(item)}\n`
    const fromApi = await rowsOf({ 'actual.ndjson': line, 'amortized.ndjson': line })
    expect(fromApi).toHaveLength(1)
    expect(fromApi).toEqual(await rowsOf({ 'actual.csv': csv, 'amortized.csv': csv }))
  })
})

test('digits reach the row whole', async () => {
  const item = {
    ...legacy,
    properties: { ...legacy.properties, cost: '0.123456789012345678', quantity: '1', unitPrice: '0' },
  }
  const session = await prepared(
    '2025-01',
    written({ 'actual.ndjson': `${JSON.stringify(item)}\n`, 'amortized.ndjson': '' }),
  )
  expect(await session.rows("SELECT cost FROM staged WHERE dataset = 'actual'")).toEqual([
    { cost: '0.123456789012345678' },
  ])
})

test('a month of two empty files is a month without charges', async () => {
  const session = await prepared('2025-01', written({ 'actual.ndjson': '', 'amortized.ndjson': '' }))
  expect(await problemsOf(session)).toEqual([])
  expect(await session.rows('SELECT * FROM accounting')).toEqual([])
})

const bodies = path.resolve(import.meta.dirname, '../../../../shared/samples/azure/usagedetails_rest')
describe.skipIf(!existsSync(bodies))("Microsoft's own examples", () => {
  test.each([
    ['UsageDetailsExpand', '2019-03', { EffectiveCost: '0.000342194841184000', ServiceName: 'Storage Accounts' }],
    [
      'UsageDetailsListByMetricActualCost',
      '2019-04',
      { EffectiveCost: '0.000001968949998000', ServiceName: 'Storage Accounts' },
    ],
    [
      'UsageDetailsListByMCABillingAccount',
      '2019-10',
      { EffectiveCost: '1.847638190954770000', ServiceName: 'Storage Accounts' },
    ],
  ])('%s', async (name, period, expected) => {
    const line = asLines(readFileSync(path.join(bodies, `${name}.body.json`), 'utf8'))
    // They show a benefit on a row that cost something, which only amortized cost does.
    const session = await prepared(period, written({ 'amortized.ndjson': line }))
    const [row] = await session.rows<Record<string, string>>('SELECT "EffectiveCost", "ServiceName" FROM focus')
    expect(await problemsOf(session)).toEqual([])
    expect(row).toEqual(expected)
  })
})
