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

  /**
   * Allocated rows that repeat a tag of the resource, key and value, which FOCUS 1.3 forbids and the generator did not
   * look at; counted again with a few lines of another language.
   */
  const repeatedTags: Readonly<Record<string, number>> = {
    'aws_1_3_cost_and_usage_rows100_seed42.csv': 10,
    'aws_1_3_cost_and_usage_rows25_seed7.csv': 1,
    'aws_1_3_cost_and_usage_rows25_seed7_credits.csv': 1,
    'azure_1_3_cost_and_usage_rows100_seed42.csv': 11,
    'azure_1_3_cost_and_usage_rows25_seed7.csv': 3,
    'azure_1_3_cost_and_usage_rows25_seed7_credits.csv': 3,
    'gcp_1_3_cost_and_usage_rows100_seed42.csv': 4,
    'gcp_1_3_cost_and_usage_rows25_seed7.csv': 4,
    'gcp_1_3_cost_and_usage_rows25_seed7_credits.csv': 4,
  }

  test.each(generated)('%s was generated to conform to FOCUS %s', async (name, version, rows) => {
    const report = await validatePath(session(), path.join(samples, 'synthetic_1.2_1.3', name), undefined)
    expect(report).toMatchObject({ version, rows, warned: 0, knownGaps: 0 })
    const broken = report.checks.filter(({ outcome }) => outcome === 'failed').map((check) => [check.id, check.rows])
    expect(broken).toEqual(version === '1.3' ? [['AllocatedTags-C-006-M', repeatedTags[name]]] : [])
  })

  test.each(['aws', 'azure', 'gcp'])('the contract commitments of %s conform to FOCUS 1.3', async (provider) => {
    const file = `${provider}_1_3_contract_commitment_rows100_seed42.csv`
    const report = await validatePath(session(), path.join(samples, 'synthetic_1.2_1.3', file), undefined)
    expect(report).toMatchObject({ dataset: 'ContractCommitment', version: '1.3', failed: 0, warned: 0 })
  })

  /** What the specification's own worked examples break, each judged by hand: see docs/conformance.md. */
  const workedExamples: Readonly<Record<string, string>> = {
    'commitment_discount_scenarios/commitment_discount_purchase_scenario_1.csv': 'focal-mandatory-columns',
    'commitment_discount_scenarios/commitment_discount_purchase_scenario_2.csv':
      'focal-mandatory-columns ChargePeriodEnd-C-003-M focal-readable-datetime:ChargePeriodEnd',
    'commitment_discount_scenarios/commitment_discount_purchase_scenario_3.csv':
      'focal-mandatory-columns ChargePeriodEnd-C-003-M focal-readable-datetime:ChargePeriodEnd',
    'commitment_discount_scenarios/commitment_discount_usage_scenario_1.csv': 'focal-mandatory-columns',
    'commitment_discount_scenarios/commitment_discount_usage_scenario_2.csv':
      'focal-mandatory-columns ConsumedUnit-C-005-C NullHandling-A-002-M:ConsumedUnit focal-readable-decimal:ConsumedQuantity',
    'commitment_discount_scenarios/commitment_discount_usage_scenario_3.csv':
      'focal-mandatory-columns ConsumedUnit-C-005-C NullHandling-A-002-M:ConsumedUnit focal-readable-decimal:ConsumedQuantity',
    'commitment_discount_scenarios/commitment_discount_usage_scenario_4.csv':
      'focal-mandatory-columns CommitmentDiscountUnit-C-005-C CommitmentDiscountQuantity-C-005-C CommitmentDiscountStatus-C-005-M NullHandling-A-002-M:CommitmentDiscountId NullHandling-A-002-M:CommitmentDiscountStatus NullHandling-A-002-M:CommitmentDiscountUnit focal-readable-decimal:CommitmentDiscountQuantity',
    'commitment_discount_flexibility/one_hundred_percent_utilization_with_commitment_discount_flexibility_with_1_resource.csv':
      'focal-mandatory-columns ColumnHandling-A-010-M ConsumedUnit-C-005-C CommitmentDiscountUnit-C-005-C focal-commitment-status-usage CommitmentDiscountQuantity-C-005-C CommitmentDiscountCategory-C-005-M CommitmentDiscountStatus-C-005-M NullHandling-A-002-M:CommitmentDiscountCategory NullHandling-A-002-M:CommitmentDiscountId NullHandling-A-002-M:CommitmentDiscountStatus NullHandling-A-002-M:CommitmentDiscountUnit NullHandling-A-002-M:ConsumedUnit ListCost-C-009-C focal-readable-decimal:CommitmentDiscountQuantity focal-readable-decimal:ConsumedQuantity',
    'commitment_discount_flexibility/one_hundred_percent_utilization_with_commitment_discount_flexibility_with_2_resources.csv':
      'focal-mandatory-columns ColumnHandling-A-010-M ConsumedUnit-C-005-C focal-commitment-status-usage CommitmentDiscountStatus-C-005-M NullHandling-A-002-M:CommitmentDiscountStatus NullHandling-A-002-M:ConsumedUnit focal-readable-decimal:ConsumedQuantity',
    'commitment_discount_flexibility/one_hundred_percent_utilization_without_commitment_discount_flexibility.csv':
      'focal-mandatory-columns ColumnHandling-A-010-M ConsumedUnit-C-005-C focal-commitment-status-usage CommitmentDiscountStatus-C-005-M NullHandling-A-002-M:CommitmentDiscountStatus NullHandling-A-002-M:ConsumedUnit focal-readable-decimal:ConsumedQuantity',
    'commitment_discount_flexibility/zero_percent_utilization_without_commitment_discount_flexibility.csv':
      'focal-mandatory-columns ColumnHandling-A-010-M ConsumedQuantity-C-004-C ConsumedUnit-C-005-C CommitmentDiscountUnit-C-005-C focal-commitment-status-usage CommitmentDiscountQuantity-C-005-C CommitmentDiscountCategory-C-005-M CommitmentDiscountStatus-C-005-M NullHandling-A-002-M:CommitmentDiscountCategory NullHandling-A-002-M:CommitmentDiscountId NullHandling-A-002-M:CommitmentDiscountStatus NullHandling-A-002-M:CommitmentDiscountUnit NullHandling-A-002-M:ConsumedUnit DiscountHandling-A-019-C focal-readable-decimal:CommitmentDiscountQuantity focal-readable-decimal:ConsumedQuantity',
  }

  test.each(Object.entries(workedExamples))('%s contradicts the rules where it is known to', async (file, broken) => {
    const { checks } = await validatePath(session(), path.join(samples, 'spec_scenarios', file), undefined)
    expect(checks.filter(({ outcome }) => outcome === 'failed').map(({ id }) => id)).toEqual(broken.split(' '))
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
