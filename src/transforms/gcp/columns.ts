import { readBeside } from '../../core/sql.ts'

/** A column of Google's billing export, and its type when every value is still text, as newline JSON holds it. */
export interface ExportColumn {
  readonly name: string
  readonly textType: string
}

/** Columns that the transform uses, as columns.csv says. */
export const exportColumns: readonly ExportColumn[] = readBeside(import.meta.url, 'columns.csv')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [, name = '', quoted, plain = ''] = /^(\w+),(?:"(.*)"|(.*))$/.exec(line) ?? []
    return { name, textType: quoted ?? plain }
  })

/** Columns and fields without which a table is no billing export; a list's fields are those of its first element. */
export const requiredFields: readonly string[] = [
  'billing_account_id',
  'service.description',
  'sku.id',
  'sku.description',
  'usage_start_time',
  'usage_end_time',
  'cost',
  'currency',
  'credits[1].amount',
  'credits[1].type',
  'invoice.month',
  'cost_type',
]

/** The type with every leaf untyped: absent fields take no part in what type a present one has. */
export function untyped(textType: string): string {
  return textType.replaceAll(/\b(VARCHAR|BOOLEAN)\b/g, '"NULL"')
}
