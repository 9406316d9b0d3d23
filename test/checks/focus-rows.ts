import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { openSession, quoteIdentifier, quoteText, type Session } from '../../src/core/duckdb.ts'
import { focusRules, type RowRule } from '../../src/checks/index.ts'
import { focusSchema, duckdbType, type FocusVersion } from '../../src/core/focus.ts'

/** Values as text, as a file would hold them; what is not named is null. */
export type FocusRow = Readonly<Record<string, string | null>>

/** A usage row that satisfies every rule of every version; a table takes the columns that its version has. */
export const conforming: FocusRow = {
  AvailabilityZone: 'north-1a',
  BilledCost: '10',
  BillingAccountId: '000000000001',
  BillingAccountName: 'Acme',
  BillingAccountType: 'Billing Account',
  BillingCurrency: 'USD',
  BillingPeriodEnd: '2025-02-01T00:00:00Z',
  BillingPeriodStart: '2025-01-01T00:00:00Z',
  ChargeCategory: 'Usage',
  ChargeDescription: 'Five hours of a small machine',
  ChargeFrequency: 'Usage-Based',
  ChargePeriodEnd: '2025-01-10T05:00:00Z',
  ChargePeriodStart: '2025-01-10T00:00:00Z',
  ConsumedQuantity: '5',
  ConsumedUnit: 'Hours',
  ContractedCost: '10',
  ContractedUnitPrice: '2',
  EffectiveCost: '10',
  HostProviderName: 'Example Cloud',
  InvoiceId: 'INV-1',
  InvoiceIssuerName: 'Example Cloud Inc.',
  ListCost: '12.5',
  ListUnitPrice: '2.5',
  PricingCategory: 'Standard',
  PricingCurrency: 'USD',
  PricingCurrencyContractedUnitPrice: '2',
  PricingCurrencyEffectiveCost: '10',
  PricingCurrencyListUnitPrice: '2.5',
  PricingQuantity: '5',
  PricingUnit: 'Hours',
  ProviderName: 'Example Cloud',
  PublisherName: 'Example Cloud',
  RegionId: 'north-1',
  RegionName: 'North',
  ResourceId: 'vm-0001',
  ResourceName: 'web',
  ResourceType: 'Virtual Machine',
  ServiceCategory: 'Compute',
  ServiceName: 'Machines',
  ServiceProviderName: 'Example Cloud',
  ServiceSubcategory: 'Virtual Machines',
  SkuId: 'sku-1',
  SkuMeter: 'Machine hours',
  SkuPriceDetails: '{"CoreCount": 2, "x_Tenancy": "shared"}',
  SkuPriceId: 'sku-1-price-1',
  SubAccountId: '000000000002',
  SubAccountName: 'Web team',
  SubAccountType: 'Account',
  Tags: '{"team": "web", "critical": true, "cost": 1.5, "owner": null}',
}

/** The commitment that the rows below use; its purchase is a row of its own. */
export const commitment: FocusRow = {
  CommitmentDiscountId: 'plan-1',
  CommitmentDiscountCategory: 'Spend',
  CommitmentDiscountType: 'Plan',
  CommitmentDiscountQuantity: '4',
  CommitmentDiscountUnit: 'USD',
}

export const used: FocusRow = {
  ...conforming,
  ...commitment,
  CommitmentDiscountStatus: 'Used',
  PricingCategory: 'Committed',
  BilledCost: '0',
  EffectiveCost: '4',
  PricingCurrencyEffectiveCost: '4',
}

export const unused: FocusRow = {
  ...used,
  CommitmentDiscountStatus: 'Unused',
  ResourceId: 'plan-1',
  ResourceName: null,
  ConsumedQuantity: null,
  ConsumedUnit: null,
}

export const purchase: FocusRow = {
  ...conforming,
  ...commitment,
  ChargeCategory: 'Purchase',
  ChargeFrequency: 'Recurring',
  EffectiveCost: '0',
  PricingCurrencyEffectiveCost: '0',
  ResourceId: 'plan-1',
  ResourceName: null,
  ConsumedQuantity: null,
  ConsumedUnit: null,
}

const unpriced: FocusRow = {
  PricingCategory: null,
  SkuId: null,
  SkuMeter: null,
  SkuPriceId: null,
  SkuPriceDetails: null,
  PricingQuantity: null,
  PricingUnit: null,
  ListUnitPrice: null,
  ContractedUnitPrice: null,
  PricingCurrencyListUnitPrice: null,
  PricingCurrencyContractedUnitPrice: null,
  ConsumedQuantity: null,
  ConsumedUnit: null,
  ResourceId: null,
  ResourceName: null,
  ResourceType: null,
  ChargeFrequency: 'One-Time',
  ListCost: '10',
}

export const tax: FocusRow = { ...conforming, ...unpriced, ChargeCategory: 'Tax' }

export const credit: FocusRow = {
  ...conforming,
  ...unpriced,
  ChargeCategory: 'Credit',
  BilledCost: '-3',
  EffectiveCost: '-3',
  ListCost: '-3',
  ContractedCost: '-3',
  PricingCurrencyEffectiveCost: '-3',
}

/** A row of each kind, none of which breaks a rule. */
export const kinds = { conforming, used, unused, purchase, tax, credit }

/** The rules that each row keeps or breaks by itself. */
export function rowRules(version: FocusVersion): RowRule[] {
  return focusRules(version).filter((rule): rule is RowRule => rule.kind === 'row')
}

/** A session for all tests of a file. */
export function sharedSession(): () => Session {
  let session: Session | undefined
  const tempDirectory = mkdtempSync(path.join(tmpdir(), 'focal-checks-'))
  beforeAll(async () => {
    session = await openSession({ memoryLimit: '1GB', threads: 2, tempDirectory })
  })
  afterAll(() => {
    session?.close()
    rmSync(tempDirectory, { recursive: true, force: true })
  })
  return () => {
    if (session === undefined) throw new Error('The session opens when the tests start')
    return session
  }
}

/**
 * Rows as a relation with the columns of a FOCUS version, and after them whatever `x_` columns the rows name.
 * `typed` gives the types of the lake; otherwise every column is text.
 */
export function relationOf(version: FocusVersion, rows: readonly FocusRow[], typed = true): string {
  const focus = focusSchema(version).columns.map(({ id, type }) => ({ id, type: typed ? duckdbType(type) : 'VARCHAR' }))
  const custom = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((id) => id.startsWith('x_'))
  const columns = [...focus, ...custom.map((id) => ({ id, type: 'VARCHAR' }))]
  const selects = rows.map((row) => {
    const values = columns.map(({ id, type }) => {
      const value = row[id] ?? null
      return `${value === null ? 'NULL' : quoteText(value)}::${type} AS ${quoteIdentifier(id)}`
    })
    return `SELECT ${values.join(', ')}`
  })
  return `(${selects.join(' UNION ALL ')})`
}
