import type { Session } from '../core/duckdb.ts'
import { periodBounds, type Period } from '../core/period.ts'
import { readBeside } from '../core/sql.ts'
import type { UnitRecord } from './state.ts'

/** The part of a unit's record that says whether its month still moves. */
export type Settlement = Pick<UnitRecord, 'status' | 'settlesOn'>

/**
 * A month is closed when it is over and the provider has put every charge of it on an invoice, or, where its bills
 * name no invoices, when the provider's own days for that have passed. A bill that was made before the month was
 * over says nothing of how it ends. `relation` holds the rows of the month with their InvoiceId. Providers may restate a closed month too; that is a new delivery like any other.
 */
export async function readSettlement(
  session: Session,
  relation: string,
  period: Period,
  settlingDays: number | undefined,
  today: Date,
): Promise<Settlement> {
  const { end } = periodBounds(period)
  if (isoDate(today) < end) return { status: 'open' }
  await session.run(`CREATE OR REPLACE TEMP VIEW invoiced AS SELECT InvoiceId, BilledCost FROM ${relation}`)
  if (settlingDays !== undefined) await session.set('settling_days', String(settlingDays))
  const [row] = await session.rows<{ days: number | null }>(readBeside(import.meta.url, 'settlement.sql'))
  if (row === undefined || row.days === null) return { status: 'open' }
  const settlesOn = isoDate(new Date(Date.parse(end) + row.days * 86_400_000))
  return { status: isoDate(today) < settlesOn ? 'open' : 'closed', settlesOn }
}

/** Whether time alone has closed the month since its record was written. */
export function hasSettled({ status, settlesOn }: Settlement, today: Date): boolean {
  return status === 'open' && settlesOn !== undefined && settlesOn <= isoDate(today)
}

function isoDate(time: Date): string {
  return time.toISOString().slice(0, 10)
}
