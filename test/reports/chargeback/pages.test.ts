import { expect, test } from 'vitest'
import { toUnits } from '../../../src/core/decimal.ts'
import { buildChargeback } from '../../../src/reports/chargeback/build.ts'
import { chargebackPages } from '../../../src/reports/chargeback/pages.ts'
import { renderers } from '../../../src/reports/chargeback/render.ts'
import { chargebackInput, posting } from './postings.ts'

/** A target, cost centre and account each, of 1, 2, 3 … USD. */
const many = (count: number) =>
  buildChargeback(
    chargebackInput(
      Array.from({ length: count }, (_, at) =>
        posting({ exact: String(at + 1), target: `team-${at}`, costCentre: `CC-${at}`, glAccount: `64${at + 10}` }),
      ),
    ),
  )

test('a month of many accounts has those with the most cost, and the others as one column that adds up', async () => {
  const [summary] = await chargebackPages(many(9))
  const table = summary?.blocks.find((block) => block.type === 'table')
  const total = table?.rows.at(-1)?.cells
  expect(table?.columns.map(({ header }) => header)).toEqual([
    'Cost centre',
    '6413',
    '6414',
    '6415',
    '6416',
    '6417',
    '6418',
    '3 others',
    'Total',
  ])
  expect(total).toEqual(['Total', '4.00', '5.00', '6.00', '7.00', '8.00', '9.00', '6.00', '45.00'])
})

test('a month of many targets has those with the most cost in the chart, and the others as one bar', async () => {
  const [summary] = await chargebackPages(many(25))
  const figures = summary?.blocks.find((block) => block.type === 'figures')
  const svg = figures?.figures[0]?.svg ?? ''
  expect(svg).toContain('>team-24<')
  expect(svg).toContain('>6 others<')
  expect(svg).not.toContain('>team-5<')
  expect(svg.match(/>team-\d+</g)?.length).toBe(19)
})

test('a budget and a forecast are beside the total', async () => {
  const [, payments] = await chargebackPages(
    buildChargeback(
      chargebackInput([posting({ exact: '1200' })], {
        budgets: new Map([['payments USD', '1000']]),
        forecasts: new Map([['payments USD', { low: '1250', expected: '1300', high: '1400' }]]),
      }),
    ),
  )
  const numbers = payments?.blocks.find((block) => block.type === 'numbers')
  expect(numbers?.numbers).toEqual([
    { label: 'This month', value: '1,200.00' },
    { label: 'Last month', value: '0.00', note: '+1,200.00' },
    { label: 'Year to date', value: '1,200.00', note: 'since 2026-01' },
    { label: 'Budget', value: '1,000.00', note: '+200.00 (+20.0\u00a0%)' },
    { label: 'Forecast', value: '1,300.00', note: '1,250.00 to 1,400.00' },
  ])
})

test('amounts on a page are those of the model', async () => {
  const chargeback = many(3)
  const pages = await chargebackPages(chargeback)
  const totals = pages
    .slice(1)
    .map(({ blocks }) => blocks.find((block) => block.type === 'table')?.rows.at(-1)?.cells[3])
  expect(totals.map((total) => toUnits(total ?? ''))).toEqual(chargeback.statements.map(({ total }) => toUnits(total)))
})

test('a month of nothing but refunds can be drawn', async () => {
  const refunds = buildChargeback(chargebackInput([posting({ exact: '-5', kind: 'credit' })]))
  expect(await renderers.html(refunds)).toContain('−5.00')
})
