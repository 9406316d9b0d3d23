import { commitment, conforming, credit, purchase, tax, unused, used, type FocusRow } from './focus-rows.ts'

/** A violation as somebody might make it: its kind in words, the row, and the check that must find it. */
export type Planted = readonly [kind: string, row: FocusRow, check: string]

const reserved: FocusRow = { ...conforming, CapacityReservationId: 'cr-1', CapacityReservationStatus: 'Used' }

/**
 * The fourteen kinds that the official validator (focus-validator 2.2.1, model 1.2.0.1) lets pass among clean rows: it
 * accepts a list of values as soon as one row has a good one, never asks what excepts corrections, and does not ask
 * rules whose subject a single value cannot show.
 */
export const missedByOfficialValidator: readonly Planted[] = [
  [
    'one ChargeCategory that does not exist',
    { ...conforming, ChargeCategory: 'Refund', ConsumedQuantity: null, ConsumedUnit: null },
    'ChargeCategory-C-003-M',
  ],
  [
    'one PricingCategory in a vendor’s words',
    { ...conforming, PricingCategory: 'On-Demand' },
    'PricingCategory-C-007-M',
  ],
  [
    'one ServiceCategory that does not exist',
    { ...conforming, ServiceName: 'Boxes', ServiceCategory: 'Containers' },
    'ServiceCategory-C-003-M',
  ],
  [
    'a subcategory under another category',
    { ...conforming, ServiceName: 'Disks', ServiceCategory: 'Storage' },
    'ServiceSubcategory-C-004-M',
  ],
  [
    'a charge period the wrong way round',
    { ...conforming, ChargePeriodEnd: '2025-01-09T00:00:00Z' },
    'focal-charge-period-order',
  ],
  [
    'a billing period the wrong way round',
    { ...conforming, BillingPeriodEnd: '2024-12-01T00:00:00Z' },
    'focal-billing-period-order',
  ],
  ['a tag that holds an object', { ...conforming, Tags: '{"team": {"name": "web"}}' }, 'KeyValueFormat-A-004-M:Tags'],
  ['the same tag key twice', { ...conforming, Tags: '{"team": "web", "team": "api"}' }, 'KeyValueFormat-A-002-M:Tags'],
  ['blanks for no value', { ...conforming, AvailabilityZone: '  ' }, 'NullHandling-A-002-M:AvailabilityZone'],
  ['a list cost that is not price times quantity', { ...conforming, ListCost: '12.51' }, 'ListCost-C-009-C'],
  [
    'a contracted cost that is not price times quantity',
    { ...conforming, ContractedCost: '9.99' },
    'ContractedCost-C-009-C',
  ],
  ['usage without a SkuPriceId', { ...conforming, SkuPriceId: null, SkuPriceDetails: null }, 'SkuPriceId-C-005-C'],
  [
    'a commitment’s usage without its quantity',
    { ...used, CommitmentDiscountQuantity: null, CommitmentDiscountUnit: null },
    'CommitmentDiscountQuantity-C-005-C',
  ],
  [
    'a credit that differs in effective cost',
    { ...credit, EffectiveCost: '-2', PricingCurrencyEffectiveCost: '-2' },
    'EffectiveCost-C-010-C',
  ],
]

const values: readonly Planted[] = [
  ['a frequency in other capitals', { ...conforming, ChargeFrequency: 'Usage-based' }, 'ChargeFrequency-C-003-M'],
  ['a class that does not exist', { ...conforming, ChargeClass: 'Restatement' }, 'ChargeClass-C-005-C'],
  [
    'a commitment category that does not exist',
    { ...used, CommitmentDiscountId: 'plan-2', CommitmentDiscountCategory: 'Compute' },
    'CommitmentDiscountCategory-C-005-M',
  ],
  [
    'a commitment status that does not exist',
    { ...used, CommitmentDiscountStatus: 'Active' },
    'CommitmentDiscountStatus-C-005-M',
  ],
  [
    'a reservation status that does not exist',
    { ...reserved, CapacityReservationStatus: 'used' },
    'CapacityReservationStatus-C-006-M',
  ],
  [
    'a subcategory that does not exist',
    { ...conforming, ServiceName: 'Other', ServiceSubcategory: 'VMs' },
    'ServiceSubcategory-C-003-M',
  ],
  [
    'a currency that does not exist',
    { ...conforming, BillingAccountId: '3', BillingCurrency: 'US$' },
    'BillingCurrency-C-006-M',
  ],
  ['a pricing currency in small letters', { ...conforming, PricingCurrency: 'usd' }, 'CurrencyFormat-A-001-C'],
  ['a usage-based purchase', { ...purchase, ChargeFrequency: 'Usage-Based' }, 'ChargeFrequency-C-004-C'],
  ['a placeholder for no value', { ...conforming, ResourceType: 'N/A' }, 'NullHandling-A-002-M:ResourceType'],
  ['the text null', { ...conforming, SkuMeter: 'NULL' }, 'NullHandling-A-002-M:SkuMeter'],
  ['a unit in small letters', { ...conforming, PricingUnit: 'hours' }, 'UnitFormat-A-003-M:PricingUnit'],
  ['a unit with half an hour', { ...conforming, ConsumedUnit: '0.5 Hours' }, 'UnitFormat-A-002-O:ConsumedUnit'],
  ['an id as the name', { ...conforming, ResourceName: 'vm-0001' }, 'ResourceName-C-006-C'],
]

