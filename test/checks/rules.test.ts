import { beforeAll, describe, expect, test } from 'vitest'
import { defineRuleMacros, focusRules, violationsSql, type GroupRule, type RowRule } from '../../src/checks/index.ts'
import { subjectOf, tableColumns } from '../../src/checks/subject.ts'
import { focusSchema, focusVersions, type FocusVersion } from '../../src/core/focus.ts'
import {
  conforming,
  credit,
  kinds,
  relationOf,
  rowRules,
  sharedSession,
  unused,
  used,
  type FocusRow,
} from './focus-rows.ts'
import { mutated, rowsBreaking } from './mutations.ts'

const session = sharedSession()

beforeAll(async () => defineRuleMacros(session()))

const groupRules = (version: FocusVersion) =>
  focusRules(version).filter((rule): rule is GroupRule => rule.kind === 'group')

/** Names, by `x_Row`, of the rows that offend; the rows are text, so that rules on written values apply too. */
async function offenders(version: FocusVersion, rule: RowRule | GroupRule, relation: string): Promise<string[]> {
  const subject = subjectOf(relation, await tableColumns(session(), relation), focusSchema(version))
  const sql = `SELECT x_Row AS name FROM (${violationsSql(rule, subject.sql)}) ORDER BY x_Row`
  return (await session().rows<{ name: string }>(sql)).map(({ name }) => name)
}

function table(version: FocusVersion, rows: readonly FocusRow[]): string {
  return relationOf(
    version,
    rows.map((row, index) => ({ ...row, x_Row: `row ${index}` })),
    false,
  )
}

