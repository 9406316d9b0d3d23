import { commitment, conforming, credit, purchase, tax, unused, used, type FocusRow } from './focus-rows.ts'

/** For every row rule, by id or by the part before the colon, rows that break it. */
type Mutations = Readonly<Record<string, readonly FocusRow[] | ((column: string) => readonly FocusRow[])>>

const correction = { ChargeClass: 'Correction' }
const commitmentUsage = { ...conforming, ...commitment }

function missing(column: string): FocusRow[] {
  return [{ ...conforming, [column]: null }]
}

/** Null on a Tax row, and not null on priced rows unless they correct an earlier bill. */
function priced(column: string, onTax: string, onUsage: string): Mutations {
  return {
    [onTax]: [{ ...tax, [column]: conforming[column] ?? null }],
    [onUsage]: [
      { ...conforming, [column]: null },
      { ...purchase, [column]: null },
    ],
  }
}

function withoutPrice(column: string, value = '1'): FocusRow[] {
  return [{ ...credit, [column]: value }]
}

function pair(column: string, on: string, orphan: string, lack?: string): Mutations {
  return {
    [orphan]: [{ ...used, CapacityReservationStatus: 'Used', AllocatedResourceName: 'pod', [column]: 'x', [on]: null }],
    ...(lack === undefined ? {} : { [lack]: [{ ...used, AllocatedResourceId: 'pod-1', [column]: null }] }),
  }
}

const neverNull = {
  'BilledCost-C-003-M': missing('BilledCost'),
  'EffectiveCost-C-003-M': missing('EffectiveCost'),
  'ListCost-C-003-M': missing('ListCost'),
  'ContractedCost-C-003-M': missing('ContractedCost'),
  'BillingAccountId-C-001-M': missing('BillingAccountId'),
  'BillingCurrency-C-004-M': missing('BillingCurrency'),
  'BillingPeriodStart-C-003-M': missing('BillingPeriodStart'),
  'BillingPeriodEnd-C-003-M': missing('BillingPeriodEnd'),
  'ChargePeriodStart-C-003-M': missing('ChargePeriodStart'),
  'ChargePeriodEnd-C-003-M': missing('ChargePeriodEnd'),
  'ChargeCategory-C-002-M': missing('ChargeCategory'),
  'ChargeFrequency-C-002-M': missing('ChargeFrequency'),
  'InvoiceIssuerName-C-003-M': missing('InvoiceIssuerName'),
  'ProviderName-C-003-M': missing('ProviderName'),
  'PublisherName-C-003-M': missing('PublisherName'),
  'ServiceProviderName-C-003-M': missing('ServiceProviderName'),
  'ServiceName-C-003-M': missing('ServiceName'),
  'ServiceCategory-C-002-M': missing('ServiceCategory'),
  'ServiceSubcategory-C-002-M': missing('ServiceSubcategory'),
  'PricingCurrency-C-004-M': missing('PricingCurrency'),
  'PricingCurrencyEffectiveCost-C-003-M': missing('PricingCurrencyEffectiveCost'),
  'ChargeDescription-C-003-O': missing('ChargeDescription'),
  'BillingAccountName-C-003-C': missing('BillingAccountName'),
  'SubAccountName-C-005-C': missing('SubAccountName'),
  'SkuMeter-C-005-C': missing('SkuMeter'),
}

