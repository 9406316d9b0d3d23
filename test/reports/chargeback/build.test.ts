import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromUnits, toUnits } from '../../../src/core/decimal.ts'
import { buildChargeback, onlyTarget } from '../../../src/reports/chargeback/build.ts'
import type { Statement } from '../../../src/reports/chargeback/model.ts'
import type { DetailRow } from '../../../src/reports/chargeback/read.ts'
import { chargebackInput, earlier, posting } from './postings.ts'

const share = { kind: 'shared', pool: 'database', rule: 'by-queries', lineIssuer: null, lineCategory: null } as const
const linesOf = (statement: Statement | undefined) =>
  statement?.lines.map(({ label, amount, previous, yearToDate }) => [label, amount, previous, yearToDate].join(' | '))

describe('a statement', () => {
  const details = [
    posting({ exact: '10.004' }),
    posting({ exact: '0.003', service: 'Archive' }),
    posting({ exact: '3.333333333333333333', ...share }),
    posting({ exact: '6.666666666666666667', ...share, target: 'search', costCentre: 'CC-1200' }),
    posting({ exact: '-1.5', kind: 'credit', lineIssuer: null, lineCategory: null, chargeCategory: 'Credit' }),
    posting({ exact: '2', kind: 'tax', lineIssuer: null, lineCategory: null, chargeCategory: 'Tax' }),
    posting({ exact: '0.25', kind: 'adjustment', originalPeriod: '2026-08', cause: 'late_usage', lineIssuer: null }),
    posting({ exact: '-0.75', kind: 'adjustment', originalPeriod: '2026-09', cause: 'tag_change', lineIssuer: null }),
  ]
  const earlierMonths = [
    earlier('2026-09', { exact: '8' }),
    earlier('2026-08', { exact: '7.5' }),
    earlier('2026-01', { exact: '0.5' }),
    // Before the fiscal year: compared with nothing, summed nowhere.
    earlier('2025-12', { exact: '100' }),
  ]
  const input = chargebackInput(details)
  const made = buildChargeback({ ...input, postings: { ...input.postings, earlier: earlierMonths } })
  const [payments, search] = made.statements

  test('has a line for own use, each pool, credits, tax and each month and cause of adjustments', () => {
    expect(linesOf(payments)).toEqual([
      'Storage | 10.01 | 8.00 | 26.01',
      'Order database | 3.33 | 0.00 | 3.33',
      'Credits | -1.50 | 0.00 | -1.50',
      'Tax | 2.00 | 0.00 | 2.00',
      'Correction of 2026-09 · tag change | -0.75 | 0.00 | -0.75',
      'Correction of 2026-08 · late usage | 0.25 | 0.00 | 0.25',
    ])
    expect(linesOf(search)).toEqual(['Order database | 6.67 | 0.00 | 6.67'])
  })

  test('compares with last month and sums the fiscal year', () => {
    expect(payments).toMatchObject({
      id: '2026-10/payments/USD',
      total: '13.34',
      charged: '13.34',
      previous: '8.00',
      change: '5.34',
      changePercent: '66.8',
      yearToDate: '29.34',
      exact: '13.340333333333333333',
      rounding: '-0.000333333333333333',
    })
    expect(payments?.months.filter(({ total }) => total !== '0.00')).toEqual([
      { period: '2026-01', total: '0.50' },
      { period: '2026-08', total: '7.50' },
      { period: '2026-09', total: '8.00' },
      { period: '2026-10', total: '13.34' },
    ])
  })

  test('says how a pool was split, and which part of it this is', () => {
    const line = payments?.lines.find(({ kind }) => kind === 'shared')
    expect(line).toMatchObject({ pool: 'database', method: 'by measured use', driver: 'queries', share: '33.33' })
  })

  test('has details that sum to its lines', () => {
    const [storage] = payments?.lines ?? []
    expect(storage?.details.map(({ service, amount, exact }) => [service, amount, exact])).toEqual([
      ['Object Store', '10.01', '10.004'],
      ['Archive', '0.00', '0.003'],
    ])
  })

  test('is on the summary: matrix, kinds, bridge and controls', () => {
    const [summary] = made.summaries
    expect(summary?.matrix).toEqual({
      accounts: ['640100'],
      rows: [
        { costCentre: 'CC-1100', amounts: ['13.34'], total: '13.34' },
        { costCentre: 'CC-1200', amounts: ['6.67'], total: '6.67' },
      ],
      totals: ['20.01'],
      total: '20.01',
    })
    expect(summary?.bridge.map(({ name, amount }) => `${name}: ${amount}`)).toEqual([
      'Billed by the providers (BilledCost): 20.007',
      'Commitments and prepayments spread over their use: 0',
      'Cost of the month (EffectiveCost): 20.007',
      'Corrections of closed months: 0',
      'Allocated to targets: 20.007',
      'Rounding: 0.003',
      'Statements: 20.01',
    ])
    expect(summary?.controls.map(({ difference }) => difference)).toEqual(['0', '0', '0', '0', '0'])
  })

  test('alone is sent without what others owe', () => {
    const alone = onlyTarget(made, 'search')
    expect(alone.statements.map(({ id }) => id)).toEqual(['2026-10/search/USD'])
    expect(alone.summaries).toEqual([])
  })
})

