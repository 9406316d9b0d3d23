import { expect, test } from 'vitest'
import { prepared, problemsOf, warningsOf, written } from './delivery.ts'

const header =
  'BillingAccountId,BillingAccountName,BillingPeriodStartDate,BillingPeriodEndDate,SubscriptionId,SubscriptionName,Date,Product,PartNumber,MeterId,MeterCategory,MeterName,ConsumedService,Quantity,UnitOfMeasure,UnitPrice,PayGPrice,Cost,BillingCurrency,ChargeType,Frequency,PricingModel,BenefitId\n'
const account = '8611000,Acme,01/01/2025,01/31/2025,s-1,Shop,01/02/2025,D2 v3,AAA-1'
const meter = 'm-1,Virtual Machines,D2 v3,Microsoft.Compute'
const plan = '/providers/Microsoft.BillingBenefits/savingsPlanOrders/o-1/savingsPlans/p-1'

function row(
  quantity: string,
  unit: string,
  price: string,
  cost: string,
  kind = 'Usage,UsageBased,OnDemand,',
  of = meter,
) {
  return `${account},${of},${quantity},${unit},${price},${price},${cost},EUR,${kind}\n`
}

async function warned(files: Record<string, string>) {
  const session = await prepared('2025-01', written(files))
  expect(await problemsOf(session)).toEqual([])
  return warningsOf(session)
}

test('nothing to say of a month without commitments, of one dataset or both', async () => {
  const charges = header + row('24', '1 Hour', '0.1', '2.4')
  expect(await warned({ '2025-01.csv': charges })).toEqual([])
  expect(await warned({ 'actual.csv': charges, 'amortized.csv': charges })).toEqual([])
})

test('one dataset alone is said, with the rows that lack something', async () => {
  const used = row('24', '1 Hour', '0.1', '1.2', `Usage,UsageBased,SavingsPlan,${plan}`)
  const unused = row('1', '1 Hour', '0', '0.3', `UnusedSavingsPlan,UsageBased,SavingsPlan,${plan}`)
  expect(await warned({ 'amortized.csv': header + used + unused })).toEqual(['only amortized cost was delivered (2)'])
  const free = row('24', '1 Hour', '0.1', '0', `Usage,UsageBased,SavingsPlan,${plan}`)
  expect(await warned({ 'actual.csv': header + free })).toEqual(['only actual cost was delivered (1)'])
})

test('costs of more than 18 decimals are rounded once, and counted', async () => {
  const files = {
    '2025-01.csv':
      header +
      // rounded up
      row('1', '1 Hour', '1', '0.0000000000000000015') +
      // an exponent may hide as many
      row('1', '1 Hour', '1', '1.5E-18') +
      // eighteen, and zeros after them, are none too many
      row('1', '1 Hour', '1', '0.123456789012345678') +
      row('1', '1 Hour', '1', '0.12345678901234567800'),
  }
  const session = await prepared('2025-01', written(files))
  expect(await session.rows('SELECT "BilledCost" FROM focus ORDER BY "BilledCost"')).toEqual([
    { BilledCost: '0.000000000000000002' },
    { BilledCost: '0.000000000000000002' },
    { BilledCost: '0.123456789012345678' },
    { BilledCost: '0.123456789012345678' },
  ])
  expect(await warningsOf(session)).toEqual([
    'cost is not price times quantity: 1 Hour of Virtual Machines (4)',
    'costs with more than 18 decimals: rounded once (2)',
  ])
})

test('a unit that is read by its number, a service that is not known, quantities that count single units', async () => {
  expect(
    await warned({
      '2025-01.csv':
        header +
        row('2', '5 Sprockets', '3', '6') +
        row('48', '100 Hours', '10', '4.8') +
        row('1', '1 Hour', '1', '1', 'Usage,UsageBased,OnDemand,', 'm-9,Time Travel,Flux,Contoso.TimeTravel'),
    }),
  ).toEqual([
    'quantities count single units, not blocks: 100 Hours of Virtual Machines (1)',
    'service not in the table: Other: Time Travel (1)',
    'unit of measure not in the table: read by its number: 5 Sprockets (1)',
  ])
})
