import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toUnits } from '../../../src/core/decimal.ts'
import { describeError } from '../../../src/core/errors.ts'
import { knownRate, monthRate, type RateRequest, type RateSources } from '../../../src/reports/currency/month-rate.ts'
import type { Quote, RateKind } from '../../../src/reports/currency/quote.ts'

const days = (from: string, to: string, rates: Readonly<Record<string, string>>): Quote[] =>
  Object.entries(rates).map(([day, rate]) => ({ from, to, rate, of: { day: `2026-10-${day}` } }))

const said = (from: string, to: string, rate: string, kind: RateKind): Quote => ({
  from,
  to,
  rate,
  of: { month: '2026-10', kind },
})

/** Every Thursday but for the fifth: no more than six days lie between. */
const euro = { '01': '1.1', '08': '1.2', '15': '1.3', '22': '1.2', '29': '1.2' }

const request = (more: Partial<RateRequest> = {}): RateRequest => ({
  period: '2026-10',
  from: 'EUR',
  to: 'USD',
  kind: 'average',
  isOver: true,
  ...more,
})

function rateAndSource(more: Partial<RateRequest>, quotes: readonly Quote[], paid: RateSources['paid'] = []): string {
  const found = monthRate(request(more), { quotes, paid })
  return `${found.rate}: ${found.source}`
}

function mistake(more: Partial<RateRequest>, quotes: readonly Quote[]): string {
  try {
    return rateAndSource(more, quotes)
  } catch (error) {
    return describeError(error)
  }
}

describe('the average of a month', () => {
  const quotes = days('EUR', 'USD', euro)

  test('as quoted, and the other way round', () => {
    expect(rateAndSource({}, quotes)).toBe('1.2: average of 5 days')
    expect(rateAndSource({ from: 'USD', to: 'EUR' }, quotes)).toBe('0.833333333333: average of 5 days')
  })

  test('by way of the currency that both are quoted against', () => {
    const pounds = days('EUR', 'GBP', { '01': '0.9', '08': '0.9', '15': '0.9', '22': '0.9', '29': '0.9' })
    expect(rateAndSource({ from: 'USD', to: 'GBP' }, [...quotes, ...pounds])).toBe(
      '0.75: average of 5 days, by way of EUR',
    )
  })

  test('of a month under way is of the days so far', () => {
    const soFar = days('EUR', 'USD', { '01': '1.1', '08': '1.2' })
    expect(rateAndSource({ isOver: false }, soFar)).toBe('1.15: average of 2 days to 2026-10-08')
  })

  test('is the one that somebody states, when somebody does', () => {
    expect(rateAndSource({}, [...quotes, said('EUR', 'USD', '1.25', 'average')])).toBe('1.25: average rate')
  })

  test.each<[string, readonly Quote[], string]>([
    [
      'days in between',
      days('EUR', 'USD', { '01': '1.1', '08': '1.2', '22': '1.2', '29': '1.2' }),
      'from 2026-10-09 to 2026-10-21',
    ],
    [
      'the first days',
      days('EUR', 'USD', { '09': '1.2', '15': '1.3', '22': '1.2', '29': '1.2' }),
      'from 2026-10-01 to 2026-10-08',
    ],
    [
      'the last days',
      days('EUR', 'USD', { '01': '1.1', '08': '1.2', '15': '1.3', '22': '1.2' }),
      'from 2026-10-23 to 2026-10-31',
    ],
  ])('is refused where %s are missing', (_what, some, when) => {
    expect(mistake({}, some)).toBe(
      `there is no rate from EUR to USD ${when}\n  hint: Add the days to the file that finance.rates names; the average of a month needs all of it.`,
    )
  })
})

describe('what nobody has said is an error, whatever else there is', () => {
  const others = [...days('EUR', 'USD', euro), said('EUR', 'USD', '1.15', 'budget')]

  test.each<[RateKind, string]>([
    [
      'average',
      'there is no rate from CHF to USD for 2026-10\n  hint: Add the days of the month, or its average, to the file that finance.rates names.',
    ],
    [
      'invoice',
      "there is no invoice rate from CHF to USD for 2026-10\n  hint: Add what was paid to the month's invoices, or the rate to the file that finance.rates names.",
    ],
    [
      'budget',
      'there is no budget rate from CHF to USD for 2026-10\n  hint: Add the rate of kind budget to the file that finance.rates names.',
    ],
  ])('%s', (kind, message) => {
    expect(mistake({ kind, from: 'CHF' }, others)).toBe(message)
    expect(knownRate(request({ kind, from: 'CHF' }), { quotes: others, paid: [] })).toBeUndefined()
  })

  test('another month does not help', () => {
    expect(mistake({ period: '2026-09' }, others)).toBe(
      'there is no rate from EUR to USD for 2026-09\n  hint: Add the days of the month, or its average, to the file that finance.rates names.',
    )
  })
})

test('the budget rate is what the plan says', () => {
  expect(rateAndSource({ kind: 'budget', from: 'USD', to: 'EUR' }, [said('USD', 'EUR', '0.9', 'budget')])).toBe(
    '0.9: budget rate',
  )
})

test("the invoice rate is what the month's invoices were paid with, together", () => {
  const paid = (id: string, amount: string, euros: string, period = '2026-10') =>
    ({ id, period, currency: 'USD', amount, paidIn: 'EUR', paid: euros }) as const
  const invoices = [paid('INV-1', '1000', '900'), paid('INV-2', '500', '460'), paid('INV-0', '7', '1', '2026-09')]
  expect(rateAndSource({ kind: 'invoice', from: 'USD', to: 'EUR' }, [], invoices)).toBe(
    '0.906666666667: paid for INV-1, INV-2',
  )
})

test('a rate is within half of the twelfth decimal of the exact average', () => {
  const hundredths = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 5, maxLength: 5 })
  fc.assert(
    fc.property(hundredths, (values) => {
      const some = values.map((value, at) => ({
        from: 'EUR',
        to: 'USD',
        rate: (value / 100).toFixed(2),
        of: { day: `2026-10-${['01', '08', '15', '22', '29'][at]}` },
      }))
      const total = values.reduce((sum, value) => sum + BigInt(value), 0n)
      const found = toUnits(monthRate(request({ from: 'USD', to: 'EUR' }), { quotes: some, paid: [] }).rate)
      // 1 / (total / 500) = 500 / total
      const difference = found * total - 500n * 10n ** 18n
      expect((difference < 0n ? -difference : difference) * 2n).toBeLessThanOrEqual(total * 10n ** 6n)
    }),
  )
})