test('a difference between what is published and what is allocated is on the page', () => {
  const [summary] = buildChargeback(
    chargebackInput([posting({ exact: '5' })], {
      published: [{ currency: 'USD', billed: '5', effective: '5.000001' }],
    }),
  ).summaries
  expect(summary?.controls.filter(({ difference }) => difference !== '0')).toEqual([
    { name: 'EffectiveCost of FOCUS rows = allocated, USD', left: '5.000001', right: '5', difference: '0.000001' },
  ])
})

test('showback is shown and not charged', () => {
  const [statement] = buildChargeback(chargebackInput([posting({ exact: '5', mode: 'showback' })])).statements
  expect([statement?.total, statement?.charged]).toEqual(['5.00', '0.00'])
})

test('what rests with an owner is told with its reason', () => {
  const [summary] = buildChargeback(
    chargebackInput([
      posting({ exact: '6' }),
      posting({ exact: '1.5', kind: 'idle', pool: 'database', reason: 'idle' }),
      posting({ exact: '0.5', kind: 'unallocated', reason: 'untagged', target: 'search' }),
    ]),
  ).summaries
  expect(summary?.unallocated).toEqual([
    { reason: 'idle', owner: 'Payments', pool: 'Order database', amount: '1.50' },
    { reason: 'untagged', owner: 'Search', pool: null, amount: '0.50' },
  ])
  expect(summary?.unallocatedPercent).toBe('25.00')
})

test('a budget and a forecast are compared with the total', () => {
  const [statement] = buildChargeback(
    chargebackInput([posting({ exact: '120' })], {
      budgets: new Map([['payments USD', '100']]),
      forecasts: new Map([['payments USD', { low: '125.004', expected: '130.005', high: '140' }]]),
    }),
  ).statements
  expect(statement?.budget).toEqual({
    amount: '100.00',
    variance: '20.00',
    variancePercent: '20.0',
    currencyVariance: null,
  })
  expect(statement?.forecast).toEqual({ low: '125.00', expected: '130.01', high: '140.00' })
})

test('the benefit is what prices and commitments took off the list price', () => {
  const input = chargebackInput([posting({ exact: '60' })])
  const prices = [{ currency: 'USD', target: 'payments', list: '100.004', contracted: '90', effective: '60' }]
  const [statement] = buildChargeback({ ...input, postings: { ...input.postings, prices } }).statements
  expect(statement?.benefit).toEqual({
    list: '100.00',
    negotiated: '-10.00',
    contracted: '90.00',
    commitments: '-30.00',
    effective: '60.00',
  })
})

describe('in a reporting currency', () => {
  const details = [
    posting({ exact: '1', currency: 'USD' }),
    posting({ exact: '1', currency: 'USD', target: 'search', costCentre: 'CC-1200' }),
    posting({ exact: '1', currency: 'USD', target: 'shop', costCentre: 'CC-7000' }),
    posting({ exact: '10', currency: 'EUR' }),
  ]
  const rates = [{ period: '2026-10', from: 'USD', to: 'EUR', rate: '0.855', source: 'average of 22 days' }] as const

  test('totals are converted and then split, so that the parts sum to the converted total', () => {
    const made = buildChargeback(chargebackInput(details, { reportingCurrency: 'EUR', rates }))
    // 3 USD are 2.565 EUR, shown as 2.57. The two of Acme GmbH are 1.71 of it exactly, so that Acme Ltd has the cent.
    expect(made.statements.map(({ id, total, exact }) => `${id} ${total} ${exact}`)).toEqual([
      '2026-10/payments/EUR 10.86 10.855',
      '2026-10/search/EUR 0.85 0.855',
      '2026-10/shop/EUR 0.86 0.855',
    ])
    expect(made.summaries.map(({ currency, total }) => `${total} ${currency}`)).toEqual(['12.57 EUR'])
    expect(made.summaries[0]?.controls.every(({ difference }) => difference === '0')).toBe(true)
  })

  test('a missing rate is named', () => {
    expect(() => buildChargeback(chargebackInput(details, { reportingCurrency: 'EUR' }))).toThrow(
      'there is no rate from USD to EUR for 2026-10',
    )
  })
})

