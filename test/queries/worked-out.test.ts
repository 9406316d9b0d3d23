import { beforeEach, describe, expect, test } from 'vitest'
import { useCase } from '../../src/commands/use-cases.ts'
import { conforming, relationOf, sharedSession, unused, used, type FocusRow } from '../checks/focus-rows.ts'

/** What use cases work out from sums, on a few rows whose answer anybody can work out too. */

const session = sharedSession()

beforeEach(() => session().run('DROP VIEW IF EXISTS focus'))

/** The answer's columns, by name, with decimals as text. */
async function answer(
  name: string,
  rows: readonly FocusRow[],
  columns: readonly string[],
  parameter?: [string, string],
) {
  const period = "strftime(BillingPeriodStart::TIMESTAMP, '%Y-%m') AS billing_period"
  await session().run(`CREATE VIEW focus AS SELECT *, ${period} FROM ${relationOf('1.2', rows)}`)
  if (parameter !== undefined) await session().set(...parameter)
  const found = await session().rows<Record<string, unknown>>(useCase(name).sql)
  return found.map((row) => columns.map((column) => row[column]))
}

const zeros = (text: string) =>
  `${text}${text.includes('.') ? '' : '.'}`.padEnd((text.split('.')[0] ?? '').length + 19, '0')

function month(number: number, cost: string, more: FocusRow = {}): FocusRow {
  const start = `2025-0${number}-01T00:00:00Z`
  return { ...conforming, BillingPeriodStart: start, EffectiveCost: cost, BilledCost: cost, ...more }
}

function day(number: number, cost: string): FocusRow {
  return {
    ...conforming,
    ChargePeriodStart: `2025-01-${String(number).padStart(2, '0')}T00:00:00Z`,
    EffectiveCost: cost,
  }
}

test('the utilisation of a commitment is what was used of what it costs', async () => {
  const rows = [used, { ...used, EffectiveCost: '2' }, { ...unused, EffectiveCost: '2' }]
  expect(await answer('commitment-utilisation', rows, ['UsedCost', 'UnusedCost', 'UtilisationPercent'])).toEqual([
    [zeros('6'), zeros('2'), 75],
  ])
})

test.each(['forecast-amortised-cost', 'forecast-cash-flow'])('%s continues the straight line', async (name) => {
  const rows = [month(1, '100'), month(2, '110'), month(3, '120')]
  expect(await answer(name, rows, ['ServiceName', 'NextMonth'])).toEqual([['Machines', 130]])
})

test.each(['anomalies-by-sub-account', 'anomalies-by-region', 'anomalies-by-service'])(
  '%s shows the one day that stands out from the seven before',
  async (name) => {
    const rows = [10, 11, 9, 10, 11, 9, 10, 40, 10].map((cost, index) => day(index + 1, String(cost)))
    expect(await answer(name, rows, ['Day', 'EffectiveCost', 'UsualCost'])).toEqual([['2025-01-08', zeros('40'), 10]])
  },
)

describe('cores', () => {
  const machine = { ...conforming, SkuPriceDetails: '{"CoreCount": 4, "InstanceSeries": "m"}', ConsumedQuantity: '10' }
  const rows = [machine, { ...machine, ConsumedQuantity: '5', EffectiveCost: '2' }]

  test('a core hour is an hour of one core', async () => {
    expect(Number((await answer('core-usage', rows, ['CoreHours']))[0]?.[0])).toBe(60)
  })

  test('its rate is the cost over the hours', async () => {
    expect(await answer('average-core-rate', rows, ['InstanceSeries', 'CostPerCoreHour'])).toEqual([['m', 0.2]])
  })
})

test('a price that rose by a tenth', async () => {
  const rows = [month(1, '10'), month(2, '11', { ContractedCost: '11', ContractedUnitPrice: '2.2' })]
  expect(await answer('unit-price-trends', rows, ['UnitPrice', 'PriceBefore', 'ChangePercent'])).toEqual([
    [2, null, null],
    [2.2, 2, 10],
  ])
})

test('a quarter of the cost is tagged', async () => {
  const rows = [
    conforming,
    { ...conforming, Tags: '{"team.name": "web"}' },
    { ...conforming, Tags: null, EffectiveCost: '20' },
  ]
  expect(await answer('tag-coverage', rows, ['TaggedPercent'], ['tag', 'team.name'])).toEqual([[25]])
})