const nullMatrix = {
  ...priced('PricingCategory', 'PricingCategory-C-003-C', 'PricingCategory-C-004-C'),
  ...priced('SkuId', 'SkuId-C-004-C', 'SkuId-C-005-C'),
  ...priced('SkuPriceId', 'SkuPriceId-C-004-C', 'SkuPriceId-C-005-C'),
  ...priced('PricingQuantity', 'PricingQuantity-C-004-C', 'PricingQuantity-C-005-C'),
  ...priced('ListUnitPrice', 'ListUnitPrice-C-004-C', 'ListUnitPrice-C-005-C'),
  ...priced('ContractedUnitPrice', 'ContractedUnitPrice-C-005-C', 'ContractedUnitPrice-C-006-C'),
  ...priced(
    'PricingCurrencyListUnitPrice',
    'PricingCurrencyListUnitPrice-C-004-C',
    'PricingCurrencyListUnitPrice-C-005-C',
  ),
  ...priced(
    'PricingCurrencyContractedUnitPrice',
    'PricingCurrencyContractedUnitPrice-C-004-C',
    'PricingCurrencyContractedUnitPrice-C-005-C',
  ),
  'PricingQuantity-C-011-C': withoutPrice('PricingQuantity'),
  'PricingCategory-C-012-C': withoutPrice('PricingCategory', 'Other'),
  'ListUnitPrice-C-012-C': withoutPrice('ListUnitPrice'),
  'ContractedUnitPrice-C-014-C': withoutPrice('ContractedUnitPrice'),
  'PricingCurrencyListUnitPrice-C-011-C': withoutPrice('PricingCurrencyListUnitPrice'),
  'PricingCurrencyContractedUnitPrice-C-011-C': withoutPrice('PricingCurrencyContractedUnitPrice'),
  'ConsumedQuantity-C-009-C': withoutPrice('ConsumedQuantity'),
  'CommitmentDiscountQuantity-C-016-C': withoutPrice('CommitmentDiscountQuantity'),
  'ListUnitPrice-C-013-C': [{ ...conforming, ...correction, ListUnitPrice: null }],
  'ContractedUnitPrice-C-015-C': [{ ...conforming, ...correction, ContractedUnitPrice: null }],
  'PricingCurrencyListUnitPrice-C-012-C': [{ ...conforming, ...correction, PricingCurrencyListUnitPrice: null }],
  'PricingCurrencyContractedUnitPrice-C-012-C': [
    { ...conforming, ...correction, PricingCurrencyContractedUnitPrice: null },
  ],
  'ConsumedQuantity-C-004-C': [
    { ...purchase, ConsumedQuantity: '1' },
    { ...unused, ConsumedQuantity: '1' },
    { ...conforming, ChargeCategory: null },
  ],
  'focal-consumed-quantity-usage': [{ ...purchase, ConsumedQuantity: '1' }],
  'ConsumedQuantity-C-006-C': [
    { ...conforming, ConsumedQuantity: null },
    { ...used, ConsumedQuantity: null },
  ],
  ...pair('PricingUnit', 'PricingQuantity', 'PricingUnit-C-005-C', 'PricingUnit-C-006-C'),
  ...pair('ConsumedUnit', 'ConsumedQuantity', 'ConsumedUnit-C-005-C', 'ConsumedUnit-C-006-C'),
  ...pair(
    'CommitmentDiscountUnit',
    'CommitmentDiscountQuantity',
    'CommitmentDiscountUnit-C-005-C',
    'CommitmentDiscountUnit-C-006-C',
  ),
  ...pair(
    'CommitmentDiscountCategory',
    'CommitmentDiscountId',
    'CommitmentDiscountCategory-C-003-C',
    'CommitmentDiscountCategory-C-004-C',
  ),
  ...pair(
    'CommitmentDiscountType',
    'CommitmentDiscountId',
    'CommitmentDiscountType-C-004-C',
    'CommitmentDiscountType-C-005-C',
  ),
  ...pair('CommitmentDiscountName', 'CommitmentDiscountId', 'CommitmentDiscountName-C-004-C'),
  ...pair(
    'CommitmentDiscountStatus',
    'CommitmentDiscountId',
    'CommitmentDiscountStatus-C-003-C',
    'CommitmentDiscountStatus-C-004-C',
  ),
  ...pair('CapacityReservationStatus', 'CapacityReservationId', 'CapacityReservationStatus-C-003-C'),
  ...pair('BillingAccountType', 'BillingAccountId', 'BillingAccountType-C-004-C', 'BillingAccountType-C-005-C'),
  ...pair('SubAccountName', 'SubAccountId', 'SubAccountName-C-004-C'),
  ...pair('SubAccountType', 'SubAccountId', 'SubAccountType-C-004-C', 'SubAccountType-C-005-C'),
  ...pair('RegionName', 'RegionId', 'RegionName-C-004-C', 'RegionName-C-005-C'),
  ...pair('ResourceType', 'ResourceId', 'ResourceType-C-004-C', 'ResourceType-C-005-C'),
  ...pair('ResourceName', 'ResourceId', 'ResourceName-C-004-C'),
  ...pair('SkuMeter', 'SkuId', 'SkuMeter-C-004-C'),
  ...pair('SkuPriceDetails', 'SkuPriceId', 'SkuPriceDetails-C-004-C'),
  ...pair(
    'AllocatedResourceName',
    'AllocatedResourceId',
    'AllocatedResourceName-C-004-C',
    'AllocatedResourceName-C-005-C',
  ),
  'focal-commitment-status-usage': [{ ...purchase, CommitmentDiscountStatus: 'Used' }],
  'CommitmentDiscountQuantity-C-005-C': [
    { ...commitmentUsage, CommitmentDiscountQuantity: null },
    { ...purchase, CommitmentDiscountQuantity: null },
  ],
  'CommitmentDiscountQuantity-C-007-C': [
    { ...commitmentUsage, CommitmentDiscountId: null },
    { ...credit, ...commitment },
    { ...commitmentUsage, ChargeCategory: null },
  ],
  'CapacityReservationStatus-C-004-C': [{ ...conforming, CapacityReservationId: 'cr-1' }],
  'CapacityReservationId-C-005-C': [{ ...conforming, CapacityReservationStatus: 'Unused' }],
  'focal-allocated-by-method': (column: string) => [{ ...conforming, [column]: '{"a": 1}' }],
}