test('a currency without decimals is rounded to whole units', () => {
  const details = ['1.4', '1.4', '1.4'].map((exact, at) => posting({ exact, currency: 'JPY', service: `S${at}` }))
  const [statement] = buildChargeback(chargebackInput(details)).statements
  expect(statement?.total).toBe('4')
  expect(statement?.lines[0]?.details.map(({ amount }) => amount)).toEqual(['2', '1', '1'])
})

/** Postings of any sign over a few targets, accounts, lines and currencies. Without the size there would be ten at most. */
const postings = fc.array(
  fc
    .record({
      exact: fc.bigInt({ min: -(10n ** 22n), max: 10n ** 22n }).map(fromUnits),
      currency: fc.constantFrom('USD', 'EUR', 'JPY', 'KWD'),
      target: fc.constantFrom('payments', 'search', 'shop', 'unknown'),
      costCentre: fc.constantFrom('CC-1', 'CC-2', null),
      glAccount: fc.constantFrom('640100', '0640100', null),
      mode: fc.constantFrom('chargeback', 'showback'),
      kind: fc.constantFrom('direct', 'shared', 'credit', 'tax'),
      lineCategory: fc.constantFrom('Compute', 'Storage'),
      service: fc.constantFrom('one', 'two', 'three'),
    } as const)
    .map((given) => posting(given)),
  { maxLength: 40, size: 'max' },
)
const decimals: Readonly<Record<string, number>> = { USD: 2, EUR: 2, JPY: 0, KWD: 3 }
const minor = (amount: string) => toUnits(amount)
const sum = (amounts: readonly string[]) => amounts.reduce((total, amount) => total + minor(amount), 0n)

describe('for any postings', () => {
  const check = (details: readonly DetailRow[], reportingCurrency: string | undefined) => {
    const rates = ['USD', 'JPY', 'KWD', 'EUR'].map((from, at) => ({
      period: '2026-10',
      from,
      to: 'EUR',
      rate: ['0.9234', '0.0061', '3.0177', '1'][at] ?? '1',
      source: 'made up',
    }))
    const made = buildChargeback(chargebackInput(details, { reportingCurrency, rates }))
    for (const { total, lines, charged, currency, rounding } of made.statements) {
      // Each billing currency is rounded by itself, so that a statement of several may be a unit of each away.
      const billed = new Set(lines.map(({ billingCurrency }) => billingCurrency)).size
      const unit = 10 ** -(decimals[currency] ?? 0)
      expect(Math.abs(Number(rounding)) < billed * unit || billed === 0).toBe(true)
      for (const line of lines) expect(Math.abs(Number(line.rounding)) < unit).toBe(true)
      expect(sum(lines.map(({ amount }) => amount))).toBe(minor(total))
      expect(sum(lines.filter(({ mode }) => mode === 'chargeback').map(({ amount }) => amount))).toBe(minor(charged))
      for (const line of lines) expect(sum(line.details.map(({ amount }) => amount))).toBe(minor(line.amount))
    }
    for (const { currency, total, matrix, targets, kinds, controls } of made.summaries) {
      const own = made.statements.filter((statement) => statement.currency === currency)
      expect(sum(own.map((statement) => statement.total))).toBe(minor(total))
      expect(sum(matrix.rows.flatMap(({ amounts }) => amounts))).toBe(minor(total))
      expect(sum(matrix.totals)).toBe(minor(total))
      expect(sum(targets.map((target) => target.total))).toBe(minor(total))
      expect(sum(kinds.map(({ amount }) => amount))).toBe(minor(total))
      expect(controls.filter(({ difference }) => difference !== '0')).toEqual([])
    }
  }

  test('every level adds up, in billing currencies', () => {
    fc.assert(fc.property(postings, (details) => check(details, undefined)))
  })

  test('every level adds up, in a reporting currency', () => {
    fc.assert(fc.property(postings, (details) => check(details, 'EUR')))
  })

  test('the order of postings changes nothing', () => {
    fc.assert(
      fc.property(postings, (details) => {
        const totals = (some: readonly DetailRow[]) =>
          buildChargeback(chargebackInput(some)).statements.map(({ id, exact, lines }) => [id, exact, lines.length])
        expect(totals(details.toReversed())).toEqual(totals(details))
      }),
    )
  })
})
