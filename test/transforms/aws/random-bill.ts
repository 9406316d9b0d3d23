import * as fc from 'fast-check'

/** Bills that could be AWS's: commitments that add up, with any amounts. Amounts are integers of 1e-10. */

export type Line = Readonly<Record<string, string>>

/** Some lines, and what FOCUS must say of them together. */
export interface Part {
  readonly lines: readonly Line[]
  readonly billed: bigint
  readonly effective: bigint
  readonly focusRows: number
}

const amount = fc.bigInt({ min: 0n, max: 10_000_000_000_000n })
const positive = fc.bigInt({ min: 1n, max: 10_000_000_000_000n })

export function decimal(units: bigint): string {
  const magnitude = (units < 0n ? -units : units).toString().padStart(11, '0')
  return `${units < 0n ? '-' : ''}${magnitude.slice(0, -10)}.${magnitude.slice(-10)}`
}

const sum = (amounts: readonly bigint[]) => amounts.reduce((total, each) => total + each, 0n)
const instance = { product: 'AmazonEC2', usageType: 'BoxUsage:m5.large', sku: 'SKU1', rate: 'SKU1.A.B', unit: 'Hrs' }

/** One line that costs what it bills. */
const simple = fc
  .tuple(
    fc.constantFrom(
      { type: 'Usage', sign: 1n },
      { type: 'Tax', sign: 1n },
      { type: 'Fee', sign: 1n },
      { type: 'FlatRateSubscription', sign: 1n },
      { type: 'Credit', sign: -1n },
      { type: 'Refund', sign: -1n },
      { type: 'EdpDiscount', sign: -1n },
    ),
    amount,
  )
  .map(([{ type, sign }, size]): Part => {
    const cost = sign * size
    const lines = [{ ...instance, type, cost: decimal(cost), quantity: '1' }]
    return { lines, billed: cost, effective: cost, focusRows: 1 }
  })

/** Rows of split cost allocation and capacity inventory: they cost nothing and are dropped. */
const dropped = fc
  .constantFrom({ operation: 'EKSPod-EC2' }, { operation: 'ECSTask-EC2' }, { usageType: 'Reservation:m5.large' })
  .map((what): Part => {
    const lines = [{ ...instance, type: 'Usage', cost: '0', quantity: '3', ...what }]
    return { lines, billed: 0n, effective: 0n, focusRows: 0 }
  })

/** An hour of a savings plan: what is covered, its negation (off by AWS's rounding), the fee and what went unused. */
const savingsPlan = fc
  .record({
    covered: fc.array(fc.tuple(amount, amount), { minLength: 1, maxLength: 4 }),
    unused: amount,
    upfrontShare: fc.bigInt({ min: 0n, max: 4n }),
    rounding: fc.bigInt({ min: -5000n, max: 5000n }),
    id: fc.uuid(),
  })
  .map(({ covered, unused, upfrontShare, rounding, id }): Part => {
    const plan = `arn:aws:savingsplans::111122223333:savingsplan/${id}`
    const used = sum(covered.map(([, effective]) => effective))
    const total = used + unused
    const amortised = (total * upfrontShare) / 4n
    const recurring = total - amortised
    const onDemand = sum(covered.map(([cost]) => cost))
    const usage = covered.map(([cost, effective]) => ({
      ...instance,
      type: 'SavingsPlanCoveredUsage',
      plan,
      cost: decimal(cost),
      public: decimal(cost),
      planEffective: decimal(effective),
      quantity: '1',
    }))
    const negation = {
      ...instance,
      type: 'SavingsPlanNegation',
      plan,
      cost: decimal(rounding - onDemand),
      quantity: '1',
    }
    const fee = {
      ...instance,
      sku: 'SKUPLAN',
      rate: '',
      type: 'SavingsPlanRecurringFee',
      product: 'ComputeSavingsPlans',
      plan,
      cost: decimal(recurring),
      planTotal: decimal(total),
      planUsed: decimal(used),
      planAmortised: decimal(amortised),
      quantity: '1',
    }
    return {
      lines: [fee, ...usage, negation],
      billed: recurring + rounding,
      effective: used + unused + rounding,
      focusRows: usage.length + 1 + (unused === 0n ? 0 : 1) + (rounding === 0n ? 0 : 1),
    }
  })

