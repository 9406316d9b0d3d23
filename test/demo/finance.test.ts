import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { openSession } from '../../src/core/duckdb.ts'
import { writeAllocationRules } from '../../src/demo/allocation/write-rules.ts'
import { financeFiles, financeSection, writeFinance } from '../../src/demo/finance/write-finance.ts'
import { writeInvoices } from '../../src/demo/finance/write-invoices.ts'
import { readBudgets } from '../../src/pipeline/month-end/budgets-file.ts'
import { readInvoices } from '../../src/pipeline/month-end/invoices.ts'
import { readRates } from '../../src/pipeline/month-end/rates-file.ts'
import { monthRate } from '../../src/reports/currency/month-rate.ts'
import { loadRuleSet } from '../../src/transforms/allocation/rules.ts'
import { hashes } from '../pipeline/workbench.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'

const months = ['2026-08', '2026-09', '2026-10']
const invoice = { issuer: 'Example Cloud', account: '0123', currency: 'USD', amount: '12.500000' }

test('the files are the same each time, and named in the configuration', async () => {
  const [folder, again] = [temporaryFolder(), temporaryFolder()]
  for (const one of [folder, again]) {
    await writeFinance(one, months)
    await writeInvoices(one, [{ id: 'INV-1', period: '2026-10', ...invoice }])
  }
  expect(hashes(again)).toEqual(hashes(folder))
  expect(Object.keys(hashes(folder))).toEqual(financeFiles.toSorted())
  for (const file of financeFiles) expect(financeSection).toContain(`./${file}`)
})

test('the rates have every working day of the months, and what was planned with', async () => {
  const folder = temporaryFolder()
  await writeFinance(folder, months)
  const quotes = await readRates(path.join(folder, 'rates.csv'))
  const rates = months.map((period) =>
    monthRate({ period, from: 'USD', to: 'EUR', kind: 'average', isOver: true }, { quotes, paid: [] }),
  )
  expect(rates.map(({ source }) => source)).toEqual(['average of 21 days', 'average of 22 days', 'average of 22 days'])
  const planned = monthRate(
    { period: '2026-10', from: 'EUR', to: 'USD', kind: 'budget', isOver: true },
    { quotes, paid: [] },
  )
  expect(planned.rate).toBe('1.15')
})

test('the budgets are of targets that there are', async () => {
  const folder = temporaryFolder()
  await writeAllocationRules(folder, months)
  await writeFinance(folder, months)
  const { targets } = await loadRuleSet(path.join(folder, 'allocation.yaml'), {})
  const ids = new Set(targets.map(({ id }) => id))
  for (const period of months) {
    const budgets = await readBudgets(path.join(folder, 'budgets.csv'), {
      period,
      targets: ids,
      reportingCurrency: 'EUR',
    })
    expect(budgets.size).toBe(5)
  }
})

test('the invoices are what the bills add up to, with ids and accounts as texts', async () => {
  const folder = temporaryFolder()
  const file = path.join(folder, 'focal.yaml')
  await writeInvoices(folder, [
    { id: '0002', period: '2026-10', ...invoice },
    { id: '0001', period: '2026-09', ...invoice },
  ])
  writeFileSync(file, `lake: ./lake\n${financeSection}sources: [{ name: bills, connector: aws, location: ./bills }]\n`)
  const session = await openSession({ memoryLimit: '500MB', threads: 1, tempDirectory: path.join(folder, 'spill') })
  try {
    const invoices = await readInvoices(await loadConfig(file, {}), session, {})
    expect(
      invoices?.map(({ id, period, lines }) => [
        id,
        period,
        lines.map(({ account, amount }) => `${account} ${amount}`),
      ]),
    ).toEqual([
      ['0001', '2026-09', ['0123 12.5']],
      ['0002', '2026-10', ['0123 12.5']],
    ])
  } finally {
    session.close()
  }
})
