import type { Cell } from './cells.ts'
import { fits } from './cells.ts'
import { explain, type Candidate } from './explain.ts'
import type { BreakClass } from './model.ts'
import { accountsOf, type Bill } from './place.ts'

/** Of one cell: the part of its difference that one cause accounts for. */
export interface Cause extends Candidate {
  /** Whether the month does not tie for it. */
  readonly counts: boolean
}

/** What the lake knows of the month, to say what is missing. */
export interface Known {
  readonly accounts: ReadonlySet<string>
  readonly issuers: ReadonlySet<string>
  /** Who issues the charges of an invoice, by its id. */
  readonly issuersOf: ReadonlyMap<string, string>
  /** Sources whose month is still open. */
  readonly open: ReadonlySet<string>
}

/**
 * The causes of each cell's difference; none where it ties. Their amounts and what rounding leaves sum to the difference.
 * Categories but for taxes that tie together are told but do not count: FOCUS lets a line of an invoice be of several.
 */
export function causesOf(
  bill: Bill,
  cells: readonly Cell[],
  candidates: (cell: Cell) => readonly Candidate[],
  known: Known,
): ReadonlyMap<Cell, readonly Cause[]> {
  const isOpen = bill.status === 'Open'
  return new Map(
    cells
      .filter((cell) => !fits(cell))
      .map((cell) => {
        const neighbours = cells.filter(({ account, category }) => account === cell.account && category !== 'Tax')
        if (cell.category !== null && cell.category !== 'Tax' && tieTogether(neighbours)) {
          return [cell, [{ ...misplaced(neighbours), amount: cell.difference, counts: false }]]
        }
        const found = direct(bill, cell, known) ?? explain(cell.difference, candidates(cell), cell.tolerance)
        const causes = found ?? [fallback(bill, cell, known)]
        return [cell, causes.map((cause) => ({ ...cause, counts: !isOpen }))]
      }),
  )
}

/** Whether all cells of a bill tie one by one, and yet differ by too much together. */
export function roundingAdds(cells: readonly Cell[], tolerance: bigint): boolean {
  const untaxed = cells.filter(({ category }) => category !== 'Tax')
  const difference = untaxed.reduce((sum, cell) => sum + cell.difference, 0n)
  return untaxed.every(fits) && !fits({ difference, tolerance })
}

function tieTogether(cells: readonly Cell[]): boolean {
  const difference = cells.reduce((sum, cell) => sum + cell.difference, 0n)
  const tolerance = cells.reduce((least, cell) => (cell.tolerance > least ? cell.tolerance : least), 0n)
  return cells.length > 1 && fits({ difference, tolerance })
}

function misplaced(cells: readonly Cell[]): { class: BreakClass; text: string } {
  const names = cells.filter((cell) => !fits(cell)).map(({ category }) => category)
  return names.includes('Credit')
    ? {
        class: 'credit placement',
        text: 'The invoice has credits in another category than the charges; together they tie.',
      }
    : { class: 'missing category', text: `The invoice divides ${names.join(' and ')} otherwise; together they tie.` }
}

/** What needs no search. */
function direct(bill: Bill, cell: Cell, known: Known): Candidate[] | undefined {
  const whole = (kind: BreakClass, text: string) => [{ class: kind, text, amount: cell.difference }]
  if (bill.otherCurrency) {
    return whole('currency', `The invoice and its charges are in two currencies, one of them ${bill.currency}.`)
  }
  if (bill.status === null) return whole(...withoutInvoice(bill, known))
  if (lacksAccount(bill.groups, cell) || lacksAccount(bill.lines, cell)) return whole(...absent(bill, cell))
  if (cell.category !== 'Tax') return undefined
  if (cell.rows === 0) return whole('tax', 'The invoice has tax, and the charges have none.')
  if (cell.lines.length === 0) return whole('tax', 'The charges have tax, and the invoice has none.')
  return undefined
}

function fallback(bill: Bill, cell: Cell, known: Known): Candidate {
  const [kind, text] = wordsFor(bill, cell, known)
  return { class: kind, text, amount: cell.difference }
}

function wordsFor(bill: Bill, cell: Cell, known: Known): [BreakClass, string] {
  if (bill.groups.length === 0) return withoutCharges(bill, known)
  return absent(bill, cell)
}

function withoutInvoice({ name, groups }: Bill, { open }: Known): [BreakClass, string] {
  if (name !== null) return ['missing invoice', `No invoice ${name} was given for the charges.`]
  return groups.every(({ source }) => open.has(source))
    ? ['timing', 'The charges are on no invoice yet: the month is open.']
    : ['missing invoice', 'No invoice was given for the charges.']
}

function withoutCharges({ issuer, lines, invoices }: Bill, known: Known): [BreakClass, string] {
  const { accounts, issuers, issuersOf } = known
  const other = invoices.map((id) => issuersOf.get(id)).find((name) => name !== undefined)
  if (other !== undefined) return ['unexplained', `${other} issues the charges of the invoice, not ${issuer}.`]
  const asked = accountsOf(lines)
  if (asked.length > 0 && !asked.some((account) => accounts.has(account))) {
    return ['missing account', `No source has charges of the account ${asked.join(' or ')}.`]
  }
  if (issuer !== null && !issuers.has(issuer)) {
    return asked.length > 0
      ? ['marketplace', `${issuer} issues none of the charges of the account: it may be a seller of the marketplace.`]
      : ['missing account', `No source has charges that ${issuer} issues.`]
  }
  return ['unexplained', 'No charge is on the invoice.']
}

type Side = readonly { readonly account: string | null }[]

/** A side that has nothing at all lacks more than an account. */
function lacksAccount(side: Side, { account }: Cell): boolean {
  return account !== null && side.length > 0 && !side.some((other) => other.account === account)
}

/** One side has the cell and the other does not. */
function absent(bill: Bill, cell: Cell): [BreakClass, string] {
  const { account, category, rows, lines } = cell
  const [has, lacks] =
    rows === 0 ? ['The invoice has', 'the charges do not'] : ['The charges have', 'the invoice does not']
  if (lacksAccount(rows === 0 ? bill.groups : bill.lines, cell)) {
    return ['missing account', `${has} the account ${account}, and ${lacks}.`]
  }
  if ((rows > 0 && lines.length > 0) || category === null) {
    return ['unexplained', 'Nothing that was found accounts for it.']
  }
  if (category === 'Credit') return ['credit placement', `${has} credits, and ${lacks}.`]
  return ['missing category', `${has} the category ${category}, and ${lacks}.`]
}