const values = {
  'ChargeClass-C-005-C': [{ ...conforming, ChargeClass: 'correction' }],
  'ChargeCategory-C-003-M': [{ ...conforming, ChargeCategory: 'Refund' }],
  'ChargeFrequency-C-003-M': [{ ...conforming, ChargeFrequency: 'Usage-based' }],
  'CommitmentDiscountCategory-C-005-M': [{ ...used, CommitmentDiscountCategory: 'Compute' }],
  'CommitmentDiscountStatus-C-005-M': [{ ...used, CommitmentDiscountStatus: 'Active' }],
  'CapacityReservationStatus-C-006-M': [
    { ...conforming, CapacityReservationId: 'cr-1', CapacityReservationStatus: 'used' },
  ],
  'PricingCategory-C-007-M': [{ ...conforming, PricingCategory: 'On-Demand' }],
  'ServiceCategory-C-003-M': [{ ...conforming, ServiceCategory: 'Containers' }],
  'ServiceSubcategory-C-003-M': [{ ...conforming, ServiceSubcategory: 'Virtual machines' }],
  'ServiceSubcategory-C-004-M': [
    { ...conforming, ServiceCategory: 'Storage' },
    { ...conforming, ServiceCategory: null },
  ],
  'ChargeFrequency-C-004-C': [{ ...purchase, ChargeFrequency: 'Usage-Based' }],
  'BillingCurrency-C-006-M': [
    { ...conforming, BillingCurrency: 'XXX' },
    { ...conforming, BillingCurrency: 'usd' },
  ],
  'ResourceName-C-006-C': [{ ...conforming, ResourceName: 'vm-0001' }],
  'NullHandling-A-002-M': (column: string) =>
    ['', ' ', 'N/A', 'NULL', 'null ', 'None', 'Not Applicable', '-'].map((text) => ({ ...conforming, [column]: text })),
  'focal-blanks-around': (column: string) => [
    { ...conforming, [column]: ' a' },
    { ...conforming, [column]: 'a ' },
  ],
}

