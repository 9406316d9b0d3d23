import path from 'node:path'
import type { InvoiceColumns } from '../../config/finance.ts'
import { readCsvTable, type CsvRow } from '../../core/csv-table.ts'
import { fromUnits, toUnits } from '../../core/decimal.ts'
import { quoteText, type Session } from '../../core/duckdb.ts'
import { UserError } from '../../core/errors.ts'
import { focusSchema } from '../../core/focus.ts'
import { readAmount } from '../../core/money-text.ts'
import { isPeriod, type Period } from '../../core/period.ts'
import { invoiceStatuses, type InvoiceLine, type InvoiceStatus } from '../../reports/reconcile/model.ts'
import type { WrittenInvoice } from './invoices.ts'

export const chargeCategories: readonly string[] =
  focusSchema('1.4').columns.find(({ id }) => id === 'ChargeCategory')?.allowedValues ?? []

/** What columns are called where nobody says otherwise: as in FOCUS's dataset InvoiceDetail. */
const focusNames: Readonly<Record<keyof InvoiceColumns, string>> = {
  invoice: 'InvoiceId',
  line: 'InvoiceDetailId',
  issuer: 'InvoiceIssuerName',
  account: 'BillingAccountId',
  category: 'ChargeCategory',
  period: 'BillingPeriodStart',
  currency: 'BillingCurrency',
  amount: 'BilledCost',
  status: 'InvoiceIssueStatus',
  paymentCurrency: 'PaymentCurrency',
  paymentAmount: 'PaymentCurrencyBilledCost',
}
const required: readonly (keyof InvoiceColumns)[] = ['invoice', 'period', 'currency', 'amount']

type Field = keyof InvoiceColumns

/** A row, with its fields by what they mean. */
interface TableRow {
  readonly row: number
  readonly value: (field: Field) => string | undefined
  readonly mistake: (field: Field, what: string, hint: string) => UserError
}

/** Invoices of a finance system: one row for each invoice or line of one. */
export async function readInvoiceTable(
  session: Session,
  file: string,
  columns: InvoiceColumns,
): Promise<WrittenInvoice[]> {
  const nameOf = (field: Field) => columns[field] ?? focusNames[field]
  const asked = Object.keys(columns) as Field[]
  const mustHave = [...new Set([...required, ...asked])].map(nameOf)
  const rows =
    path.extname(file) === '.parquet' ? await parquetRows(session, file, mustHave) : await csvRows(file, mustHave)
  const lines = rows.map(({ row, value, mistake }) => ({
    row,
    value: (field: Field) => value(nameOf(field)),
    mistake: (field: Field, what: string, hint: string) => mistake(nameOf(field), what, hint),
  }))
  const invoices = Map.groupBy(lines, (line) => JSON.stringify([line.value('issuer') ?? null, textOf(line, 'invoice')]))
  return [...invoices.values()].flatMap((members) => invoiceOf(members, file))
}

type PlainRow = Pick<CsvRow, 'row' | 'value' | 'mistake'>

async function csvRows(file: string, mustHave: readonly string[]): Promise<readonly PlainRow[]> {
  const optional = Object.values(focusNames).filter((name) => !mustHave.includes(name))
  return (await readCsvTable(file, file, { required: mustHave, optional }, { file: 'focal.yaml' })).rows
}

async function parquetRows(session: Session, file: string, mustHave: readonly string[]): Promise<readonly PlainRow[]> {
  const rows = await session
    .rows<Record<string, string | null>>(`SELECT COLUMNS(*)::VARCHAR FROM read_parquet(${quoteText(file)})`)
    .catch((cause: unknown) => {
      throw new UserError(`${file} cannot be read as Parquet`, {
        hint: 'finance.invoices in focal.yaml names it; .yaml and .csv are read too.',
        cause,
      })
    })
  const names = Object.keys(rows[0] ?? {})
  const missing = mustHave.find((name) => !names.includes(name))
  if (missing !== undefined && rows.length > 0) {
    throw new UserError(`the file has no column ${missing}`, { where: { file }, hint: `It has ${names.join(', ')}.` })
  }
  return rows.map((fields, at) => ({
    row: at + 1,
    value: (column) => fields[column] ?? undefined,
    mistake: (column, what, hint) =>
      new UserError(what, { where: { file, row: at + 1, column, value: fields[column] ?? '' }, hint }),
  }))
}

