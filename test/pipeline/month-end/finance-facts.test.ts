import { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/config/config.ts'
import { describeError } from '../../../src/core/errors.ts'
import { makeChargeback } from '../../../src/pipeline/month-end/chargeback.ts'
import { reconcileMonth } from '../../../src/pipeline/month-end/reconcile.ts'
import { run } from '../../../src/pipeline/run.ts'
import type { Chargeback } from '../../../src/reports/chargeback/model.ts'
import { localSink } from '../../../src/sinks/local.ts'
import { temporaryFolder } from '../../stores/temporary-folder.ts'
import { temporaryFolderOfFile } from '../../transforms/aws/temporary-folder.ts'
import { dataFile, deliver } from '../tiny-bill.ts'
import { writeFinanceLake } from './finance-lake.ts'

const templateFolder = temporaryFolderOfFile()

/** A lake of bills in dollars and in euros: in October 24.027 USD and 2.004 EUR, both of payments and others. */
beforeAll(async () => {
  const folder = templateFolder()
  writeFinanceLake(folder)
  appendFileSync(path.join(folder, 'focal.yaml'), '  - { name: tiny-eu, connector: aws, location: ./bills-eu }\n')
  for (const period of ['2026-09', '2026-10']) {
    const delivery = { period, id: 'd1', charges: [{ cost: '2.004', account: '222233334444' }] }
    deliver(path.join(folder, 'bills-eu'), delivery)
    rewrite(path.join(folder, 'bills-eu', dataFile(delivery)), (text) => text.replaceAll(',USD,', ',EUR,'))
  }
  await publish(folder, '2026-11-03')
})

function rewrite(file: string, change: (text: string) => string): void {
  writeFileSync(file, change(readFileSync(file, 'utf8')))
}

async function publish(folder: string, today: string): Promise<void> {
  const config = await loadConfig(path.join(folder, 'focal.yaml'), {})
  const now = () => new Date(`${today}T06:00:00Z`)
  await run({ config, lake: localSink(config.lake), runId: `run-${today}`, now, report: () => undefined }, {})
}

/** A copy of the lake with more in `finance:`, and files beside the configuration. */
function withFinance(lines: readonly string[], files: Readonly<Record<string, string>> = {}): string {
  const own = temporaryFolder()
  cpSync(templateFolder(), own, { recursive: true, preserveTimestamps: true })
  rewrite(path.join(own, 'focal.yaml'), (text) =>
    text.replace('finance:\n', `finance:\n${lines.map((line) => `  ${line}\n`).join('')}`),
  )
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(own, name), text)
  return own
}

async function chargebackOf(folder: string): Promise<Chargeback> {
  const config = await loadConfig(path.join(folder, 'focal.yaml'), {})
  return makeChargeback({ config, lake: localSink(config.lake), period: '2026-10', env: {} })
}

async function mistakeIn(folder: string): Promise<string> {
  const error: unknown = await chargebackOf(folder).then(
    () => undefined,
    (caught: unknown) => caught,
  )
  return describeError(error).replaceAll(`${folder}/`, '')
}

const inEuros = ['reportingCurrency: EUR', 'rates: rates.csv']
const rates = `date,from,to,rate,kind
2026-09,EUR,USD,1.25,average
2026-10,EUR,USD,1.25,average
2026-09,USD,EUR,0.75,invoice
2026-10,USD,EUR,0.75,invoice
2026,USD,EUR,0.7,budget
`

const totalsOf = ({ statements }: Chargeback) =>
  Object.fromEntries(statements.map(({ target, total }) => [target, total]))

