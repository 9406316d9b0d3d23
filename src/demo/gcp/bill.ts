import { createHash } from 'node:crypto'
import type { Session } from '../../core/duckdb.ts'
import { periodBounds, type Period } from '../../core/period.ts'
import { pathBeside, readBeside } from '../../core/sql.ts'

/** One billing account's bill for one month. */
export interface Bill {
  /** Acme's own billing account, and that of Birchwood, a company it bought. */
  readonly organisation: 'acme' | 'birchwood'
  readonly seed: number
  readonly period: Period
  /** About how many rows the full month has. */
  readonly rows: number
}

/** A bill prepared in a session, which holds the rows that were selected last behind `export_rows` and `json_rows`. */
export interface PreparedBill {
  /** Days or hours of the month. */
  readonly intervals: number
  /** Usage rows in each of them. */
  readonly resources: number
  /** Commitments of the intervals from `first` up to `last`, and what is charged once a month: tax comes with the rest. */
  selectCharges(first: number, last: number, part: 'first' | 'rest'): Promise<void>
  /** Usage rows from `first` up to `last`; the charges go with one of the files. */
  selectUsage(first: number, last: number, withCharges: boolean): Promise<void>
}

/** Rows that every interval has beside the usage of the resources. */
const otherRowsPerInterval = 9
/** One resource of each kind in `data/usage.csv` at least, so that a small bill has every kind of usage. */
const fewestResources = 16
/** From here on the usage is hourly; a smaller bill could not hold 744 hours of every commitment. */
const hourlyFrom = 60_000

const billingAccounts = { acme: '01C0FE-ACE0B1-5EED07', birchwood: '02B1AC-C4A00D-2A1F00' } as const

export async function prepareBill(session: Session, bill: Bill): Promise<PreparedBill> {
  const { start, end } = periodBounds(bill.period)
  const hours = bill.rows < hourlyFrom ? 24 : 1
  const intervals = (Date.parse(end) - Date.parse(start)) / (3_600_000 * hours)
  const resources = Math.max(fewestResources, Math.floor(bill.rows / intervals) - otherRowsPerInterval)
  const run = (name: string) => session.run(readBeside(import.meta.url, `sql/${name}.sql`))
  await setAll(session, {
    organisation: bill.organisation,
    billing_account: billingAccounts[bill.organisation],
    invoice_month: bill.period.replace('-', ''),
    data: pathBeside(import.meta.url, 'data'),
    noise_seed: noiseSeed(bill),
    month_start: start,
    month_end: end,
    month_ordinal: monthOrdinal(bill.period),
    interval_hours: hours,
    resources,
    first_row: 0,
    last_row: 0,
    with_charges: 'yes',
  })
  await run('macros')
  await run('catalog')
  await run('usage')
  return {
    intervals,
    resources,
    async selectCharges(first, last, part) {
      await setAll(session, { delivered_from: first, delivered_intervals: last, period_part: part })
      await run('commitments')
      await run('charges')
      await run('export-rows')
    },
    selectUsage: (first, last, withCharges) =>
      setAll(session, { first_row: first, last_row: last, with_charges: withCharges ? 'yes' : 'no' }),
  }
}

async function setAll(session: Session, variables: Record<string, string | number>): Promise<void> {
  for (const [name, value] of Object.entries(variables)) await session.set(name, String(value))
}

/** The same numbers for the same seed and organisation, below the modulus of `noise`. */
function noiseSeed({ seed, organisation }: Bill): number {
  return createHash('sha256').update(`${seed}/${organisation}`).digest().readUInt32BE() % 2_147_483_647
}

function monthOrdinal(period: Period): number {
  const [year = 0, month = 0] = period.split('-').map(Number)
  return year * 12 + month
}
