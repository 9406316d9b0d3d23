import { toUnits } from '../../core/decimal.ts'
import type { Session } from '../../core/duckdb.ts'
import type { Period } from '../../core/period.ts'
import { readBeside } from '../../core/sql.ts'
import { decimalsOf } from '../chargeback/amounts.ts'
import { grainOf, type Cell } from './cells.ts'
import type { Candidate } from './explain.ts'
import type { ChargeToLookAt } from './model.ts'
import { accountsOf, type Bill, type ChargeGroup } from './place.ts'

/** Makes the view `charges` over `published`, and sums up a month of it. */
export async function readGroups(session: Session, period: Period): Promise<ChargeGroup[]> {
  await session.run(readBeside(import.meta.url, 'charges.sql'))
  return session.rows<ChargeGroup>(readBeside(import.meta.url, 'groups.sql'), { period })
}

export interface FoundEvidence extends Candidate {
  readonly bill: number
  readonly account: string | null
  readonly category: string | null
  /** Charges behind it. */
  readonly found: number
}

/** What could account for the differences of some bills. Makes the view `evidence`; call it once. */
export async function readEvidence(session: Session, period: Period, bills: readonly Bill[]): Promise<FoundEvidence[]> {
  if (bills.length === 0) return []
  const currencies = [...new Set(bills.map(({ currency }) => currency))]
  await session.set('period', period)
  await session.set('decimals', new Map(currencies.map((code) => [code, String(decimalsOf(code))])))
  await session.run(`
    CREATE TABLE placements (bill INTEGER, issuer VARCHAR, invoice VARCHAR, account VARCHAR, currency VARCHAR,
      by_account BOOLEAN, by_category BOOLEAN);
    CREATE TABLE bills_asked (bill INTEGER, invoice VARCHAR, account VARCHAR, currency VARCHAR,
      by_account BOOLEAN, by_category BOOLEAN)`)
  for (const bill of bills) await enter(session, bill)
  await session.run(readBeside(import.meta.url, 'evidence.sql'))
  const rows = await session.rows<Omit<FoundEvidence, 'amount'> & { amount: string }>(
    readBeside(import.meta.url, 'candidates.sql'),
  )
  return rows.map((row) => ({ ...row, amount: toUnits(row.amount) }))
}

async function enter(session: Session, bill: Bill): Promise<void> {
  const { byAccount, byCategory } = grainOf(bill)
  const grain = { by_account: byAccount, by_category: byCategory }
  const places = new Map(
    bill.groups.map(({ issuer, invoice, account, currency }) => [
      JSON.stringify([issuer, invoice, account]),
      { issuer, invoice, account, currency },
    ]),
  )
  for (const place of places.values()) {
    await session.run(
      'INSERT INTO placements VALUES ($bill, $issuer, $invoice, $account, $currency, $by_account, $by_category)',
      { bill: bill.id, ...place, ...grain },
    )
  }
  const accounts = new Set([...accountsOf(bill.lines), ...bill.groups.map(({ account }) => account)])
  for (const [invoice, account] of pairs([...bill.invoices], [...accounts])) {
    await session.run(
      'INSERT INTO bills_asked VALUES ($bill, $invoice, $account, $currency, $by_account, $by_category)',
      {
        bill: bill.id,
        invoice,
        account,
        currency: bill.currency,
        ...grain,
      },
    )
  }
}

/** Each name once, with the other side null: the two are joined to different things. */
function pairs(invoices: readonly string[], accounts: readonly string[]): [string | null, string | null][] {
  return [...invoices.map((id): [string, null] => [id, null]), ...accounts.map((id): [null, string] => [null, id])]
}

/** The charges of most money behind a cause of a cell. */
export async function readCharges(
  session: Session,
  bill: Bill,
  { account, category }: Pick<Cell, 'account' | 'category'>,
  cause: Pick<Candidate, 'class' | 'text'>,
): Promise<ChargeToLookAt[]> {
  return session.rows<ChargeToLookAt>(readBeside(import.meta.url, 'to-look-at.sql'), {
    bill: bill.id,
    account,
    category,
    class: cause.class,
    text: cause.text,
  })
}