const times = {
  'focal-month-start': (column: string) => [
    { ...conforming, [column]: '2025-01-15T00:00:00Z' },
    { ...conforming, [column]: '2025-01-31T00:00:00Z' },
    { ...conforming, [column]: '2025-01-02T00:00:00Z' },
    { ...conforming, [column]: '2025-01-31T23:59:59Z' },
  ],
  'focal-billing-period-order': [
    { ...conforming, BillingPeriodEnd: '2025-01-01T00:00:00Z' },
    { ...conforming, BillingPeriodEnd: '2024-12-01T00:00:00Z' },
  ],
  'ChargePeriodEnd-C-004-M': [{ ...conforming, ChargePeriodEnd: '2025-01-10T23:59:59Z' }],
  'focal-charge-period-order': [
    { ...conforming, ChargePeriodEnd: '2025-01-10T00:00:00Z' },
    { ...conforming, ChargePeriodEnd: '2025-01-09T00:00:00Z' },
  ],
}

const costs = {
  'ListCost-C-009-C': [{ ...conforming, ListCost: '12.500001' }],
  'ContractedCost-C-009-C': [{ ...conforming, ContractedCost: '-10' }],
  'ListCost-C-011-C': [{ ...conforming, ...correction, ListCost: '12.500001' }],
  'ContractedCost-C-011-C': [{ ...conforming, ...correction, ContractedCost: '-10' }],
  'ListUnitPrice-C-008-M': [{ ...conforming, ListUnitPrice: '-2.5' }],
  'ContractedUnitPrice-C-009-C': [{ ...conforming, ContractedUnitPrice: '-2' }],
  'ContractedUnitPrice-C-009-M': [{ ...conforming, ContractedUnitPrice: '-2' }],
  'PricingCurrencyListUnitPrice-C-008-M': [{ ...conforming, PricingCurrencyListUnitPrice: '-2.5' }],
  'PricingCurrencyContractedUnitPrice-C-008-C': [{ ...conforming, PricingCurrencyContractedUnitPrice: '-2' }],
  'EffectiveCost-C-005-C': [{ ...purchase, EffectiveCost: '0.01' }],
  'EffectiveCost-C-010-C': [{ ...credit, EffectiveCost: '0' }],
  'focal-effective-cost-tax': [{ ...tax, EffectiveCost: '0' }],
  'focal-effective-cost-uncovered': [{ ...conforming, EffectiveCost: '9.99' }],
  'ListCost-C-008-C': [{ ...credit, ListCost: '0' }],
  'ContractedCost-C-008-C': [{ ...credit, ContractedCost: '0' }],
  'DiscountHandling-A-001-C': [{ ...credit, ChargeCategory: 'Adjustment', ListCost: '0' }],
  'DiscountHandling-A-009-C': [
    { ...used, BilledCost: '4' },
    { ...unused, BilledCost: '-4' },
  ],
  'DiscountHandling-A-019-C': [
    { ...unused, ResourceId: 'vm-0001' },
    { ...unused, ResourceId: null },
  ],
  'PricingCategory-C-009-C': [
    { ...used, PricingCategory: 'Standard' },
    { ...unused, PricingCategory: 'Dynamic' },
  ],
  'focal-commitment-purchase-standard': [{ ...purchase, PricingCategory: 'Committed' }],
}

const json = {
  'KeyValueFormat-A-001-M': (column: string) =>
    ['NULL', '[1]', '"text"', '{"a": }'].map((text) => ({ ...conforming, [column]: text })),
  'KeyValueFormat-A-002-M': (column: string) => [{ ...conforming, [column]: '{"a": 1, "b": 2, "a": 3}' }],
  'KeyValueFormat-A-004-M': (column: string) => [
    { ...conforming, [column]: '{"a": 1, "b": {"c": 2}}' },
    { ...conforming, [column]: '{"a": [1]}' },
  ],
  'SkuPriceDetails-C-017-C': [{ ...conforming, SkuPriceDetails: '{"CoreCount": 2, "coreCount": 2}' }],
}

