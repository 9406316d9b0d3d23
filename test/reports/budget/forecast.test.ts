import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toUnits } from '../../../src/core/decimal.ts'
import { daysLater, daysUntil } from '../../../src/reports/budget/calendar.ts'
import { forecastUsage } from '../../../src/reports/budget/forecast.ts'
import { forecastTargets, type DailyCost, type MonthEndRequest } from '../../../src/reports/budget/month-end.ts'

const units = (amount: number) => BigInt(amount) * 10n ** 18n
const usageOf = (days: readonly string[], amount: (day: string) => number) =>
  new Map(days.map((day) => [day, units(amount(day))]))
const isWeekend = (day: string) => [0, 6].includes(new Date(day).getUTCDay())

describe('days to come', () => {
  const horizon = { historyFrom: '2026-08-01', finalUntil: '2026-10-19', end: '2026-11-01' }
  const history = daysUntil(horizon.historyFrom, horizon.finalUntil)

  test('follow their weekday: 19 to 31 October has ten working days and three of a weekend', () => {
    const usage = usageOf(history, (day) => (isWeekend(day) ? 2 : 10))
    const exact = units(10 * 10 + 3 * 2)
    expect(forecastUsage(usage, horizon)).toEqual({ low: exact, expected: exact, high: exact })
  })

  test('are of the last four weeks, not of what was before', () => {
    const usage = usageOf(history, (day) => (day < '2026-09-21' ? 1000 : 10))
    expect(forecastUsage(usage, horizon).expected).toBe(units(13 * 10))
  })

  test('have a range as wide as the same forecast was wrong before', () => {
    const usage = usageOf(history, (day) => 100 + (Number(day.slice(8)) % 2) * 10)
    const { low, expected, high } = forecastUsage(usage, horizon)
    expect([low < expected, expected < high]).toEqual([true, true])
    expect(high - low).toBeLessThan(units(13 * 10))
  })

  test('with a week of history range from the least to the most of a weekday', () => {
    const short = { historyFrom: '2026-10-05', finalUntil: '2026-10-19', end: '2026-10-21' }
    const usage = usageOf(daysUntil(short.historyFrom, short.finalUntil), (day) => (day < '2026-10-12' ? 10 : 30))
    expect(forecastUsage(usage, short)).toEqual({ low: units(20), expected: units(40), high: units(60) })
  })

  test('without any history are nothing', () => {
    expect(
      forecastUsage(new Map(), { historyFrom: '2026-10-01', finalUntil: '2026-10-01', end: '2026-11-01' }),
    ).toEqual({
      low: 0n,
      expected: 0n,
      high: 0n,
    })
  })

  test('are always within their range', () => {
    // Up to fourteen weeks, so that past forecasts give the range too. Without the size there would be twelve days.
    const billed = fc.bigInt({ min: -(10n ** 22n), max: 10n ** 24n })
    const daily = fc.array(billed, { minLength: 1, maxLength: 100, size: 'max' })
    fc.assert(
      fc.property(daily, fc.integer({ min: 0, max: 31 }), (amounts, ahead) => {
        const finalUntil = daysLater('2026-07-01', amounts.length)
        const usage = new Map(amounts.map((amount, at) => [daysLater('2026-07-01', at), amount]))
        const { low, expected, high } = forecastUsage(usage, {
          historyFrom: '2026-07-01',
          finalUntil,
          end: daysLater(finalUntil, ahead),
        })
        expect(low <= expected && expected <= high).toBe(true)
      }),
      { numRuns: 50 },
    )
  })
})

const request: MonthEndRequest = {
  period: '2026-10',
  chargeOn: 'EffectiveCost',
  reportingCurrency: undefined,
  rates: [],
}

const cost = (day: string, amount: string, more: Partial<DailyCost> = {}): DailyCost => ({
  period: day.slice(0, 7),
  target: 'payments',
  currency: 'USD',
  day,
  kind: 'usage',
  cost: amount,
  ...more,
})

/** 10 a day from 1 September to 20 October. */
const steady = daysUntil('2026-09-01', '2026-10-21').map((day) => cost(day, '10'))

describe('the end of the month', () => {
  const expectedOf = (costs: readonly DailyCost[], more: Partial<MonthEndRequest> = {}, target = 'payments USD') =>
    forecastTargets(costs, '2026-10-20', { ...request, ...more }).get(target)?.expected

  test('is what is final and the days to come; what is not final yet gives way', () => {
    expect(expectedOf(steady)).toBe('310')
    expect(expectedOf([...steady, cost('2026-10-20', '-9.5')])).toBe('310')
  })

  test('has the fees that were paid, and those that came later last month', () => {
    const fees = [
      cost('2026-10-01', '100', { kind: 'item' }),
      cost('2026-09-01', '100', { kind: 'item' }),
      cost('2026-09-25', '40', { kind: 'item' }),
    ]
    expect(expectedOf([...steady, ...fees])).toBe('450')
  })

  test('has corrections once', () => {
    const correction = cost('2026-09-25', '-5', { kind: 'correction', period: '2026-10' })
    expect(expectedOf([...steady, correction])).toBe('305')
  })

  test('is in the reporting currency, by the rate of the month', () => {
    const rates = [{ period: '2026-10', from: 'USD', to: 'EUR', rate: '0.9', source: 'average of 20 days' }]
    const euros = steady.map((some) => ({ ...some, currency: 'EUR' }))
    expect(expectedOf([...steady, ...euros], { reportingCurrency: 'EUR', rates }, 'payments EUR')).toBe('589')
  })

  test('of each target adds up to that of all, but for what means are cut by: 10^-18 a day and target', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 7n }).map(String)
    const targets = ['payments', 'search', 'data']
    const costs = fc.array(fc.record({ at: fc.nat(49), target: fc.constantFrom(...targets), amount }), {
      maxLength: 60,
      size: 'max',
    })
    fc.assert(
      fc.property(costs, (some) => {
        const made = [
          ...targets.map((target) => cost('2026-10-01', '28', { target })),
          ...some.map(({ at, target, amount: text }) => cost(daysLater('2026-09-01', at), text, { target })),
        ]
        const whole = made.map((one) => ({ ...one, target: 'all' }))
        const sum = [...forecastTargets(made, '2026-10-20', request).values()]
          .map(({ expected }) => toUnits(expected))
          .reduce((a, b) => a + b, 0n)
        const left = toUnits(forecastTargets(whole, '2026-10-20', request).get('all USD')?.expected ?? '') - sum
        expect(left).toBeGreaterThanOrEqual(0n)
        expect(left).toBeLessThan(3n * 12n)
      }),
      { numRuns: 30 },
    )
  })
})
