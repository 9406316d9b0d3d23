import path from 'node:path'
import { trimZeros } from '../core/decimal.ts'
import { openSession } from '../core/duckdb.ts'
import { DataError } from '../core/errors.ts'
import type { Period } from '../core/period.ts'
import type { DemoBill, DemoInvoice } from '../demo/cloud.ts'
import { readUnits } from '../pipeline/state.ts'
import type { Configured } from './configured.ts'
import { money, table } from './table.ts'

/** A bill with what its files add up to. */
export interface SummedBill extends DemoInvoice {
  readonly source: string
  readonly period: Period
}

/** Sums each bill by plain SQL over its own files. */
export async function sumBills({ config }: Configured, bills: readonly DemoBill[]): Promise<SummedBill[]> {
  const session = await openSession({ ...config.engine, tempDirectory: path.join(config.workDirectory, 'spill') })
  try {
    const summed: SummedBill[] = []
    for (const { source, period, invoice } of bills) summed.push({ source, period, ...(await invoice(session)) })
    return summed
  } finally {
    session.close()
  }
}

/** The bills beside the lake. DataError when a total of the lake is not the bill's own, to the last digit. */
export async function proveTotals({ lake }: Configured, bills: readonly SummedBill[]): Promise<string> {
  const units = await readUnits(lake)
  const rows = bills.map(({ source, period, amount }) => {
    const unit = units.find((published) => published.source === source && published.period === period)
    const [billed, published] = [trimZeros(amount), trimZeros(unit?.totals[0]?.billedCost ?? '')]
    if (billed !== published) {
      throw new DataError(`the bill says ${billed}, the lake says ${published}`, { where: { source, period } })
    }
    return [source, period, money(billed), money(published), 'ties']
  })
  return table(['source', 'period', 'sum over the bill', 'BilledCost in the lake', ''], rows)
}
