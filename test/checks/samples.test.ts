import { existsSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { validatePath } from '../../src/checks/index.ts'
import { sharedSession } from './focus-rows.ts'

/** Public FOCUS files, where this machine has them. What is expected was read and judged by hand. */
const samples = path.resolve(import.meta.dirname, '../../../shared/samples/focus')
const session = sharedSession()

describe.skipIf(!existsSync(samples))('public samples', () => {
  const sizes = { rows100_seed42: 100, rows25_seed7: 25, rows25_seed7_credits: 25 }
  const generated = ['aws', 'azure', 'gcp'].flatMap((provider) =>
    ['1.2', '1.3'].flatMap((version) =>
      Object.entries(sizes).map(
        ([name, rows]) =>
          [`${provider}_${version.replace('.', '_')}_cost_and_usage_${name}.csv`, version, rows] as const,
      ),
    ),
  )

  test.each(generated)('%s was generated to conform to FOCUS %s', async (name, version, rows) => {
    const report = await validatePath(session(), path.join(samples, 'synthetic_1.2_1.3', name), undefined)
    expect(report).toMatchObject({ version, rows, failed: 0, warned: 0, knownGaps: 0 })
  })

  test('the anonymised bills of FOCUS 1.0 break what they are known to break', async () => {
    const report = await validatePath(session(), path.join(samples, 'focus10_sample/focus_sample.csv'), undefined)
    const broken = Object.fromEntries(
      report.checks.filter(({ outcome }) => outcome === 'failed').map(({ id, rows }) => [id, rows]),
    )
    expect([report.version, report.rows, report.warned]).toEqual(['1.0', 1000, 1])
    // Counted again from the file with a few lines of another language: the text NULL stands for null in most
    // columns, times lack T and Z, and price times quantity misses the cost where costs were rounded.
    expect(broken).toEqual({
      'BillingAccountName-C-003-C': 7,
      'ChargeClass-C-005-C': 1000,
      'ChargeFrequency-C-003-M': 7,
      'ColumnHandling-A-010-M': 1,
      'CommitmentDiscountCategory-C-005-M': 989,
      'CommitmentDiscountStatus-C-003-C': 7,
      'CommitmentDiscountStatus-C-005-M': 996,
      'ConsumedUnit-C-005-C': 1,
      'ContractedCost-C-003-M': 7,
      'ContractedCost-C-009-C': 18,
      'ContractedUnitPrice-C-006-C': 5,
      'ContractedUnitPrice-C-009-C': 1,
      'DateTimeFormat-A-002-M:BillingPeriodEnd': 1000,
      'DateTimeFormat-A-002-M:BillingPeriodStart': 1000,
      'DateTimeFormat-A-002-M:ChargePeriodEnd': 1000,
      'DateTimeFormat-A-002-M:ChargePeriodStart': 1000,
      'EffectiveCost-C-010-C': 1,
      'KeyValueFormat-A-001-M:Tags': 289,
      'ListCost-C-009-C': 31,
      'NullHandling-A-002-M:AvailabilityZone': 893,
      'NullHandling-A-002-M:ChargeClass': 1000,
      'NullHandling-A-002-M:CommitmentDiscountCategory': 989,
      'NullHandling-A-002-M:CommitmentDiscountId': 989,
      'NullHandling-A-002-M:CommitmentDiscountName': 993,
      'NullHandling-A-002-M:CommitmentDiscountStatus': 996,
      'NullHandling-A-002-M:CommitmentDiscountType': 989,
      'NullHandling-A-002-M:ConsumedUnit': 1,
      'NullHandling-A-002-M:RegionId': 7,
      'NullHandling-A-002-M:RegionName': 2,
      'NullHandling-A-002-M:ResourceId': 75,
      'NullHandling-A-002-M:ResourceName': 942,
      'NullHandling-A-002-M:ResourceType': 791,
      'NullHandling-A-002-M:SkuPriceId': 1,
      'PricingCategory-C-004-C': 5,
      'ResourceName-C-006-C': 75,
      'ServiceName-C-005-C': 554,
      'SkuPriceId-C-005-C': 5,
      'focal-commitment-status-usage': 3,
      'focal-consumed-quantity-usage': 2,
      'focal-one-region-name': 928,
      'focal-readable-decimal:ConsumedQuantity': 1,
      'focal-readable-decimal:ContractedCost': 7,
      'focal-readable-decimal:ContractedUnitPrice': 7,
      'focal-readable-decimal:ListUnitPrice': 1,
    })
  })
})
