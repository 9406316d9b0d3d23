import { createHash } from 'node:crypto'
import { DataError } from '../../../core/errors.ts'
import type { Period } from '../../../core/period.ts'
import { readBeside } from '../../../core/sql.ts'
import type { Connection } from './connection.ts'
import { namedRow } from './fields.ts'
import { readPage, startQuery } from './query.ts'
import type { ExportTable } from './table.ts'

/** What the table holds of one invoice month. Times are BigQuery's, as text with microseconds. */
export interface Month {
  readonly period: Period
  /** `202511`. */
  readonly invoiceMonth: string
  readonly rows: number
  readonly firstExport: string
  readonly watermark: string
  /** The days that its rows came in; undefined when the table does not know, or not yet for all of them. */
  readonly partitions: { readonly first: string; readonly last: string } | undefined
}

interface CountedMonth {
  readonly month: string | null
  readonly row_count: string
  readonly first_export: string | null
  readonly watermark: string | null
  readonly first_partition: string | null
  readonly last_partition: string | null
}

/** Every month of the table, oldest first. DataError when rows name no month: a total could not be right without them. */
export async function countMonths(table: ExportTable, connection: Connection, maxBytes: number): Promise<Month[]> {
  const sql = readBeside(import.meta.url, 'months.sql')
    .replaceAll('{table}', quoteTable(table))
    .replaceAll('{month}', table.kind.month)
    .replaceAll('{export_time}', table.kind.exportTime)
    .replaceAll('{partition}', table.byIngestion ? '_PARTITIONTIME' : 'CAST(NULL AS TIMESTAMP)')
  const job = await startQuery(sql, table, connection, maxBytes)
  const { fields, rows } = await readPage(job, 0, table, connection)
  return rows.map((row) => readMonth(namedRow(fields, row) as unknown as CountedMonth, table))
}

function readMonth(counted: CountedMonth, table: ExportTable): Month {
  const {
    month,
    row_count,
    first_export: firstExport,
    watermark,
    first_partition: first,
    last_partition: last,
  } = counted
  const [, year, number] = /^(\d{4})(0[1-9]|1[0-2])$/.exec(month ?? '') ?? []
  if (!month || !year || !number || !firstExport || !watermark) {
    throw new DataError(`${row_count} rows of ${table.id} have no invoice month or no export time`, {
      where: { column: 'invoice.month', value: month ?? 'NULL' },
      hint: 'Google fills both in every row: look whether something else writes to the table.',
    })
  }
  const partitions = first && last ? { first, last } : undefined
  return {
    period: `${year}-${number}`,
    invoiceMonth: month,
    rows: Number(row_count),
    firstExport,
    watermark,
    partitions,
  }
}

/** Equal when the month holds the same rows: the table only grows, so a count and the newest time tell. */
export function monthFingerprint(table: ExportTable, { invoiceMonth, watermark, rows }: Month): string {
  return createHash('sha256')
    .update(JSON.stringify([table.id, invoiceMonth, watermark, rows]))
    .digest('hex')
}

/**
 * The month's rows up to its watermark, as a condition that a query and a read session both understand. The lower
 * bounds take nothing away; they spare BigQuery the partitions before the month, where it has such.
 */
export function restriction({ kind }: ExportTable, { period, firstExport, watermark, partitions }: Month): string {
  const bounds = [
    kind.inMonth(period),
    `${kind.exportTime} >= TIMESTAMP '${firstExport}'`,
    `${kind.exportTime} <= TIMESTAMP '${watermark}'`,
  ]
  if (partitions === undefined) return bounds.join(' AND ')
  const { first, last } = partitions
  return [...bounds, `_PARTITIONTIME >= TIMESTAMP '${first}'`, `_PARTITIONTIME <= TIMESTAMP '${last}'`].join(' AND ')
}

/** The rows of one delivery as a query. */
export function rowsQuery(table: ExportTable, month: Month): string {
  return readBeside(import.meta.url, 'rows.sql')
    .replaceAll('{columns}', table.fields.map(({ name }) => `\`${name}\``).join(', '))
    .replaceAll('{table}', quoteTable(table))
    .replaceAll('{restriction}', restriction(table, month))
}

/** The table's name as it stands in a query. */
export function quoteTable({ project, dataset, name }: ExportTable): string {
  return `\`${project}.${dataset}.${name}\``
}