const discounts = {
  'DiscountHandling-A-006-C': [{ ...conforming, PricingCategory: 'Committed' }],
  'DiscountHandling-A-012-C': [
    { ...purchase, ResourceId: 'vm-0001' },
    { ...purchase, ResourceId: null },
  ],
  'DiscountHandling-A-016-C': [{ ...used, ResourceId: 'plan-1' }],
}

const pricingCurrency = {
  'CurrencyFormat-A-001-C': [
    { ...conforming, PricingCurrency: 'usd' },
    { ...conforming, PricingCurrency: 'USD ' },
  ],
  'PricingCurrencyEffectiveCost-C-005-M': [{ ...purchase, PricingCurrencyEffectiveCost: '10' }],
  'PricingCurrencyEffectiveCost-C-006-M': [{ ...conforming, PricingCurrencyEffectiveCost: '9' }],
  'PricingCurrencyListUnitPrice-C-009-M': [{ ...conforming, PricingCurrencyListUnitPrice: '2.4' }],
  'PricingCurrencyContractedUnitPrice-C-009-M': [{ ...conforming, PricingCurrencyContractedUnitPrice: '1.9' }],
}

const units = {
  'UnitFormat-A-001-M': (column: string) =>
    ['GB*Hours', '/Hour', '1,000 Requests', 'Hours (each)'].map((unit) => ({ ...conforming, [column]: unit })),
  'UnitFormat-A-002-O': (column: string) => [{ ...conforming, [column]: '0.5 Hours' }],
  'UnitFormat-A-003-M': (column: string) =>
    ['hours', 'GB-hours', 'gb', '1000 requests', 'GB/HOUR'].map((unit) => ({ ...conforming, [column]: unit })),
}

function details(...texts: readonly string[]): FocusRow[] {
  return texts.map((SkuPriceDetails) => ({ ...conforming, SkuPriceDetails }))
}

const skuPriceDetails = {
  'SkuPriceDetails-C-002-O': details('{"core_count": 2}', '{"x_tenancy": "shared"}'),
  'SkuPriceDetails-C-010-C': details('{"x_CoreCount": 2}'),
  'SkuPriceDetails-C-021-M': details('{"CoreCount": "2"}', '{"InstanceType": 4}', '{"MemorySize": true}'),
}

const allocated: FocusRow = { ...conforming, AllocatedMethodId: 'split', AllocatedResourceId: 'pod-1' }

function method(...elements: readonly string[]): FocusRow[] {
  return elements.map((element) => ({ ...allocated, AllocatedMethodDetails: `{"Elements": [${element}]}` }))
}

function contract(...elements: readonly string[]): FocusRow[] {
  return elements.map((element) => ({ ...conforming, ContractApplied: `{"Elements": [${element}]}` }))
}

function applied(cost: string, quantity: string, unit: string, id = '"deal-1"'): string {
  return `{"ContractCommitmentId": ${id}, "ContractCommitmentAppliedCost": ${cost}, "ContractCommitmentAppliedQuantity": ${quantity}, "ContractCommitmentAppliedUnit": ${unit}}`
}

