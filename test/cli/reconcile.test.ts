import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import type { Reconciliation } from '../../src/reports/reconcile/model.ts'
import { writeRules } from '../pipeline/allocation-rules.ts'
import { deliver } from '../pipeline/tiny-bill.ts'
import { temporaryFolderOfFile } from '../transforms/aws/temporary-folder.ts'
import { focal, type Outcome } from './focal.ts'

const templateFolder = temporaryFolderOfFile()
let folder: string
const run = (...args: string[]): Promise<Outcome> => focal(folder, args)

/** October: 2.004 USD of payments', 3 of search's and 12 of a shared service, on one invoice of the account 111122223333. */
beforeAll(async () => {
  folder = templateFolder()
  configure(['finance:', '  invoices: invoices.yaml'])
  writeRules(folder)
  const charges = [
    { cost: '2.004', account: '222233334444' },
    { cost: '3', account: '333344445555' },
    { cost: '12', account: '222233334444', service: 'AmazonEC2' },
  ]
  deliver(path.join(folder, 'bills'), { period: '2026-10', id: 'd1', charges })
  await run('run')
})

function configure(more: readonly string[]): void {
  const lines = [
    'lake: ./lake',
    'allocation: ./allocation.yaml',
    'engine: { memoryLimit: 1GB, threads: 2 }',
    'sources: [{ name: tiny, connector: aws, location: ./bills }]',
    ...more,
  ]
  writeFileSync(path.join(folder, 'focal.yaml'), `${lines.join('\n')}\n`)
}

function invoice(amount: string): void {
  writeFileSync(
    path.join(folder, 'invoices.yaml'),
    `invoices:\n  - { id: INV-1, period: 2026-10, currency: USD, account: "111122223333", amount: ${amount} }\n`,
  )
}

const shortLines = (out: string) => out.replaceAll(/─+/g, '─').replaceAll(/ +\n/g, '\n')

test('from the invoice to the statements, and 0 when all ties', async () => {
  invoice('17')
  const { code, out } = await run('reconcile', '--period', '2026-10')
  expect({ code, out: shortLines(out) }).toEqual({
    code: 0,
    out: `Invoices of 2026-10:

issuer                     invoice  currency  rows  invoiced  BilledCost  difference  tolerance  result
─  ─  ─  ─  ─  ─  ─  ─  ─
Amazon Web Services, Inc.  INV-1    USD          3     17.00      17.004      -0.004       1.00  within tolerance

from the invoices to the statements                     USD
─  ─
Invoiced by the providers                            17.00
  Rounding of the invoices                            0.004
Billed by the providers (BilledCost)                 17.004
  Commitments and prepayments spread over their use   0.00
Cost of the month (EffectiveCost)                    17.004
  Corrections of closed months                        0.00
Allocated to targets                                 17.004
  Rounding                                           -0.004
Statements                                           17.00

Of focal's own steps, 7 totals were compared: all tie to the last digit.
2026-10 ties.
`,
  })
})

test('what differs, why, and where to look; ends with 4', async () => {
  invoice('5')
  const { code, out } = await run('reconcile', '--period', '2026-10')
  const shown = shortLines(out)
  expect(code).toBe(4)
  expect(shown.slice(shown.indexOf('\n1. '), shown.indexOf('\nfrom the'))).toBe(`
1. unexplained, INV-1: 111122223333: -12.004 USD
   Nothing that was found accounts for it.
   Invoiced 5.00, BilledCost 17.004.
   Look at file ${folder}/invoices.yaml, line 2.
   3 charges:
   charge  month    used               sub account  service                        category  BilledCost
   ─  ─  ─  ─  ─  ─  ─
   tiny:2  2026-10  2026-10-01 00:00  222233334444  Amazon Elastic Compute Cloud   Usage         12.00
   tiny:1  2026-10  2026-10-01 00:00  333344445555  Amazon Simple Storage Service  Usage          3.00
   tiny:0  2026-10  2026-10-01 00:00  222233334444  Amazon Simple Storage Service  Usage          2.004
`)
  expect(shown.trimEnd().split('\n').at(-1)).toBe('2026-10 does not tie: 1 difference.')
})

test('by the parts that its lines tell apart', async () => {
  const lines = 'lines: [{ category: Usage, amount: 17 }, { category: Tax, amount: 1 }]'
  writeFileSync(
    path.join(folder, 'invoices.yaml'),
    `invoices:\n  - { id: INV-1, period: 2026-10, currency: USD, ${lines} }\n`,
  )
  const { code, out } = await run('reconcile', '--period', '2026-10')
  const shown = shortLines(out)
  expect(code).toBe(4)
  expect(shown.slice(0, shown.indexOf('\nfrom the'))).toBe(`Invoices of 2026-10:

issuer                     invoice  currency  rows  invoiced  BilledCost  difference             tolerance  result
─  ─  ─  ─  ─  ─  ─  ─  ─
Amazon Web Services, Inc.  INV-1    USD          3     18.00      17.004       0.996  1.00                  breaks
                             Tax                 0      1.00       0.00        1.00   0.009999999999999999
                             Usage               3     17.00      17.004      -0.004  1.00

1. tax, INV-1: Tax: 1.00 USD
   The invoice has tax, and the charges have none.
   Invoiced 1.00, BilledCost 0.00.
   Look at file ${folder}/invoices.yaml, line 2.
`)
})

test('--json has every digit', async () => {
  invoice('5')
  const { code, out } = await run('reconcile', '--period', '2026-10', '--json')
  const found = JSON.parse(out) as Reconciliation
  expect({ code, ties: found.ties }).toEqual({ code: 4, ties: false })
  expect(found.breaks.map(({ class: kind, difference, counts }) => ({ kind, difference, counts }))).toEqual([
    { kind: 'unexplained', difference: '-12.004', counts: true },
  ])
  expect(found.controls.every(({ difference }) => difference === '0')).toBe(true)
})

test('without invoices the steps of the lake are compared', async () => {
  configure([])
  const { code, out } = await run('reconcile', '--period', '2026-10')
  configure(['finance:', '  invoices: invoices.yaml'])
  expect(code).toBe(0)
  expect(out.split('\n')[0]).toBe(
    'No invoices to hold the charges against: finance.invoices in focal.yaml names their file.',
  )
  expect(out.trimEnd().split('\n').at(-1)).toBe('2026-10 ties within the lake; it was held against no invoice.')
})

test.each([
  ['2026', '"2026" is not a billing period\n  hint: Write a month as 2026-10.'],
  ['2026-09', 'nothing is published of 2026-09\n  hint: `focal status` lists what is.'],
])('of %s', async (period, message) => {
  invoice('17')
  expect(await run('reconcile', '--period', period)).toEqual({ code: 2, out: '', err: `error: ${message}\n` })
})