function invoiceOf(rows: readonly TableRow[], file: string): WrittenInvoice[] {
  const [first] = rows
  if (first === undefined) return []
  const id = textOf(first, 'invoice')
  const [period, currency, status] = [readPeriod(first), textOf(first, 'currency'), readStatus(first)]
  const seen = new Map<string, number>()
  for (const row of rows) {
    for (const [field, value] of [
      ['period', readPeriod(row) === period],
      ['currency', textOf(row, 'currency') === currency],
      ['status', readStatus(row) === status],
    ] as const) {
      if (!value) throw row.mistake(field, `the invoice ${id} has two values of it: see row ${first.row}`, oneInvoice)
    }
    const key = JSON.stringify([row.value('line'), row.value('account'), row.value('category')])
    const other = seen.get(key)
    if (other !== undefined) {
      throw row.mistake('invoice', `the invoice ${id} is there twice: in rows ${other} and ${row.row}`, oneLine)
    }
    seen.set(key, row.row)
  }
  return [
    {
      id,
      issuer: first.value('issuer') ?? null,
      period,
      currency,
      status,
      lines: rows.map((row) => lineOf(row, file)),
      payment: paymentOf(rows, currency),
      where: { file, row: first.row },
    },
  ]
}

const oneInvoice = 'An invoice has one month, one currency and one status.'
const oneLine = 'Remove one; or tell lines apart by account, category or an id of the line.'

function lineOf(row: TableRow, file: string): InvoiceLine {
  const category = row.value('category')
  if (category !== undefined && !chargeCategories.includes(category)) {
    throw row.mistake('category', `there is no category ${category}`, `Write one of ${chargeCategories.join(', ')}.`)
  }
  return {
    account: row.value('account') ?? null,
    category: category ?? null,
    amount: amountOf(row, 'amount'),
    where: { file, row: row.row },
  }
}

/** Paid amounts of an invoice are in one currency; none when that is the invoice's own. */
function paymentOf(rows: readonly TableRow[], currency: string): WrittenInvoice['payment'] {
  const paid = rows[0]?.value('paymentCurrency')
  if (paid === undefined || paid === currency) return null
  return { currency: paid, amount: totalPaid(rows) }
}

function textOf(row: TableRow, field: Field): string {
  const text = row.value(field)
  if (text !== undefined) return text
  throw row.mistake(field, `the row has no ${field}`, 'Fill it in, or remove the row.')
}

function amountOf(row: TableRow, field: Field): string {
  const amount = readAmount(textOf(row, field))
  if (amount !== undefined) return amount
  throw row.mistake(field, 'this is no amount', 'Write it as 1234.50, without thousands separators.')
}

/** `2026-10`, or the month's first day or moment. */
function readPeriod(row: TableRow): Period {
  const period = textOf(row, 'period').slice(0, 7)
  if (isPeriod(period)) return period
  throw row.mistake('period', 'this is no month', 'Write it as 2026-10, or as its first day.')
}

function readStatus(row: TableRow): InvoiceStatus {
  const written = row.value('status') ?? 'Issued'
  const status = invoiceStatuses.find((known) => known === written)
  if (status !== undefined) return status
  throw row.mistake('status', `there is no status ${written}`, `Write one of ${invoiceStatuses.join(', ')}.`)
}

function totalPaid(rows: readonly TableRow[]): string {
  return fromUnits(rows.reduce((sum, row) => sum + toUnits(amountOf(row, 'paymentAmount')), 0n))
}
