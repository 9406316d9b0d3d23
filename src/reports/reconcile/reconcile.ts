import { fromUnits } from '../../core/decimal.ts'
import type { Session } from '../../core/duckdb.ts'
import type { Period } from '../../core/period.ts'
import type { Control, Rate } from '../chargeback/model.ts'
import { bridgesOf, withStatements } from './bridge.ts'
import { causesOf, roundingAdds, type Cause } from './breaks.ts'
import { cellsOf, fits, type Cell } from './cells.ts'
import type { Break, Bridge, ChargeToLookAt, Invoice, InvoiceResult, Reconciliation } from './model.ts'
import { placeCharges, type Bill } from './place.ts'
import { readCharges, readEvidence, readGroups, type FoundEvidence } from './read.ts'
import { roundingTolerance } from './tolerance.ts'

export interface ReconcileInput {
  /** With the view `published`: FOCUS rows of the month and the ones beside it, with file_row_number. */
  readonly session: Session
  readonly period: Period
  /** Those of the month; undefined when nobody keeps any. */
  readonly invoices: readonly Invoice[] | undefined
  /** Sources whose month is still open. */
  readonly openSources: ReadonlySet<string>
  /** Our own steps after the FOCUS rows, and the statements' bridges. */
  readonly controls: readonly Control[]
  readonly statements: readonly Bridge[]
  /** What the statements' amounts of the month were converted by; none without a reporting currency. */
  readonly rates: readonly Rate[]
}

/** Holds a month's charges against its invoices. Pure but for reading: the same rows and invoices, the same result. */
export async function reconcile(input: ReconcileInput): Promise<Reconciliation> {
  const { session, period, invoices, controls } = input
  const groups = await readGroups(session, period)
  const bills = invoices === undefined ? [] : placeCharges(groups, invoices)
  const compared = bills.map((bill) => ({ bill, cells: cellsOf(bill) }))
  const differing = compared.filter(({ cells }) => !cells.every(fits)).map(({ bill }) => bill)
  const evidence = await readEvidence(session, period, differing)
  const known = {
    accounts: new Set(groups.map(({ account }) => account)),
    issuers: new Set(groups.flatMap(({ issuer }) => issuer ?? [])),
    issuersOf: new Map(
      groups.flatMap(({ invoice, issuer }) =>
        invoice === null || issuer === null ? [] : [[invoice, issuer] as const],
      ),
    ),
    open: input.openSources,
  }
  const results: InvoiceResult[] = []
  const breaks: Break[] = []
  for (const { bill, cells } of compared) {
    const causes = causesOf(bill, cells, (cell) => evidence.filter(isOf(bill, cell)), known)
    const own = [...(await tell(session, bill, causes, evidence)), ...roundingBreak(bill, cells)]
    results.push(resultOf(bill, cells, own))
    breaks.push(...own)
  }
  return {
    period,
    ties: !breaks.some(({ counts }) => counts) && controls.every(({ difference }) => difference === '0'),
    hasInvoices: invoices !== undefined,
    invoices: results,
    breaks,
    bridges: withStatements(bridgesOf(results, breaks, groups), input.statements, input.rates),
    controls,
  }
}

function isOf(bill: Bill, { account, category }: Cell): (found: FoundEvidence) => boolean {
  return (found) => found.bill === bill.id && found.account === account && found.category === category
}

async function tell(
  session: Session,
  bill: Bill,
  causes: ReadonlyMap<Cell, readonly Cause[]>,
  evidence: readonly FoundEvidence[],
): Promise<Break[]> {
  const breaks: Break[] = []
  for (const [cell, found] of causes) {
    const ofCell = evidence.filter(isOf(bill, cell))
    for (const cause of found) {
      // What is said of a cell as a whole is shown by its charges of most money.
      const behind =
        ofCell.find(({ class: kind, text }) => kind === cause.class && text === cause.text) ??
        ofCell.find(({ class: kind }) => kind === 'unexplained')
      const charges = behind === undefined ? [] : await readCharges(session, bill, cell, behind)
      breaks.push(breakOf(bill, cell, cause, { charges, found: behind?.found ?? 0 }))
    }
  }
  return breaks
}

function breakOf(
  bill: Bill,
  { account, category, invoiced, billed, lines }: Cell,
  cause: Cause,
  looked: { readonly charges: readonly ChargeToLookAt[]; readonly found: number },
): Break {
  return {
    class: cause.class,
    issuer: bill.issuer,
    invoice: bill.name,
    // Charges on no invoice are gathered by their account.
    account: bill.name === null ? (bill.groups[0]?.account ?? null) : account,
    category,
    currency: bill.currency,
    invoiced: fromUnits(invoiced),
    billed: fromUnits(billed),
    difference: fromUnits(cause.amount),
    text: cause.text,
    counts: cause.counts,
    lines: lines.map(({ where }) => where),
    ...looked,
  }
}

/** Lines that each tie, and together do not. */
function roundingBreak(bill: Bill, cells: readonly Cell[]): Break[] {
  const whole = wholeOf(bill, cells)
  if (bill.status !== 'Issued' || !roundingAdds(cells, whole.tolerance)) return []
  const text = 'Each line ties, but what rounding leaves of them is too much for one invoice.'
  const cause = { class: 'rounding' as const, text, amount: whole.difference, counts: true }
  return [breakOf(bill, whole, cause, { charges: [], found: 0 })]
}

/** All cells of a bill but for its taxes, which FOCUS gives no tolerance. */
function wholeOf(bill: Bill, cells: readonly Cell[]): Cell {
  const untaxed = cells.filter(({ category }) => category !== 'Tax')
  const total = (pick: (cell: Cell) => bigint) => untaxed.reduce((sum, cell) => sum + pick(cell), 0n)
  const rows = untaxed.reduce((sum, cell) => sum + cell.rows, 0)
  return {
    account: null,
    category: null,
    lines: untaxed.flatMap(({ lines }) => lines),
    rows,
    invoiced: total(({ invoiced }) => invoiced),
    billed: total(({ billed }) => billed),
    difference: total(({ difference }) => difference),
    tolerance: bill.status === null ? 0n : roundingTolerance(rows, bill.currency),
  }
}

function resultOf(bill: Bill, cells: readonly Cell[], breaks: readonly Break[]): InvoiceResult {
  const total = (pick: (cell: Cell) => bigint) => cells.reduce((sum, cell) => sum + pick(cell), 0n)
  const difference = total((cell) => cell.difference)
  return {
    issuer: bill.issuer,
    invoice: bill.name,
    currency: bill.currency,
    status: bill.status,
    rows: cells.reduce((sum, { rows }) => sum + rows, 0),
    invoiced: fromUnits(total(({ invoiced }) => invoiced)),
    billed: fromUnits(total(({ billed }) => billed)),
    difference: fromUnits(difference),
    tolerance: fromUnits(wholeOf(bill, cells).tolerance),
    result: breaks.some(({ counts }) => counts)
      ? 'breaks'
      : breaks.length > 0 && bill.status === 'Open'
        ? 'open'
        : cells.every((cell) => cell.difference === 0n)
          ? 'ties'
          : 'within tolerance',
    parts: cells.map(({ account, category, rows, ...cell }) => ({
      account,
      category,
      rows,
      invoiced: fromUnits(cell.invoiced),
      billed: fromUnits(cell.billed),
      difference: fromUnits(cell.difference),
      tolerance: fromUnits(cell.tolerance),
    })),
  }
}
