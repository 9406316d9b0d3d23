import { describe, expect, test } from 'vitest'
import { checkFocus, type CheckResult, type KnownGap } from '../../src/checks/index.ts'
import { focusVersions } from '../../src/core/focus.ts'
import { conforming, credit, purchase, relationOf, sharedSession, tax, unused, used } from './focus-rows.ts'

const session = sharedSession()

const found = (results: readonly CheckResult[]) => results.filter(({ outcome }) => outcome !== 'passed')

test.each(focusVersions)('rows that conform to FOCUS %s break nothing', async (version) => {
  const rows = [conforming, used, purchase, tax, credit, ...(version === '1.0' ? [] : [unused])]
  expect(found(await checkFocus(session(), relationOf(version, rows), version))).toEqual([])
})

test('an empty table breaks nothing', async () => {
  const relation = `(SELECT * FROM ${relationOf('1.2', [conforming])} LIMIT 0)`
  expect(found(await checkFocus(session(), relation, '1.2'))).toEqual([])
})

test('a broken row rule tells rows, their share of the cost and where they are', async () => {
  const wrong = {
    ...conforming,
    PricingCategory: 'On-Demand',
    BilledCost: '-30',
    EffectiveCost: '-30',
    PricingCurrencyEffectiveCost: '-30',
  }
  const rows = [conforming, wrong].map((row, index) => ({
    ...row,
    x_SourceFile: 'bill.csv',
    x_SourceLineId: `line ${index}`,
  }))
  expect(found(await checkFocus(session(), relationOf('1.2', rows), '1.2'))).toEqual([
    {
      id: 'PricingCategory-C-007-M',
      kind: 'row',
      column: 'PricingCategory',
      keyword: 'MUST',
      text: 'PricingCategory is one of the values that FOCUS allows',
      outcome: 'failed',
      rows: 1,
      share: 0.75,
      known: 0,
      gaps: [],
      samples: [{ x_SourceFile: 'bill.csv', x_SourceLineId: 'line 1', PricingCategory: 'On-Demand' }],
    },
  ])
})

test('one conforming value does not excuse the others', async () => {
  const rows = Array.from({ length: 8 }, (_, index) => ({
    ...conforming,
    ServiceCategory: index === 0 ? 'Compute' : 'Cloud',
  }))
  const results = found(await checkFocus(session(), relationOf('1.2', rows), '1.2'))
  expect(results.map(({ id, rows: count, samples }) => [id, count, samples.length])).toEqual([
    ['ServiceCategory-C-003-M', 7, 5],
    ['ServiceSubcategory-C-004-M', 7, 5],
    ['ServiceName-C-005-C', 8, 2],
  ])
})

test('a broken rule on groups tells the values and how often each occurs', async () => {
  const rows = [conforming, conforming, { ...conforming, RegionName: 'The North' }]
  expect(found(await checkFocus(session(), relationOf('1.2', rows), '1.2'))).toEqual([
    {
      id: 'focal-one-region-name',
      kind: 'group',
      column: 'RegionId',
      keyword: 'MUST',
      text: 'A RegionId has one RegionName',
      outcome: 'failed',
      rows: 3,
      share: 1,
      known: 0,
      gaps: [],
      samples: [
        { ProviderName: 'Example Cloud', RegionId: 'north-1', RegionName: 'North', rows: 2 },
        { ProviderName: 'Example Cloud', RegionId: 'north-1', RegionName: 'The North', rows: 1 },
      ],
    },
  ])
})

test('a SHOULD warns and fails nothing', async () => {
  const results = found(await checkFocus(session(), relationOf('1.2', [{ ...conforming, SkuMeter: null }]), '1.2'))
  expect(results.map(({ id, keyword, outcome }) => [id, keyword, outcome])).toEqual([
    ['SkuMeter-C-005-C', 'SHOULD NOT', 'warned'],
  ])
})

test('costs of zero make no share of cost', async () => {
  const free = { ...used, Tags: 'none' }
  const [result] = found(await checkFocus(session(), relationOf('1.2', [free]), '1.2'))
  expect([result?.id, result?.share]).toEqual(['KeyValueFormat-A-001-M:Tags', 0])
})

describe('known gaps', () => {
  const nameless = { ...conforming, BillingAccountName: null }
  const gap: KnownGap = {
    id: 'no-names',
    rules: ['BillingAccountName-C-003-C'],
    where: "{provider} = 'Example Cloud' AND SubAccountId = '1'",
    reason: 'The export has no names.',
  }

  test('rows that a gap covers fail nothing', async () => {
    const relation = relationOf('1.2', [{ ...nameless, SubAccountId: '1' }])
    const [result, ...others] = found(await checkFocus(session(), relation, '1.2', [gap]))
    expect(others).toEqual([])
    expect(result).toMatchObject({
      id: 'BillingAccountName-C-003-C',
      outcome: 'known gap',
      rows: 1,
      known: 1,
      gaps: [{ id: 'no-names', reason: 'The export has no names.', rows: 1 }],
      samples: [{ BillingAccountName: null }],
    })
  })

  test('one row more than it covers fails, and only that row is shown', async () => {
    const rows = [
      { ...nameless, SubAccountId: '1', x_SourceLineId: 'covered' },
      { ...nameless, SubAccountId: null, SubAccountName: null, SubAccountType: null, x_SourceLineId: 'not covered' },
    ]
    const [result] = found(await checkFocus(session(), relationOf('1.2', rows), '1.2', [gap]))
    expect(result).toMatchObject({
      outcome: 'failed',
      rows: 2,
      known: 1,
      samples: [{ x_SourceLineId: 'not covered', BillingAccountName: null }],
    })
  })

  test('the provider is ServiceProviderName once ProviderName is gone', async () => {
    const relation = relationOf('1.4', [{ ...nameless, SubAccountId: '1' }])
    expect(found(await checkFocus(session(), relation, '1.4', [gap])).map(({ outcome }) => outcome)).toEqual([
      'known gap',
    ])
  })
})

