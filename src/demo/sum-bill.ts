import type { Session } from '../core/duckdb.ts'
import type { DemoInvoice } from './cloud.ts'

/** The invoice that files add up to, by SQL that reads the variable `bill_files`. */
export async function sumBill(session: Session, files: readonly string[], sql: string): Promise<DemoInvoice> {
  await session.set('bill_files', files)
  const [invoice] = await session.rows<DemoInvoice>(sql)
  if (invoice === undefined) throw new RangeError('a sum without a row')
  return invoice
}
