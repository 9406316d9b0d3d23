import { quoteIdentifier, quoteText, type Session } from '../../core/duckdb.ts'
import { readBeside } from '../../core/sql.ts'
import type { SourceFile } from '../transform.ts'
import { writeWhole, type StagedPart } from '../write-staged.ts'
import { isParquet, parquetRelation, refuseMissingField } from './raw.ts'

const price =
  'STRUCT(tiered_rates STRUCT(pricing_unit_quantity VARCHAR, start_usage_amount VARCHAR, account_currency_amount VARCHAR)[])'

/** Columns that are used of Google's pricing export (`cloud_pricing_export`), as newline JSON holds them. */
const columns = {
  export_time: 'VARCHAR',
  pricing_as_of_time: 'VARCHAR',
  billing_account_id: 'VARCHAR',
  sku: 'STRUCT(id VARCHAR)',
  account_currency_code: 'VARCHAR',
  list_price: price,
  billing_account_price: price,
} as const

const required = {
  fields: [
    'export_time',
    'pricing_as_of_time',
    'billing_account_id',
    'sku.id',
    'account_currency_code',
    ...['list_price', 'billing_account_price'].flatMap((name) =>
      ['pricing_unit_quantity', 'start_usage_amount', 'account_currency_amount'].map(
        (field) => `${name}.tiered_rates[1].${field}`,
      ),
    ),
  ],
  kind: 'pricing export',
  expected: 'Expected the table cloud_pricing_export, extracted with its nested fields.',
}

/** Whether the columns of a file are those of the pricing export rather than of a bill. */
export function isPriceListHeader(names: readonly string[]): boolean {
  return names.includes('pricing_as_of_time') && !names.includes('cost')
}

/** Writes what the unit's month may need of one file of prices, typed, to a file whose name begins with `target`. */
export async function stagePrices(session: Session, file: SourceFile, target: string): Promise<StagedPart[]> {
  await session.set('file', file.path)
  await session.run('DROP VIEW IF EXISTS price_raw')
  if (isParquet(file)) await refuseMissingField(session, file, required)
  const list = Object.keys(columns).map(quoteIdentifier).join(', ')
  const typed = Object.entries(columns).map(([name, type]) => `${quoteIdentifier(name)}: ${quoteText(type)}`)
  const relation = isParquet(file)
    ? parquetRelation
    : `read_json(getvariable('file'), format => 'newline_delimited', columns => {${typed.join(', ')}})`
  await session.run(`CREATE VIEW price_raw AS SELECT ${list} FROM ${relation}`)
  return writeWhole(session, readBeside(import.meta.url, 'price-stage.sql'), target)
}

/** What the SKUs in the bill cost at each time, from the staged files of prices. Reads the staged bill. */
export async function priceSkus(session: Session, files: readonly string[]): Promise<void> {
  await session.set('price_files', files)
  await session.run(readBeside(import.meta.url, 'sku-prices.sql'))
}
