import path from 'node:path'
import type { Config } from '../../config/config.ts'
import type { Session } from '../../core/duckdb.ts'
import { isCurrency } from '../../core/currency.ts'
import { UserError, type Where } from '../../core/errors.ts'
import type { Period } from '../../core/period.ts'
import type { Invoice } from '../../reports/reconcile/model.ts'
import { readInvoiceTable } from './invoices-table.ts'
import { readInvoiceYaml } from './invoices-yaml.ts'

/** An invoice, and where it was written. */
export interface WrittenInvoice extends Invoice {
  readonly where: Where
}

/**
 * The invoices of the file that `finance.invoices` names, of every month; undefined when it names none. `session` reads
 * Parquet. UserError names file, line or row, and value: an id that is there twice, a currency that nobody bills in.
 */
export async function readInvoices(
  { finance }: Pick<Config, 'finance'>,
  session: Session,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly WrittenInvoice[] | undefined> {
  if (finance?.invoices === undefined) return undefined
  const { file, columns } = finance.invoices
  const isYaml = ['.yaml', '.yml'].includes(path.extname(file))
  const invoices = isYaml ? await readInvoiceYaml(file, env) : await readInvoiceTable(session, file, columns)
  checkInvoices(invoices)
  return invoices
}

export function invoicesOf(invoices: readonly Invoice[], period: Period): Invoice[] {
  return invoices.filter((invoice) => invoice.period === period)
}

function checkInvoices(invoices: readonly WrittenInvoice[]): void {
  const seen = new Map<string, WrittenInvoice>()
  for (const invoice of invoices) {
    const key = JSON.stringify([invoice.issuer, invoice.id])
    const other = seen.get(key)
    if (other !== undefined) {
      throw new UserError(`the invoice ${invoice.id} is there twice: of ${other.period} and of ${invoice.period}`, {
        where: invoice.where,
        hint: `The other is in ${describePlace(other.where)}. Remove one, or write them as lines of one invoice.`,
      })
    }
    seen.set(key, invoice)
    for (const code of [invoice.currency, invoice.payment?.currency]) {
      if (code === undefined || isCurrency(code)) continue
      throw new UserError(`the invoice ${invoice.id} is in ${code}, which is no currency`, {
        where: invoice.where,
        hint: 'Write its ISO 4217 code in capitals, such as EUR.',
      })
    }
  }
}

function describePlace({ line, row }: Where): string {
  return line === undefined ? `row ${row}` : `line ${line}`
}