describe('two currencies in the reporting currency', () => {
  // 24.027 USD and 2.004 EUR are rounded each by itself. Payments, search and shop own 2.004, 3.004 and 4.004 and share 10.015; payments has 2.004 EUR beside it.
  test.each([
    ['average', '0.8', { payments: '6.28', platform: '4.00', search: '5.07', shop: '5.87' }, '21.22'],
    ['invoice', '0.75', { payments: '6.01', platform: '3.75', search: '4.75', shop: '5.51' }, '20.02'],
    ['budget', '0.7', { payments: '5.74', platform: '3.50', search: '4.44', shop: '5.14' }, '18.82'],
  ])(
    'by the %s rate: the total is converted, then split, and the statements add up to it',
    async (kind, rate, totals, total) => {
      const made = await chargebackOf(withFinance([...inEuros, `rateKind: ${kind}`], { 'rates.csv': rates }))
      expect(made.rates).toEqual(
        ['2026-09', '2026-10'].map((period) => ({ period, from: 'USD', to: 'EUR', rate, source: `${kind} rate` })),
      )
      expect(totalsOf(made)).toEqual(totals)
      expect(made.summaries.map((summary) => [summary.currency, summary.total, summary.matrix.total])).toEqual([
        ['EUR', total, total],
      ])
      expect(made.summaries.flatMap(({ controls }) => controls).filter(({ difference }) => difference !== '0')).toEqual(
        [],
      )
    },
  )

  test('by what the invoices were paid with', async () => {
    const paid = ['2026-09', '2026-10']
      .map(
        (period) =>
          `  - { id: I-${period}, period: ${period}, currency: USD, amount: 200, payment: { currency: EUR, amount: 150 } }\n`,
      )
      .join('')
    const folder = withFinance(['reportingCurrency: EUR', 'rateKind: invoice', 'invoices: invoices.yaml'], {
      'invoices.yaml': `invoices:\n${paid}`,
    })
    const made = await chargebackOf(folder)
    expect(made.rates.at(-1)).toEqual({
      period: '2026-10',
      from: 'USD',
      to: 'EUR',
      rate: '0.75',
      source: 'paid for I-2026-10',
    })
  })

  test('reconcile ties what is converted, beside the bridges of each billing currency', async () => {
    const folder = withFinance(inEuros, { 'rates.csv': rates })
    const config = await loadConfig(path.join(folder, 'focal.yaml'), {})
    const found = await reconcileMonth({ config, lake: localSink(config.lake), period: '2026-10', env: {} })
    expect(found.ties).toBe(true)
    expect(
      found.bridges.map(({ currency, steps }) => `${currency}: ${steps[0]?.amount} … ${steps.at(-1)?.amount}`),
    ).toEqual(['EUR: 2.004 … 2.004', 'USD: 24.027 … 24.027', 'EUR: 2.004 … 21.22'])
  })

  test.each([
    [
      'no rate for a month of the year',
      { 'rates.csv': 'date,from,to,rate,kind\n2026-10,EUR,USD,1.25,average\n' },
      'there is no rate from USD to EUR for 2026-09\n  hint: Add the days of the month, or its average, to the file that finance.rates names.',
    ],
    [
      'days that are missing',
      { 'rates.csv': 'date,from,to,rate,kind\n2026-09,EUR,USD,1.25,average\n2026-10-01,EUR,USD,1.25,\n' },
      'there is no rate from EUR to USD from 2026-10-02 to 2026-10-31\n  hint: Add the days to the file that finance.rates names; the average of a month needs all of it.',
    ],
    [
      'no file',
      {},
      'rates.csv cannot be read\n  where: file focal.yaml\n  hint: Name a file that is there; its path is relative to the file that names it.',
    ],
  ])('%s', async (_what, files, message) => {
    expect(await mistakeIn(withFinance(inEuros, files))).toBe(message)
  })

  test('without rates at all', async () => {
    expect(await mistakeIn(withFinance(['reportingCurrency: EUR']))).toBe(
      'there are no rates into EUR\n  hint: Name their file with finance.rates in focal.yaml, or leave finance.reportingCurrency out.',
    )
  })

  test('a closed month keeps its rates, whatever the file says later', async () => {
    const folder = withFinance(inEuros, { 'rates.csv': rates })
    const booked = { rates: (await chargebackOf(folder)).rates }
    mkdirSync(path.join(folder, 'lake/_focal/closed'), { recursive: true })
    writeFileSync(path.join(folder, 'lake/_focal/closed/2026-10.json'), JSON.stringify({ state: 'closed', booked }))
    rewrite(path.join(folder, 'rates.csv'), (text) => text.replaceAll('1.25', '1'))
    const made = await chargebackOf(folder)
    expect(made.rates.map(({ period, rate }) => `${period} ${rate}`)).toEqual(['2026-09 1', '2026-10 0.8'])
    expect(totalsOf(made)).toEqual({ payments: '6.28', platform: '4.00', search: '5.07', shop: '5.87' })
  })
})

describe('budgets', () => {
  const budgets = 'target,period,currency,amount\npayments,2026-10,EUR,6\npayments,2026-11,EUR,9\n'

  test('with the variance, and what of it is by exchange rates', async () => {
    const folder = withFinance([...inEuros, 'budgets: budgets.csv'], { 'rates.csv': rates, 'budgets.csv': budgets })
    const { statements } = await chargebackOf(folder)
    // 5.342333… USD at 0.8 rather than at the planned 0.7.
    expect(statements.map(({ target, budget }) => ({ target, budget }))).toEqual([
      {
        target: 'payments',
        budget: { amount: '6.00', variance: '0.28', variancePercent: '4.7', currencyVariance: '0.53' },
      },
      ...['platform', 'search', 'shop'].map((target) => ({ target, budget: null })),
    ])
  })

  test('of a target that does not exist are refused', async () => {
    const folder = withFinance(['budgets: budgets.csv'], { 'budgets.csv': `${budgets}cloud,2026-10,EUR,1\n` })
    expect(await mistakeIn(folder)).toBe(
      'there is a budget for cloud, which is no target\n  where: file budgets.csv, row 3, column target, value "cloud"\n  hint: Write one of payments, search, shop, platform, or add it to the allocation rules\' targets.',
    )
  })
})

describe('the forecast', () => {
  test('of a month that is over is what it was: none', async () => {
    const { statements } = await chargebackOf(templateFolder())
    expect(statements.map(({ forecast }) => forecast)).toEqual(statements.map(() => null))
  })

  test('of a month under way: final days, and the days to come by their weekday', async () => {
    const folder = temporaryFolder()
    writeFinanceLake(folder)
    daily(folder, '2026-09', 30)
    daily(folder, '2026-10', 20)
    await publish(folder, '2026-10-20')
    const { statements } = await chargebackOf(folder)
    // 3 USD on each of 19 days that are final, the 20th may grow; 12 days to come at 3.
    expect(statements.map(({ target, total, forecast }) => ({ target, total, forecast }))).toEqual([
      { target: 'payments', total: '60.00', forecast: { low: '93.00', expected: '93.00', high: '93.00' } },
    ])
  })
})

/** A month's bill of one charge a day. */
function daily(folder: string, period: string, days: number): void {
  const charges = Array.from({ length: days }, () => ({ cost: '3', account: '222233334444' }))
  deliver(path.join(folder, 'bills'), { period, id: 'd2', charges })
  rewrite(path.join(folder, 'bills', dataFile({ period, id: 'd2' })), (text) =>
    text
      .split('\n')
      .map((line, row) =>
        line
          .replaceAll(`${period}-01T0`, `${period}-${String(row).padStart(2, '0')}T0`)
          .replace(`${period}-${String(row).padStart(2, '0')}T00:00:00Z`, `${period}-01T00:00:00Z`),
      )
      .join('\n'),
  )
}
