import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { describeError } from '../../../src/core/errors.ts'
import { readBudgets } from '../../../src/pipeline/month-end/budgets-file.ts'
import { temporaryFolder } from '../../stores/temporary-folder.ts'

const header = 'target,period,currency,amount\n'

function write(text: string): string {
  const file = path.join(temporaryFolder(), 'budgets.csv')
  writeFileSync(file, text)
  return file
}

const rules = { period: '2026-10', targets: new Set(['payments', 'search']), reportingCurrency: undefined }

test("a month's budgets by target and currency", async () => {
  const file = write(
    `${header}payments,2026-10,EUR,1000.50\npayments,2026-10,USD,7\npayments,2026-11,EUR,2000\nsearch,2026-10,JPY,500.00\n`,
  )
  expect([...(await readBudgets(file, rules))]).toEqual([
    ['payments EUR', '1000.50'],
    ['payments USD', '7'],
    ['search JPY', '500.00'],
  ])
})

test.each([
  [
    'cloud,2026-11,EUR,5\n',
    'there is a budget for cloud, which is no target\n  where: file budgets.csv, row 1, column target, value "cloud"\n  hint: Write one of payments, search, or add it to the allocation rules\' targets.',
  ],
  [
    'payments,2026-10,EUR,5\npayments,2026-10,EUR,6\n',
    'the budget of payments for 2026-10 in EUR is there twice: in rows 1 and 2\n  where: file budgets.csv, row 2, column amount, value "6"\n  hint: Remove one, or add them up.',
  ],
  [
    'payments,2026,EUR,5\n',
    'this is no month\n  where: file budgets.csv, row 1, column period, value "2026"\n  hint: Write it as 2026-10.',
  ],
  [
    'payments,2026-10,EURO,5\n',
    'there is no currency EURO\n  where: file budgets.csv, row 1, column currency, value "EURO"\n  hint: Write its ISO 4217 code in capitals, such as EUR.',
  ],
  [
    'payments,2026-10,JPY,5.5\n',
    'the amount has more decimals than JPY\n  where: file budgets.csv, row 1, column amount, value "5.5"\n  hint: JPY has 0.',
  ],
  [
    'payments,2026-10,EUR,much\n',
    'this is no amount\n  where: file budgets.csv, row 1, column amount, value "much"\n  hint: Write it as 1234.50, without thousands separators.',
  ],
])('%j is refused', async (rows, message) => {
  const file = write(`${header}${rows}`)
  const error: unknown = await readBudgets(file, rules).catch((caught: unknown) => caught)
  expect(describeError(error).replaceAll(file, 'budgets.csv')).toBe(message)
})

test('a budget in another currency than the statements is refused, and a missing column', async () => {
  const file = write(`${header}payments,2026-10,USD,5\n`)
  await expect(readBudgets(file, { ...rules, reportingCurrency: 'EUR' })).rejects.toThrow(
    'the budget is in USD, and statements are in EUR',
  )
  await expect(readBudgets(write('target,period,amount\n'), rules)).rejects.toThrow('the file has no column currency')
})
