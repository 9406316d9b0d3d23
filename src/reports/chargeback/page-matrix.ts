import { amountText, minorOf } from './amounts.ts'
import { left, right, shownAmount, type Table } from './document.ts'
import { sum } from './lines.ts'
import type { Matrix, Summary } from './model.ts'

/** Accounts that a page has room for; the workbook has them all. */
const mostAccounts = 7

/** Cost centre × GL account, the accounts with the least cost as one column where there are too many. */
export function matrixTable({ matrix, currency }: Summary): Table {
  const { accounts, rows, totals } = narrowed(matrix, currency)
  return {
    type: 'table',
    caption: `Cost centre × GL account, ${currency}`,
    columns: [left('Cost centre'), ...accounts.map(right), right('Total')],
    rows: [
      ...rows.map(({ costCentre, amounts, total }) => ({
        cells: [costCentre ?? 'none', ...amounts.map(blankZero), shownAmount(total)],
      })),
      { cells: ['Total', ...totals.map(shownAmount), shownAmount(matrix.total)], role: 'total' },
    ],
  }
}

/** A matrix is mostly empty; a dash lets the eye find what is there. */
function blankZero(amount: string): string {
  return /[1-9]/.test(amount) ? shownAmount(amount) : '–'
}

type Narrowed = Pick<Matrix, 'rows' | 'totals'> & { readonly accounts: readonly string[] }

function narrowed(matrix: Matrix, currency: string): Narrowed {
  const names = matrix.accounts.map((account) => account ?? 'none')
  if (names.length <= mostAccounts) return { ...matrix, accounts: names }
  const size = (at: number) => Math.abs(Number(matrix.totals[at]))
  const bySize = [...names.keys()].toSorted((a, b) => size(b) - size(a))
  const shown = bySize.slice(0, mostAccounts - 1).toSorted((a, b) => a - b)
  const others = bySize.slice(mostAccounts - 1)
  const narrow = (amounts: readonly string[]) => [
    ...shown.map((at) => amounts[at] ?? ''),
    amountText(sum(others.map((at) => minorOf(amounts[at] ?? '0', currency))), currency),
  ]
  return {
    accounts: [...shown.map((at) => names[at] ?? ''), `${others.length} others`],
    rows: matrix.rows.map((row) => ({ ...row, amounts: narrow(row.amounts) })),
    totals: narrow(matrix.totals),
  }
}
