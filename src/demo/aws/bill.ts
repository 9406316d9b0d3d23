import { createHash } from 'node:crypto'
import type { Session } from '../../core/duckdb.ts'
import { periodBounds, type Period } from '../../core/period.ts'
import { pathBeside, readBeside } from '../../core/sql.ts'

/** One organisation's bill for one month, as far as it has been delivered. */
export interface Bill {
  /** Acme pays by legacy report; Birchwood is a company it bought, with an organisation of its own. */
  readonly organisation: 'acme' | 'birchwood'
  readonly seed: number
  readonly period: Period
  /** The first month written: the commitments are bought around it. */
  readonly firstPeriod: Period
  /** About how many line items the full month has. */
  readonly rows: number
  /** `open`: two thirds of the month, no invoice yet. `final`: the whole month, invoiced. */
  readonly state: 'open' | 'final'
  /** Whether it restates an earlier delivery: one usage row has another cost then. */
  readonly restated: boolean
}

/** The rows of a prepared bill that one file takes. */
export interface FilePart {
  readonly part: number
  readonly parts: number
}

/** A bill prepared in a session: `selectPart` leaves one file's rows behind the view `line_items`. */
export interface PreparedBill {
  readonly lineItems: number
  selectPart(file: FilePart): Promise<void>
}

/** Rows that every interval has beside the usage of the resources: commitments, capacity, pods. */
const otherRowsPerInterval = 33
/** One resource of each kind in `data/usage.csv` at least, so that a small bill has every kind of usage. */
const fewestResources = 26
/** From here on the report is hourly; a smaller one could not hold 744 hours of every commitment. */
const hourlyFrom = 60_000

/** The granularity a report of about that many line items a month has. */
export function intervalHours(rows: number): 1 | 24 {
  return rows < hourlyFrom ? 24 : 1
}

/** Builds everything but the bulk of the rows, which `line_items` makes up as it is read. */
export async function prepareBill(session: Session, bill: Bill): Promise<PreparedBill> {
  const { start, end } = periodBounds(bill.period)
  const hours = intervalHours(bill.rows)
  const resources = Math.max(fewestResources, Math.floor(bill.rows / ((31 * 24) / hours)) - otherRowsPerInterval)
  const intervals = (Date.parse(end) - Date.parse(start)) / (3_600_000 * hours)
  const delivered = bill.state === 'open' ? Math.floor((intervals * 2) / 3) : intervals
  const usageRows = resources * delivered
  await setAll(session, {
    organisation: bill.organisation,
    data: pathBeside(import.meta.url, 'data'),
    noise_seed: noiseSeed(bill),
    anchor: periodBounds(bill.firstPeriod).start,
    month_start: start,
    month_end: end,
    month_ordinal: monthOrdinal(bill.period),
    interval_hours: hours,
    delivered_intervals: delivered,
    resources,
    // The storage row (the eighth of the catalogue) of the fourth interval.
    corrected_row: bill.restated ? 3 * resources + 7 : -1,
    invoice_id: bill.state === 'final' ? invoiceId(bill) : '',
    first_row: 0,
    last_row: usageRows,
    part: 0,
    parts: 1,
  })
  for (const file of [
    'macros',
    'catalog',
    'usage',
    'savings-plans',
    'reservations',
    'capacity',
    'split',
    'monthly',
    'line-items',
    'cur2-rows',
    'focus',
  ]) {
    await session.run(readBeside(import.meta.url, `sql/${file}.sql`))
  }
  const [others] = await session.rows<{ count: string }>('SELECT count(*) AS count FROM other_lines')
  return {
    lineItems: usageRows + Number(others?.count ?? 0),
    selectPart: ({ part, parts }) =>
      setAll(session, {
        first_row: Math.floor((usageRows * part) / parts),
        last_row: Math.floor((usageRows * (part + 1)) / parts),
        part,
        parts,
      }),
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

function invoiceId(bill: Bill): string {
  const number =
    createHash('sha256').update(`${bill.seed}/${bill.organisation}/${bill.period}`).digest().readUInt32BE() % 90_000_000
  return `EUINIE${bill.period.slice(2, 4)}-${10_000_000 + number}`
}