/** A month of a reservation: an upfront fee, the monthly one, the hours used and the hours unused. */
const reservation = fc
  .record({
    used: fc.array(positive, { minLength: 1, maxLength: 4 }),
    unusedUpfront: amount,
    unusedRecurring: amount,
    upfront: amount,
    id: fc.uuid(),
  })
  .map(({ used, unusedUpfront, unusedRecurring, upfront, id }): Part => {
    const reserved = `arn:aws:ec2:us-east-1:111122223333:reserved-instances/${id}`
    const unused = unusedUpfront + unusedRecurring
    const worth = sum(used) + unused
    const recurring = worth / 3n
    const amortised = worth - recurring
    const hours = used.map((effective) => ({
      ...instance,
      type: 'DiscountedUsage',
      reserved,
      cost: '0',
      public: decimal(effective * 2n),
      reservedEffective: decimal(effective),
      quantity: '1',
    }))
    const fee = { ...instance, type: 'Fee', reserved, cost: decimal(upfront), quantity: '1' }
    const monthly = {
      ...instance,
      type: 'RIFee',
      reserved,
      cost: decimal(recurring),
      reservedAmortised: decimal(amortised),
      reservedUnusedUpfront: decimal(unusedUpfront),
      reservedUnusedRecurring: decimal(unusedRecurring),
      quantity: '744',
    }
    return {
      lines: [fee, monthly, ...hours],
      billed: upfront + recurring,
      effective: sum(used) + unused,
      focusRows: hours.length + 2 + (unused === 0n ? 0 : 1),
    }
  })

/** A whole bill: some of everything. */
export const bill = fc.array(fc.oneof(simple, simple, dropped, savingsPlan, reservation), {
  minLength: 1,
  maxLength: 12,
})

const columns: Readonly<Record<string, string>> = {
  type: 'lineItem/LineItemType',
  product: 'lineItem/ProductCode',
  usageType: 'lineItem/UsageType',
  operation: 'lineItem/Operation',
  quantity: 'lineItem/UsageAmount',
  cost: 'lineItem/UnblendedCost',
  public: 'pricing/publicOnDemandCost',
  unit: 'pricing/unit',
  sku: 'product/sku',
  rate: 'pricing/RateCode',
  plan: 'savingsPlan/SavingsPlanARN',
  planEffective: 'savingsPlan/SavingsPlanEffectiveCost',
  planTotal: 'savingsPlan/TotalCommitmentToDate',
  planUsed: 'savingsPlan/UsedCommitment',
  planAmortised: 'savingsPlan/AmortizedUpfrontCommitmentForBillingPeriod',
  reserved: 'reservation/ReservationARN',
  reservedEffective: 'reservation/EffectiveCost',
  reservedAmortised: 'reservation/AmortizedUpfrontFeeForBillingPeriod',
  reservedUnusedUpfront: 'reservation/UnusedAmortizedUpfrontFeeForBillingPeriod',
  reservedUnusedRecurring: 'reservation/UnusedRecurringFee',
}

const common: Readonly<Record<string, string>> = {
  'bill/PayerAccountId': '000011112222',
  'bill/BillingPeriodStartDate': '2025-01-01T00:00:00Z',
  'bill/BillingPeriodEndDate': '2025-02-01T00:00:00Z',
  'lineItem/UsageAccountId': '000011112222',
  'lineItem/CurrencyCode': 'USD',
  'lineItem/UsageStartDate': '2025-01-10T00:00:00Z',
  'lineItem/UsageEndDate': '2025-01-10T01:00:00Z',
}

/** The lines as the csv of a legacy report. */
export function reportCsv(lines: readonly Line[]): string {
  const header = [...Object.keys(common), ...Object.values(columns)].join(',')
  const constants = Object.values(common).join(',')
  const rows = lines.map((line) => [constants, ...Object.keys(columns).map((key) => line[key] ?? '')].join(','))
  return [header, ...rows, ''].join('\n')
}
