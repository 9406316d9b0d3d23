import { quoteIdentifier, quoteText } from '../../../../src/core/duckdb.ts'
import { duckdbType, type Field } from '../../../../src/connectors/gcp/bigquery/fields.ts'

const price: readonly Field[] = [
  {
    name: 'tiered_rates',
    type: 'RECORD',
    mode: 'REPEATED',
    fields: [
      { name: 'pricing_unit_quantity', type: 'FLOAT' },
      { name: 'start_usage_amount', type: 'FLOAT' },
      { name: 'usd_amount', type: 'NUMERIC' },
      { name: 'account_currency_amount', type: 'NUMERIC' },
    ],
  },
]

/** What is used of Google's pricing export, as BigQuery describes it. */
export const pricingExport: readonly Field[] = [
  { name: 'export_time', type: 'TIMESTAMP' },
  { name: 'pricing_as_of_time', type: 'TIMESTAMP' },
  { name: 'billing_account_id', type: 'STRING' },
  { name: 'sku', type: 'RECORD', fields: [{ name: 'id', type: 'STRING' }] },
  { name: 'account_currency_code', type: 'STRING' },
  { name: 'list_price', type: 'RECORD', fields: price },
  { name: 'billing_account_price', type: 'RECORD', fields: price },
]

/** SQL that creates the table `cloud_pricing_export` from rows of newline JSON, each in the partition of its day. */
export function createPricing(files: readonly string[]): string {
  const columns = pricingExport.map((field) => `${quoteIdentifier(field.name ?? '')}: ${quoteText(duckdbType(field))}`)
  return `
    CREATE TABLE cloud_pricing_export AS
    SELECT *, date_trunc('day', export_time) AS _PARTITIONTIME
    FROM read_json([${files.map(quoteText).join(', ')}], format = 'newline_delimited', columns = {${columns.join(', ')}})`
}