const structure = async (relation: string) =>
  found(await checkFocus(session(), relation, '1.2')).filter(({ kind }) => kind === 'structure')

describe('columns', () => {
  test('a missing Mandatory column fails, a missing Conditional one is noted, their rules are left out', async () => {
    const relation = `(SELECT * EXCLUDE (ListCost, SkuMeter) FROM ${relationOf('1.2', [conforming])})`
    const results = await checkFocus(session(), relation, '1.2')
    const condition =
      'the provider supports unit pricing concepts and publishes price lists, publicly or as part of contracting'
    expect(found(results).map(({ id, outcome, samples }) => [id, outcome, samples])).toEqual([
      ['focal-mandatory-columns', 'failed', [{ column: 'ListCost' }]],
      ['focal-conditional-columns', 'noted', [{ column: 'SkuMeter', condition }]],
    ])
    expect(results.filter(({ column }) => column === 'ListCost' || column === 'SkuMeter')).toEqual([])
  })

  test('a column that is missing counts as null where another column depends on it', async () => {
    const relation = `(SELECT * EXCLUDE (CommitmentDiscountId) FROM ${relationOf('1.2', [used])})`
    const results = found(await checkFocus(session(), relation, '1.2'))
    expect(results.filter(({ kind }) => kind === 'row').map(({ id }) => id)).toEqual([
      'CommitmentDiscountCategory-C-003-C',
      'CommitmentDiscountType-C-004-C',
      'CommitmentDiscountStatus-C-003-C',
      'CommitmentDiscountQuantity-C-007-C',
    ])
  })

  test('an unknown column needs an x_, and a name in the wrong case is unknown', async () => {
    const relation = `(SELECT * EXCLUDE (SkuPriceId), SkuPriceId AS SkuPriceid, 1 AS Id, 2 AS x_Own FROM ${relationOf('1.2', [conforming])})`
    const results = await structure(relation)
    expect(results.find(({ id }) => id === 'ColumnHandling-A-010-M')).toMatchObject({
      outcome: 'failed',
      rows: 2,
      share: null,
      samples: [{ column: 'SkuPriceid' }, { column: 'Id' }],
    })
  })

  test('FOCUS columns after a custom one are a warning', async () => {
    const relation = `(SELECT * EXCLUDE (SubAccountType, Tags), 1 AS x_Own, SubAccountType, Tags FROM ${relationOf('1.2', [conforming])})`
    expect(await structure(relation)).toMatchObject([
      { id: 'ColumnHandling-A-013-O', outcome: 'warned', samples: [{ column: 'SubAccountType' }, { column: 'Tags' }] },
    ])
  })

  test('wrong types fail, decimals in doubles warn, and the values are checked all the same', async () => {
    const casts = `ListCost::VARCHAR AS ListCost, BilledCost::DOUBLE AS BilledCost, BillingPeriodStart::DATE AS BillingPeriodStart,
      MAP {'a': 'b'} AS Tags, ChargePeriodStart::TIMESTAMP AS ChargePeriodStart`
    const relation = `(SELECT * REPLACE (${casts}) FROM ${relationOf('1.2', [{ ...conforming, ListCost: '1' }])})`
    expect(
      found(await checkFocus(session(), relation, '1.2')).map(({ id, outcome, samples }) => [id, outcome, samples]),
    ).toEqual([
      [
        'focal-column-types',
        'failed',
        [
          { column: 'BillingPeriodStart', type: 'DATE', expected: 'TIMESTAMP WITH TIME ZONE' },
          { column: 'ListCost', type: 'VARCHAR', expected: 'DECIMAL(38,18)' },
          { column: 'Tags', type: 'MAP(VARCHAR, VARCHAR)', expected: 'VARCHAR' },
        ],
      ],
      ['focal-decimal-in-double', 'warned', [{ column: 'BilledCost', type: 'DOUBLE' }]],
      [
        'ListCost-C-009-C',
        'failed',
        [
          {
            ListCost: '1.000000000000000000',
            ChargeClass: null,
            ListUnitPrice: '2.500000000000000000',
            PricingQuantity: '5.000000000000000000',
          },
        ],
      ],
    ])
  })

  test('without BilledCost there is no share of it', async () => {
    const relation = `(SELECT * EXCLUDE (BilledCost) FROM ${relationOf('1.2', [{ ...conforming, SkuMeter: null }])})`
    const results = found(await checkFocus(session(), relation, '1.2'))
    expect(results.find(({ id }) => id === 'SkuMeter-C-005-C')).toMatchObject({ rows: 1, share: null })
  })
})
