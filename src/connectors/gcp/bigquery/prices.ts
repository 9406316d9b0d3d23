import { UserError } from '../../../core/errors.ts'
import { monthBefore, periodBounds } from '../../../core/period.ts'
import { readBeside } from '../../../core/sql.ts'
import type { Connection } from './connection.ts'
import { namedRow, type Field } from './fields.ts'
import { quoteTable, restriction, type Month } from './months.ts'
import { readPage, startQuery } from './query.ts'
import { describeColumns, splitId, type ExportTable } from './table.ts'

/** Google's pricing export (`cloud_pricing_export`), as far as reading it depends on it. */
export type PricingTable = Pick<ExportTable, 'id' | 'byIngestion'>

const rates = ['pricing_unit_quantity', 'start_usage_amount', 'account_currency_amount']

const required = [
  'export_time',
  'pricing_as_of_time',
  'billing_account_id',
  'sku.id',
  'account_currency_code',
  ...rates.map((field) => `list_price.tiered_rates.${field}`),
  ...rates.map((field) => `billing_account_price.tiered_rates.${field}`),
]

/** Looks the table up. UserError when it is not there, may not be read, or is no pricing export. */
export async function describePricing(id: string, connection: Connection): Promise<PricingTable> {
  const { fields, byIngestion } = await describeColumns(id, connection)
  const missing = new Set(required.flatMap((name) => missingPart(fields, name.split('.')) ?? []))
  if (missing.size > 0) {
    throw new UserError(`${id} is not a pricing export: it lacks ${[...missing].join(', ')}`, {
      hint: 'Name the table cloud_pricing_export, to which Cloud Billing exports prices, or leave pricingTable out.',
    })
  }
  return { id, byIngestion }
}

/** As much of the field's path as has to be named for what is not there; undefined when all of it is. */
function missingPart(fields: readonly Field[], [first = '', ...rest]: readonly string[]): string | undefined {
  const field = fields.find(({ name }) => name === first)
  if (field === undefined) return first
  if (rest.length === 0) return undefined
  const part = missingPart(field.fields ?? [], rest)
  return part && `${first}.${part}`
}

interface Snapshot {
  readonly billing_account_id: string | null
  readonly sku_id: string
  readonly account_currency_code: string | null
  readonly as_of: string
  readonly exported: string
  readonly list_rates: string
  readonly contracted_rates: string
}

/**
 * Prices of the SKUs that a month's bill holds, as newline JSON in Google's own nesting: each once, from the day on
 * that it held, so that another day of the same prices changes nothing. The table has to lie where the bill's does.
 */
export async function readPrices(
  pricing: PricingTable,
  bill: ExportTable,
  month: Month,
  connection: Connection,
  maxBytes: number,
): Promise<string> {
  const [project = '', dataset = '', name = ''] = splitId(pricing.id)
  const table = { ...bill, ...pricing, project, dataset, name }
  const job = await startQuery(pricesQuery(table, bill, month), table, connection, maxBytes)
  const changes: string[] = []
  let before = ''
  for (let read = 0; ;) {
    const { fields, rows, totalRows } = await readPage(job, read, table, connection)
    read += rows.length
    for (const row of rows) {
      const snapshot = namedRow(fields, row) as unknown as Snapshot
      const { as_of: _day, exported: _when, ...prices } = snapshot
      const now = JSON.stringify(prices)
      if (now !== before) changes.push(line(snapshot))
      before = now
    }
    if (rows.length === 0 || read >= totalRows) return changes.join('')
  }
}

function pricesQuery(table: ExportTable, bill: ExportTable, month: Month): string {
  const { start } = periodBounds(monthBefore(month.period))
  const { end } = periodBounds(month.period)
  const { end: latest } = periodBounds(end.slice(0, 7))
  const partitions = table.byIngestion
    ? `_PARTITIONTIME >= TIMESTAMP '${start} 00:00:00+00' AND _PARTITIONTIME < TIMESTAMP '${latest} 00:00:00+00'`
    : 'TRUE'
  return readBeside(import.meta.url, 'prices.sql')
    .replaceAll('{table}', quoteTable(table))
    .replaceAll('{bill}', quoteTable(bill))
    .replaceAll('{restriction}', restriction(bill, month))
    .replaceAll('{partitions}', partitions)
    .replaceAll('{start}', start)
    .replaceAll('{end}', end)
}

/** Rates go through as the text that BigQuery wrote: parsed here, their digits would be those of a double. */
function line(snapshot: Snapshot): string {
  const { billing_account_id, sku_id, account_currency_code, as_of, exported, list_rates, contracted_rates } = snapshot
  const head = JSON.stringify({
    export_time: exported,
    pricing_as_of_time: as_of,
    billing_account_id,
    sku: { id: sku_id },
    account_currency_code,
  })
  return `${head.slice(0, -1)},"list_price":{"tiered_rates":${list_rates}},"billing_account_price":{"tiered_rates":${contracted_rates}}}\n`
}
