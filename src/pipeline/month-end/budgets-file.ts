import { isCurrency } from '../../core/currency.ts'
import { readCsvTable, type CsvRow } from '../../core/csv-table.ts'
import { readAmount } from '../../core/money-text.ts'
import { isPeriod, type Period } from '../../core/period.ts'
import { decimalsOf } from '../../reports/chargeback/amounts.ts'

export interface BudgetRules {
  readonly period: Period
  /** Ids of every target that there ever was. */
  readonly targets: ReadonlySet<string>
  /** What statements are in; each target's own currencies when nobody says. */
  readonly reportingCurrency: string | undefined
}

const columns = { required: ['target', 'period', 'currency', 'amount'], optional: [] }

/**
 * A month's budgets by `target currency`, from a CSV file with target, period, currency and amount. Every row is checked,
 * whatever its month. UserError names row, column and value: a target that does not exist, a budget that is there twice.
 */
export async function readBudgets(file: string, rules: BudgetRules): Promise<ReadonlyMap<string, string>> {
  const { rows } = await readCsvTable(file, file, columns, { file: 'focal.yaml' })
  const seen = new Map<string, number>()
  const budgets = new Map<string, string>()
  for (const row of rows) {
    const [target, period] = [targetOf(row, rules.targets), periodOf(row)]
    const currency = currencyOf(row, rules.reportingCurrency)
    const amount = amountOf(row, currency)
    const key = JSON.stringify([target, period, currency])
    const other = seen.get(key)
    if (other !== undefined) {
      const what = `the budget of ${target} for ${period} in ${currency} is there twice: in rows ${other} and ${row.row}`
      throw row.mistake('amount', what, 'Remove one, or add them up.')
    }
    seen.set(key, row.row)
    if (period === rules.period) budgets.set(`${target} ${currency}`, amount)
  }
  return budgets
}

function targetOf(row: CsvRow, targets: ReadonlySet<string>): string {
  const target = row.value('target') ?? ''
  if (targets.has(target)) return target
  const what = target === '' ? 'the budget has no target' : `there is a budget for ${target}, which is no target`
  throw row.mistake(
    'target',
    what,
    `Write one of ${[...targets].join(', ')}, or add it to the allocation rules' targets.`,
  )
}

function periodOf(row: CsvRow): Period {
  const period = row.value('period') ?? ''
  if (isPeriod(period)) return period
  throw row.mistake('period', 'this is no month', 'Write it as 2026-10.')
}

function currencyOf(row: CsvRow, reportingCurrency: string | undefined): string {
  const currency = row.value('currency') ?? ''
  if (!isCurrency(currency)) {
    throw row.mistake(
      'currency',
      `there is no currency ${currency || 'without a code'}`,
      'Write its ISO 4217 code in capitals, such as EUR.',
    )
  }
  if (reportingCurrency === undefined || currency === reportingCurrency) return currency
  const what = `the budget is in ${currency}, and statements are in ${reportingCurrency}`
  throw row.mistake('currency', what, 'Budgets are in the reporting currency: at the rate that they were planned with.')
}

function amountOf(row: CsvRow, currency: string): string {
  const amount = readAmount(row.value('amount') ?? '')
  if (amount === undefined) {
    throw row.mistake('amount', 'this is no amount', 'Write it as 1234.50, without thousands separators.')
  }
  const decimals = amount.split('.')[1]?.replace(/0+$/, '').length ?? 0
  if (decimals <= decimalsOf(currency)) return amount
  throw row.mistake(
    'amount',
    `the amount has more decimals than ${currency}`,
    `${currency} has ${decimalsOf(currency)}.`,
  )
}
