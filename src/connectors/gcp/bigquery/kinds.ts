import { periodBounds, type Period } from '../../../core/period.ts'
import { knownColumns } from './columns.ts'
import type { Field } from './fields.ts'

/** A kind of export: which columns are read, and by what a row is put into its month. Expressions are BigQuery's. */
export interface ExportKind {
  /** The invoice month of a row, as `202511`. */
  readonly month: string
  /** When Google added the row: it only grows. */
  readonly exportTime: string
  /** Rows of a month, in what a query and a read session both understand. */
  inMonth(period: Period): string
  /** The columns that are read of those that there are. */
  columns(fields: readonly Field[]): readonly Field[]
  /** Columns without which it is no such export. */
  missing(fields: readonly Field[]): readonly string[]
}

const lacks = (fields: readonly Field[], names: readonly string[]) =>
  names.filter((wanted) => !fields.some(({ name }) => name === wanted))

/** Google's standard and detailed usage cost exports. */
const usage: ExportKind = {
  month: 'invoice.month',
  exportTime: 'export_time',
  inMonth: (period) => `invoice.month = '${period.replace('-', '')}'`,
  columns: (fields) => knownColumns.flatMap(({ name }) => fields.find((field) => field.name === name) ?? []),
  missing(fields) {
    const required = knownColumns.flatMap((column) => (column.required ? [column.name] : []))
    const invoice = fields.find(({ name }) => name === 'invoice')
    const withoutMonth = invoice !== undefined && !invoice.fields?.some(({ name }) => name === 'month')
    return [...lacks(fields, required), ...(withoutMonth ? ['invoice.month'] : [])]
  },
}

/**
 * Google's own FOCUS export (preview, gcp_billing_export_focus_…), read with every column: what is no FOCUS column is
 * kept beside them. A billing period begins on the first of its month in UTC, at midnight there or in California.
 */
const focus: ExportKind = {
  month: "FORMAT_TIMESTAMP('%Y%m', BillingPeriodStart)",
  exportTime: 'x_ExportTime',
  inMonth(period) {
    const { start, end } = periodBounds(period)
    return `BillingPeriodStart >= TIMESTAMP '${start} 00:00:00+00' AND BillingPeriodStart < TIMESTAMP '${end} 00:00:00+00'`
  },
  columns: (fields) => fields,
  missing: (fields) => lacks(fields, ['BilledCost', 'ChargeCategory', 'BillingPeriodStart', 'x_ExportTime']),
}

export function kindOf(fields: readonly Field[]): ExportKind {
  return fields.some(({ name }) => name === 'BilledCost') ? focus : usage
}