const objects = {
  'AllocatedMethodDetails-C-006-C': [allocated],
  'AllocatedTags-C-006-M': [{ ...allocated, AllocatedTags: '{"team": "web", "pod": "a"}' }],
  'AllocatedMethodDetailsObject-O-001-M': ['{}', '{"Elements": {}}', '{"elements": []}'].map((text) => ({
    ...allocated,
    AllocatedMethodDetails: text,
  })),
  'AllocatedMethodDetailsObject-O-002-M': method('1', 'null', '[]'),
  'AllocatedMethodDetailsObject-O-003-M': method('{"AllocatedRatio": {"of": 1}}', '{"AllocatedRatio": [1]}'),
  'AllocatedMethodDetailsObject-O-009-C': method('{"AllocatedRatio": 1, "Basis": "vCPU"}', '{"allocatedRatio": 1}'),
  'AllocatedMethodDetailsObject-O-012-M': method('{"UsageUnit": "Hours"}'),
  'AllocatedMethodDetailsObject-O-013-M': method('{"AllocatedRatio": "1"}', '{"AllocatedRatio": null}'),
  'AllocatedMethodDetailsObject-O-016-C': method('{"AllocatedRatio": 1, "UsageQuantity": 2}'),
  'AllocatedMethodDetailsObject-O-018-O': method('{"AllocatedRatio": 1, "UsageUnit": "Hours (each)"}'),
  'AllocatedMethodDetailsObject-O-021-M': method('{"AllocatedRatio": 1, "UsageUnit": "Hours", "UsageQuantity": "2"}'),
  'ContractAppliedObject-O-001-M': [{ ...conforming, ContractApplied: '{"Elements": "none"}' }],
  'ContractAppliedObject-O-003-M': contract('"deal-1"'),
  'ContractAppliedObject-O-004-M': contract(applied('[1]', 'null', 'null')),
  'ContractAppliedObject-O-007-M': contract(
    '{"ContractCommitmentId": "deal-1", "ContractCommitmentAppliedCost": 1}',
    '{}',
  ),
  'ContractAppliedObject-O-017-C': contract('{"ContractCommitmentId": "deal-1", "Note": "own"}'),
  'ContractAppliedObject-O-030-M': contract(applied('1', 'null', 'null', '17'), applied('1', '2', '3')),
  'ContractAppliedObject-O-043-M': contract(applied('"1"', 'null', 'null'), applied('1', '"2"', '"Hours"')),
  'ContractAppliedObject-O-046-C': contract(applied('null', 'null', 'null')),
  'ContractAppliedObject-O-063-O': contract(applied('1', '2', '"Hours (each)"')),
  'ContractAppliedObject-O-065-C': contract(applied('1', 'null', '"Hours"')),
  'ContractAppliedObject-O-066-C': contract(applied('1', '2', 'null')),
  'ContractAppliedObject-O-039-C': contract(applied('1', 'null', 'null')).map((row) => ({
    ...purchase,
    ...row,
    ChargeCategory: 'Purchase',
  })),
  'JsonObjectFormat-A-007-M': (column: string) => [{ ...conforming, [column]: '{"Elements": [{"a": 1}, {"a": 1}]}' }],
  'JsonObjectFormat-A-011-O': (column: string) => [{ ...conforming, [column]: '{"a": {"b": {"c": {"d": 1}}}}' }],
}

const text = {
  'focal-readable-decimal': (column: string) =>
    ['ten', '1,000.00', '10 USD', 'NULL'].map((written) => ({ ...conforming, [column]: written })),
  'NumericFormat-A-003-M': (column: string) =>
    ['+10', '1E+7', ' 10'].map((written) => ({ ...conforming, [column]: written })),
  'focal-readable-datetime': (column: string) =>
    ['2025-13-01T00:00:00Z', '01/02/2025', 'NULL'].map((written) => ({ ...conforming, [column]: written })),
  'DateTimeFormat-A-002-M': (column: string) =>
    ['2025-01-01 00:00:00', '2025-01-01', '2025-01-01T00:00:00+02:00'].map((written) => ({
      ...conforming,
      [column]: written,
    })),
}

const all: Mutations = {
  ...neverNull,
  ...nullMatrix,
  ...values,
  ...times,
  ...costs,
  ...discounts,
  ...pricingCurrency,
  ...units,
  ...json,
  ...skuPriceDetails,
  ...objects,
  ...text,
}

/** Rows that break a row rule; undefined if nobody has written any. */
export function rowsBreaking(id: string): readonly FocusRow[] | undefined {
  const [family = id, column = ''] = id.split(':')
  const rows = all[id] ?? all[family]
  return typeof rows === 'function' ? rows(column) : rows
}

/** Ids and id families that rows are written for. */
export const mutated = Object.keys(all)
