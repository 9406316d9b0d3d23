import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { stringify } from 'yaml'
import { trimZeros } from '../../core/decimal.ts'
import type { Period } from '../../core/period.ts'
import type { DemoInvoice } from '../cloud.ts'

const head = `# What the providers invoiced. Written by focal demo from the bills, to the last digit; paper has cents.
# focal reconcile holds it against the lake.
`

/** Writes the invoices of all months into a folder, as finance would keep them. */
export async function writeInvoices(
  directory: string,
  invoices: readonly (DemoInvoice & { readonly period: Period })[],
): Promise<void> {
  const written = invoices
    .toSorted((a, b) => (a.period + a.issuer + a.id < b.period + b.issuer + b.id ? -1 : 1))
    .map(({ id, issuer, period, currency, account, amount }) => {
      return { id, issuer, period, currency, account, amount: trimZeros(amount) }
    })
  await writeFile(path.join(directory, 'invoices.yaml'), head + stringify({ invoices: written }))
}