describe.each(focusVersions)('FOCUS %s', (version) => {
  test.each(rowRules(version).map((rule) => [rule.id, rule] as const))('%s', async (id, rule) => {
    const breaking = rowsBreaking(id)
    expect(breaking, 'a rule comes with rows that break it').toBeDefined()
    const broken = (breaking ?? []).map((_, index) => `row ${index}`)
    const kept = Object.values(kinds).map((row) =>
      // A commitment's unused part has consumed nothing, which 1.0 does not know of.
      version === '1.0' && row === unused ? used : row,
    )
    expect(await offenders(version, rule, table(version, [...(breaking ?? []), ...kept]))).toEqual(broken)
  })

  test('every rule has an id of its own', () => {
    const ids = focusRules(version).map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

test('every mutation belongs to a rule', () => {
  const ids = new Set(focusVersions.flatMap((version) => rowRules(version).flatMap(({ id }) => [id, id.split(':')[0]])))
  expect(mutated.filter((id) => !ids.has(id))).toEqual([])
})

test('a row of nulls breaks exactly the rules that forbid a null whatever the row is', async () => {
  const relation = table('1.2', [{}])
  const broken: string[] = []
  for (const rule of rowRules('1.2')) {
    if ((await offenders('1.2', rule, relation)).length > 0) broken.push(rule.id)
  }
  expect(broken).toEqual([
    'BilledCost-C-003-M',
    'EffectiveCost-C-003-M',
    'ListCost-C-003-M',
    'ContractedCost-C-003-M',
    'BillingAccountId-C-001-M',
    'BillingCurrency-C-004-M',
    'BillingPeriodStart-C-003-M',
    'BillingPeriodEnd-C-003-M',
    'ChargePeriodStart-C-003-M',
    'ChargePeriodEnd-C-003-M',
    'ChargeCategory-C-002-M',
    'ChargeFrequency-C-002-M',
    'InvoiceIssuerName-C-003-M',
    'ProviderName-C-003-M',
    'PublisherName-C-003-M',
    'ServiceName-C-003-M',
    'ServiceCategory-C-002-M',
    'ServiceSubcategory-C-002-M',
    'PricingCurrency-C-004-M',
    'PricingCurrencyEffectiveCost-C-003-M',
    'ChargeDescription-C-003-O',
    'BillingAccountName-C-003-C',
  ])
})

const ruleOf = (version: FocusVersion, id: string) => {
  const found = rowRules(version).find((one) => one.id === id)
  if (found === undefined) throw new Error(`FOCUS ${version} has no rule ${id}`)
  return found
}

describe('what is no violation', () => {
  test.each([
    [
      'a correction without a price',
      'ListUnitPrice-C-005-C',
      { ...conforming, ChargeClass: 'Correction', ListUnitPrice: null },
    ],
    [
      'a correction whose cost is not price times quantity',
      'ListCost-C-009-C',
      { ...conforming, ChargeClass: 'Correction', ListCost: '99' },
    ],
    ['a cost rounded by a billionth', 'ListCost-C-009-C', { ...conforming, ListCost: '12.5000000009' }],
    [
      'a large cost over a quantity that only a price of twelve decimals divides',
      'ListCost-C-009-C',
      { ...conforming, ListCost: '1000000', PricingQuantity: '3000000', ListUnitPrice: '0.333333333333' },
    ],
    [
      'a refund: negative quantity, price as usual',
      'ListCost-C-009-C',
      { ...conforming, ListCost: '-12.5', PricingQuantity: '-5' },
    ],
    ['the clawback of a credit', 'EffectiveCost-C-010-C', { ...credit, BilledCost: '3', EffectiveCost: '3' }],
    ['a plain purchase, which covers nothing', 'EffectiveCost-C-005-C', { ...conforming, ChargeCategory: 'Purchase' }],
    [
      'a month of the US Pacific time zone',
      'focal-month-start:BillingPeriodStart',
      { ...conforming, BillingPeriodStart: '2025-01-01T08:00:00Z' },
    ],
    [
      'a month that starts east of Greenwich',
      'focal-month-start:BillingPeriodStart',
      { ...conforming, BillingPeriodStart: '2024-12-31T18:30:00Z' },
    ],
    [
      'a word that only contains a placeholder',
      'NullHandling-A-002-M:ServiceName',
      { ...conforming, ServiceName: 'Null Island' },
    ],
    ['scientific notation', 'NumericFormat-A-003-M:ListCost', { ...conforming, ListCost: '1.25E1' }],
    [
      'fractions of a second',
      'DateTimeFormat-A-002-M:ChargePeriodEnd',
      { ...conforming, ChargePeriodEnd: '2025-01-10T05:00:00.123Z' },
    ],
  ])('%s', async (_, id, row) => {
    expect(await offenders('1.2', ruleOf('1.2', id), table('1.2', [row]))).toEqual([])
  })
})

test('only columns of the key-value format are barred from nesting', () => {
  const barred = rowRules('1.4').filter(({ id }) => id.startsWith('KeyValueFormat-A-004-M'))
  expect(barred.map(({ column }) => column)).toEqual(['AllocatedTags', 'SkuPriceDetails', 'Tags'])
})

describe('groups of rows', () => {
  const differing: Readonly<Record<string, FocusRow>> = {
    'ServiceName-C-005-C': { ServiceCategory: 'Storage' },
    'ServiceName-C-008-C': { ServiceSubcategory: 'Containers' },
    'SkuPriceId-C-008-M': { SkuId: 'sku-2' },
    'focal-one-region-name': { RegionName: 'The North' },
    'focal-one-commitment-category': { CommitmentDiscountCategory: 'Usage' },
    'focal-one-commitment-type': { CommitmentDiscountType: 'Reservation' },
    'CommitmentDiscountUnit-C-008-M': { CommitmentDiscountUnit: 'Hours' },
    'focal-one-billing-currency': { BillingCurrency: 'EUR' },
    'SkuMeter-C-006-O': { SkuMeter: 'Machine seconds' },
    'SkuPriceDetails-C-013-O': { SkuPriceDetails: '{"CoreCount": 4}' },
    'InvoiceId-C-007-C': { BillingAccountId: '000000000009' },
    'BillingAccountType-C-006-M': { BillingAccountType: 'Organisation' },
    'SubAccountType-C-006-M': { SubAccountType: 'Project' },
  }

  test.each(focusVersions.flatMap((version) => groupRules(version).map((rule) => [version, rule.id, rule] as const)))(
    'FOCUS %s %s',
    async (version, id, rule) => {
      const other = { ...used, ...differing[id] }
      const elsewhere = {
        ...other,
        ProviderName: 'Other Cloud',
        ServiceProviderName: 'Other Cloud',
        InvoiceIssuerName: 'Other Cloud Inc.',
      }
      const unset = { ...used, [rule.distinct ?? rule.column]: null }
      expect(await offenders(version, rule, table(version, [used, used, unset, elsewhere]))).toEqual([])
      expect(await offenders(version, rule, table(version, [used, other, unset, elsewhere]))).toEqual([
        'row 0',
        'row 1',
        'row 2',
      ])
    },
  )

  test('rows without the key make no group', async () => {
    const [rule] = groupRules('1.2')
    if (rule === undefined) throw new Error('FOCUS 1.2 has rules on groups')
    const nameless = { ...conforming, ServiceName: null }
    expect(await offenders('1.2', rule, table('1.2', [nameless, { ...nameless, ServiceCategory: 'Storage' }]))).toEqual(
      [],
    )
  })
})