const nulls: readonly Planted[] = [
  ['no billed cost', { ...conforming, BilledCost: null }, 'BilledCost-C-003-M'],
  ['no effective cost', { ...conforming, EffectiveCost: null }, 'EffectiveCost-C-003-M'],
  [
    'no billing account',
    { ...conforming, BillingAccountId: null, BillingAccountType: null },
    'BillingAccountId-C-001-M',
  ],
  [
    'no charge category',
    { ...conforming, ChargeCategory: null, ConsumedQuantity: null, ConsumedUnit: null },
    'ChargeCategory-C-002-M',
  ],
  ['no currency', { ...conforming, BillingCurrency: null }, 'BillingCurrency-C-004-M'],
  ['no start of the charge', { ...conforming, ChargePeriodStart: null }, 'ChargePeriodStart-C-003-M'],
  ['no issuer of the invoice', { ...conforming, InvoiceIssuerName: null }, 'InvoiceIssuerName-C-003-M'],
  ['no service', { ...conforming, ServiceName: null }, 'ServiceName-C-003-M'],
  [
    'no category of the service',
    { ...conforming, ServiceName: 'New', ServiceCategory: null, ServiceSubcategory: 'Virtual Machines' },
    'ServiceCategory-C-002-M',
  ],
  ['a price on a tax', { ...tax, SkuPriceId: 'sku-1-price-1' }, 'SkuPriceId-C-004-C'],
  ['a quantity on a tax', { ...tax, PricingQuantity: '1', PricingUnit: 'Units' }, 'PricingQuantity-C-004-C'],
  [
    'usage without a list price',
    { ...conforming, ListUnitPrice: null, PricingCurrencyListUnitPrice: '2.5' },
    'ListUnitPrice-C-005-C',
  ],
  ['usage without a pricing category', { ...conforming, PricingCategory: null }, 'PricingCategory-C-004-C'],
  [
    'usage without a consumed quantity',
    { ...conforming, ConsumedQuantity: null, ConsumedUnit: null },
    'ConsumedQuantity-C-006-C',
  ],
  [
    'consumption on a purchase',
    { ...purchase, ConsumedQuantity: '1', ConsumedUnit: 'Hours' },
    'ConsumedQuantity-C-004-C',
  ],
  [
    'consumption on what nobody used',
    { ...unused, ConsumedQuantity: '1', ConsumedUnit: 'Hours' },
    'ConsumedQuantity-C-004-C',
  ],
  ['a quantity without its unit', { ...conforming, PricingUnit: null }, 'PricingUnit-C-006-C'],
  [
    'a unit without its quantity',
    { ...conforming, ConsumedQuantity: null, ChargeClass: 'Correction' },
    'ConsumedUnit-C-005-C',
  ],
  ['a region without a name', { ...conforming, RegionName: null }, 'RegionName-C-005-C'],
  ['the name of no region', { ...conforming, RegionId: null }, 'RegionName-C-004-C'],
  ['a resource of no type', { ...conforming, ResourceType: null }, 'ResourceType-C-005-C'],
  ['a sub account without a name', { ...conforming, SubAccountName: null }, 'SubAccountName-C-005-C'],
  ['details of no price', { ...conforming, ChargeClass: 'Correction', SkuPriceId: null }, 'SkuPriceDetails-C-004-C'],
]

