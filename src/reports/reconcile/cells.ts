import { toUnits } from '../../core/decimal.ts'
import type { InvoiceLine } from './model.ts'
import type { Bill, ChargeGroup } from './place.ts'
import { roundingTolerance, taxTolerance } from './tolerance.ts'

/** What a bill's lines and its charges both tell: an account, a category, both, or only the whole. Amounts count 10^-18. */
export interface Cell {
  readonly account: string | null
  readonly category: string | null
  readonly lines: readonly InvoiceLine[]
  readonly rows: number
  readonly invoiced: bigint
  readonly billed: bigint
  readonly difference: bigint
  readonly tolerance: bigint
}

export interface Grain {
  readonly byAccount: boolean
  readonly byCategory: boolean
}

/** Lines are compared by account and category where each of them says it. */
export function grainOf({ lines }: Pick<Bill, 'lines'>): Grain {
  return {
    byAccount: lines.length > 0 && lines.every(({ account }) => account !== null),
    byCategory: lines.length > 0 && lines.every(({ category }) => category !== null),
  }
}

export function cellsOf(bill: Bill): Cell[] {
  const { byAccount, byCategory } = grainOf(bill)
  const keyOf = ({ account, category }: InvoiceLine | ChargeGroup) =>
    JSON.stringify([byAccount ? account : null, byCategory ? category : null])
  const lines = Map.groupBy(bill.lines, keyOf)
  const groups = Map.groupBy(bill.groups, keyOf)
  return [...new Set([...lines.keys(), ...groups.keys()])].toSorted().map((key) => {
    const [account, category] = JSON.parse(key) as [string | null, string | null]
    const [own, charges] = [lines.get(key) ?? [], groups.get(key) ?? []]
    const rows = charges.reduce((sum, group) => sum + group.rows, 0)
    const [invoiced, billed] = [add(own.map(({ amount }) => amount)), add(charges.map((group) => group.billed))]
    return {
      account,
      category,
      lines: own,
      rows,
      invoiced,
      billed,
      difference: invoiced - billed,
      tolerance: toleranceOf(bill, { rows, category }),
    }
  })
}

/** As a count of 10^-18. Charges that are on no invoice have nothing to be rounded to. */
function toleranceOf(bill: Bill, { rows, category }: Pick<Cell, 'rows' | 'category'>): bigint {
  if (bill.status === null || bill.otherCurrency) return 0n
  return category === 'Tax' ? taxTolerance(bill.currency) : roundingTolerance(rows, bill.currency)
}

export function fits({ difference, tolerance }: Pick<Cell, 'difference' | 'tolerance'>): boolean {
  return -tolerance <= difference && difference <= tolerance
}

export function add(amounts: readonly string[]): bigint {
  return amounts.reduce((sum, amount) => sum + toUnits(amount), 0n)
}
