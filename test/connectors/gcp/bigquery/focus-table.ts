import type { Field } from '../../../../src/connectors/gcp/bigquery/fields.ts'

const list = (name: string, ...fields: (readonly [string, string])[]): Field => ({
  name,
  type: 'RECORD',
  mode: 'REPEATED',
  fields: fields.map(([part, type]) => ({ name: part, type, mode: 'NULLABLE' })),
})
const ofType = (type: string, names: string): Field[] =>
  names.split(' ').map((name) => ({ name, type, mode: 'NULLABLE' }))
const label = [['Key', 'STRING'] as const, ['Value', 'STRING'] as const]

/** Columns of the preview of Google's own FOCUS export, as a live table has been seen to have them. */
export const focusTable: readonly Field[] = [
  ...ofType('NUMERIC', 'BilledCost EffectiveCost ListCost ContractedCost ConsumedQuantity PricingQuantity'),
  ...ofType('NUMERIC', 'ListUnitPrice ContractedUnitPrice'),
  ...ofType(
    'STRING',
    'BillingAccountId BillingAccountType BillingCurrency ChargeCategory ChargeClass ChargeDescription',
  ),
  ...ofType(
    'STRING',
    'ConsumedUnit PricingCategory PricingUnit ProviderName PublisherName ServiceName SkuId SkuPriceId',
  ),
  ...ofType('STRING', 'SubAccountId SubAccountName RegionId RegionName ResourceId ResourceName x_Location x_CostType'),
  ...ofType('TIMESTAMP', 'BillingPeriodStart BillingPeriodEnd ChargePeriodStart ChargePeriodEnd x_ExportTime'),
  list('x_Labels', ...label),
  list('x_Tags', ...label, ['x_Inherited', 'BOOLEAN'], ['x_Namespace', 'STRING']),
  list('x_Credits', ['Name', 'STRING'], ['Amount', 'NUMERIC'], ['Type', 'STRING']),
]

/** Two usage rows of each of two months, the second month's billing period beginning at midnight in California. */
export const insertFocusRows = `
  INSERT INTO export BY NAME
  SELECT
    1.5 * n AS BilledCost, 1.25 * n AS EffectiveCost, 2 * n AS ListCost, 1.5 * n AS ContractedCost,
    3600 AS ConsumedQuantity, 1 AS PricingQuantity, 2 * n AS ListUnitPrice, 1.5 * n AS ContractedUnitPrice,
    '01AB-CD' AS BillingAccountId, 'USD' AS BillingCurrency, 'Usage' AS ChargeCategory, 'vm' AS ChargeDescription,
    'Seconds' AS ConsumedUnit, 'Standard' AS PricingCategory, 'Hours' AS PricingUnit,
    'Google Cloud' AS ProviderName, 'Google Cloud' AS PublisherName, 'Compute Engine' AS ServiceName,
    'AAAA-0000' AS SkuId, 'AAAA-0000/0' AS SkuPriceId, 'shop' AS SubAccountId, 'Shop' AS SubAccountName,
    'europe-west6' AS x_Location, 'regular' AS x_CostType,
    start AS BillingPeriodStart, start + INTERVAL 1 MONTH AS BillingPeriodEnd,
    start + to_hours(n) AS ChargePeriodStart, start + to_hours(n + 1) AS ChargePeriodEnd,
    start + INTERVAL 3 DAY + to_microseconds(n) AS x_ExportTime,
    [{'Key': 'team', 'Value': 'web'}] AS x_Labels,
    [{'Key': 'env', 'Value': 'prod', 'x_Inherited': TRUE, 'x_Namespace': '1/2'}] AS x_Tags,
    [{'Name': 'SUD', 'Amount': -0.25, 'Type': 'SUSTAINED_USAGE_DISCOUNT'}] AS x_Credits,
    TIMESTAMPTZ '2025-12-04 00:00:00+00' AS _PARTITIONTIME
  FROM (VALUES (TIMESTAMPTZ '2025-11-01 00:00:00+00'), (TIMESTAMPTZ '2025-12-01 08:00:00+00')) AS months(start)
  CROSS JOIN (VALUES (1), (2)) AS numbers(n)`
