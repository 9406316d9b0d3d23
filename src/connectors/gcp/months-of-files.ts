/** What extracted files are put into months by: for a bill its invoice month, for prices the day they held on. */
export interface MonthsOfFiles {
  /** Under which the months of each file are remembered. */
  readonly cacheName: string
  /** The SQL that leaves a view `months (month, row_number)` over the variable `file`. */
  readonly sql: { readonly json: string; readonly parquet: string }
  readonly column: string
  /** What is wrong with a row that says no month, and with a file or a folder that holds none. */
  readonly noMonth: { readonly what: string; readonly hint: string }
  readonly notOne: { readonly what: string; readonly hint: string }
  readonly emptyFolder: { readonly what: string; readonly hint: string }
  /** `a billing export`. */
  readonly name: string
}

/** Google's standard and detailed billing exports, and its own FOCUS export. */
export const invoiceMonths: MonthsOfFiles = {
  cacheName: 'invoice-months',
  sql: { json: 'location-months-json.sql', parquet: 'location-months-parquet.sql' },
  column: 'invoice.month',
  noMonth: {
    what: 'the row says no invoice month',
    hint: 'Expected a month such as 202511. Is this a billing export of Google Cloud? Move other files out of the folder.',
  },
  notOne: {
    what: 'the file is not a billing export',
    hint: 'Expected a table gcp_billing_export_v1_… or gcp_billing_export_resource_v1_…, extracted with its nested fields.',
  },
  emptyFolder: {
    what: 'no billing export',
    hint: 'Point location at the folder that holds the extracted files: newline JSON (.json, .jsonl, .json.gz) or .parquet.',
  },
  name: 'a billing export',
}

/** The pricing export: a snapshot of every SKU's prices for each day. */
export const pricingMonths: MonthsOfFiles = {
  cacheName: 'pricing-months',
  sql: { json: 'pricing-months-json.sql', parquet: 'pricing-months-parquet.sql' },
  column: 'pricing_as_of_time',
  noMonth: {
    what: 'the row says no time of its prices',
    hint: 'Expected a time such as 2025-11-01 00:00:00 UTC. Is this a pricing export (cloud_pricing_export)? Move other files out of the folder.',
  },
  notOne: {
    what: 'the file is not a pricing export',
    hint: 'Expected the table cloud_pricing_export, extracted with its nested fields.',
  },
  emptyFolder: {
    what: 'no pricing export',
    hint: 'Point pricing at the folder with the files extracted from cloud_pricing_export, or leave it out.',
  },
  name: 'a pricing export',
}