const commitments: readonly Planted[] = [
  [
    'a commitment without a category',
    { ...used, CommitmentDiscountCategory: null },
    'CommitmentDiscountCategory-C-004-C',
  ],
  [
    'the status of no commitment',
    { ...conforming, CommitmentDiscountStatus: 'Used', BilledCost: '0', PricingCategory: 'Standard' },
    'CommitmentDiscountStatus-C-003-C',
  ],
  [
    'a committed price without a commitment',
    { ...conforming, PricingCategory: 'Committed' },
    'DiscountHandling-A-006-C',
  ],
  ['covered usage that is billed', { ...used, BilledCost: '4' }, 'DiscountHandling-A-009-C'],
  ['covered usage at the standard price', { ...used, PricingCategory: 'Standard' }, 'PricingCategory-C-009-C'],
  ['a purchase that names another resource', { ...purchase, ResourceId: 'vm-0001' }, 'DiscountHandling-A-012-C'],
  [
    'covered usage that names the commitment as its resource',
    { ...used, ResourceId: 'plan-1' },
    'DiscountHandling-A-016-C',
  ],
  ['unused commitment that names a resource', { ...unused, ResourceId: 'vm-0001' }, 'DiscountHandling-A-019-C'],
  ['a purchase that costs effectively something', { ...purchase, EffectiveCost: '1' }, 'EffectiveCost-C-005-C'],
  [
    'a purchase at a committed price',
    { ...purchase, PricingCategory: 'Committed' },
    'focal-commitment-purchase-standard',
  ],
  ['a commitment of two kinds', { ...used, CommitmentDiscountCategory: 'Usage' }, 'focal-one-commitment-category'],
  ['a commitment in two units', { ...used, CommitmentDiscountUnit: 'Hours' }, 'CommitmentDiscountUnit-C-008-M'],
  [
    'a quantity of no commitment',
    { ...conforming, ...commitment, CommitmentDiscountId: null },
    'CommitmentDiscountQuantity-C-007-C',
  ],
  [
    'unused capacity of no reservation',
    { ...reserved, CapacityReservationId: null, CapacityReservationStatus: 'Unused' },
    'CapacityReservationId-C-005-C',
  ],
]

const money: readonly Planted[] = [
  [
    'a negative price',
    { ...conforming, ListUnitPrice: '-2.5', PricingCurrencyListUnitPrice: '-2.5', PricingQuantity: '-5' },
    'ListUnitPrice-C-008-M',
  ],
  [
    'one price, two amounts in one currency',
    { ...conforming, PricingCurrencyListUnitPrice: '2.4' },
    'PricingCurrencyListUnitPrice-C-009-M',
  ],
  ['a credit off the list', { ...credit, ListCost: '0' }, 'ListCost-C-008-C'],
  ['an account in two currencies', { ...conforming, BillingCurrency: 'EUR' }, 'focal-one-billing-currency'],
  ['an invoice of two accounts', { ...conforming, BillingAccountId: '000000000009' }, 'InvoiceId-C-007-C'],
]

const names: readonly Planted[] = [
  [
    'a service in two categories',
    { ...conforming, ServiceCategory: 'Storage', ServiceSubcategory: 'Object Storage' },
    'ServiceName-C-005-C',
  ],
  ['a region with two names', { ...conforming, RegionName: 'The North' }, 'focal-one-region-name'],
  ['a price of two SKUs', { ...conforming, SkuId: 'sku-2' }, 'SkuPriceId-C-008-M'],
  ['a sub account of two types', { ...conforming, SubAccountType: 'Project' }, 'SubAccountType-C-006-M'],
]

const texts: readonly Planted[] = [
  ['tags that are no JSON', { ...conforming, Tags: 'team=web' }, 'KeyValueFormat-A-001-M:Tags'],
  ['tags in a list', { ...conforming, Tags: '["web"]' }, 'KeyValueFormat-A-001-M:Tags'],
  [
    'a property under a name of one’s own',
    { ...conforming, SkuPriceDetails: '{"Cores": 2}' },
    'SkuPriceDetails-C-017-C',
  ],
  [
    'a defined property as a custom one',
    { ...conforming, SkuPriceDetails: '{"x_CoreCount": 2}' },
    'SkuPriceDetails-C-010-C',
  ],
  ['a number of cores in words', { ...conforming, SkuPriceDetails: '{"CoreCount": "two"}' }, 'SkuPriceDetails-C-021-M'],
  ['a plus sign', { ...conforming, BilledCost: '+10' }, 'NumericFormat-A-003-M:BilledCost'],
  ['an amount with its currency', { ...conforming, BilledCost: '10 USD' }, 'focal-readable-decimal:BilledCost'],
  [
    'a time with an offset',
    { ...conforming, ChargePeriodStart: '2025-01-10T02:00:00+02:00' },
    'DateTimeFormat-A-002-M:ChargePeriodStart',
  ],
  ['a date only', { ...conforming, ChargePeriodStart: '2025-01-10' }, 'DateTimeFormat-A-002-M:ChargePeriodStart'],
  [
    'a time that does not exist',
    { ...conforming, ChargePeriodEnd: '2025-02-30T00:00:00Z' },
    'focal-readable-datetime:ChargePeriodEnd',
  ],
  [
    'a month that starts on its second day',
    { ...conforming, BillingPeriodStart: '2025-01-03T00:00:00Z' },
    'focal-month-start:BillingPeriodStart',
  ],
  [
    'a charge that ends in the last second of a day',
    { ...conforming, ChargePeriodEnd: '2025-01-10T23:59:59Z' },
    'ChargePeriodEnd-C-004-M',
  ],
]

export const planted: readonly Planted[] = [
  ...missedByOfficialValidator,
  ...values,
  ...nulls,
  ...commitments,
  ...money,
  ...names,
  ...texts,
]

/** Rows among which each is planted, and which break nothing. */
export const cleanRows: readonly FocusRow[] = [conforming, used, unused, purchase, tax, credit]
