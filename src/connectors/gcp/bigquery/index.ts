import { createHash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { RetryableError } from '../../../core/errors.ts'
import type { Period } from '../../../core/period.ts'
import { standardRetryPolicy, type RetryPolicy } from '../../../core/retry.ts'
import type { BillingSource, ConnectorContext, Delivery, LocalFile } from '../../connector.ts'
import { ignoreMissing } from '../../../core/stores/cache.ts'
import { bring } from './bring.ts'
import { connect } from './connection.ts'
import { countMonths, monthFingerprint, type Month } from './months.ts'
import type { TableOptions } from './options.ts'
import { withSideTables } from './side-tables.ts'
import { streamsAtOnce } from './storage-session.ts'
import { describeTable, type ExportTable } from './table.ts'

/** How large pieces are and how patient reading is; tests make them small. */
export interface TableTuning {
  readonly retry: RetryPolicy
  readonly idleMs: number
  readonly rowsPerPart: number
  readonly bytesPerPart: number
}

export interface TableContext extends ConnectorContext {
  /** Told, in one line, what the user may want to know though nothing failed. */
  readonly notice?: ((line: string) => void) | undefined
}

/** About 100 MB at work: four streams with a part each, and three times a part while one is written. */
const standard: TableTuning = {
  retry: standardRetryPolicy,
  idleMs: 120_000,
  rowsPerPart: 50_000,
  bytesPerPart: 16 << 20,
}

/**
 * A billing export in BigQuery. Looks the table up at once, so that a wrong name or a missing permission is told
 * before anything is planned; counts its months when first asked for them, with one query.
 */
export async function openTable(
  options: TableOptions,
  context: TableContext,
  tuning: Partial<TableTuning> = {},
): Promise<BillingSource> {
  const { signal, env, cacheDirectory, notice = () => undefined } = context
  const how = { ...standard, ...tuning }
  const project = options.project ?? options.table.split('.').slice(0, -2).join('.')
  const connection = connect({ project, env, signal, retry: how.retry, idleMs: how.idleMs })
  const table = await describeTable(options.table, connection)
  const folder = path.join(cacheDirectory, `bigquery-${table.name.replaceAll(/\W/g, '_')}-${shortHash(table.id)}`)
  let counted: Promise<Month[]> | undefined
  const months = () => (counted ??= countMonths(table, connection, options.maxBytes))
  const folderOf = (delivery: Delivery) => path.join(folder, delivery.fingerprint.slice(0, 32))

  async function monthOf({ period, fingerprint }: Delivery): Promise<Month> {
    const month = (await months()).find((one) => one.period === period)
    if (month !== undefined && monthFingerprint(table, month) === fingerprint) return month
    throw new RetryableError(
      `${period} of ${table.id} has other rows than when it was looked at; the next run reads them`,
    )
  }

  const bill: BillingSource = {
    async periods() {
      return (await months()).map(({ period }) => period)
    },
    async delivery(period) {
      const month = (await months()).find((one) => one.period === period)
      return month === undefined ? absent(period, table) : describeDelivery(table, month)
    },
    async fetch(delivery, progress = () => undefined) {
      const size = delivery.files.reduce((sum, file) => sum + file.size, 0)
      let told = 0
      const tell = (bytes: number) => {
        told += bytes
        progress(bytes)
      }
      const streams = { ...how, streamsAtOnce, signal, progress: tell }
      const month = await monthOf(delivery)
      const names = await bring({ table, month, folder: folderOf(delivery), options, connection, streams, notice })
      // The size was an estimate; what was told has to sum up to it.
      if (told !== size) progress(size - told)
      const key = delivery.files[0]?.key ?? ''
      return names.map((name): LocalFile => ({ name: `${key}/${name}`, path: path.join(folderOf(delivery), name) }))
    },
    async forget(keep) {
      const kept = new Set(keep.map(folderOf))
      for (const name of (await readdir(folder).catch(ignoreMissing)) ?? []) {
        const one = path.join(folder, name)
        if (!kept.has(one)) await rm(one, { recursive: true, force: true })
      }
    },
  }
  return withSideTables(bill, { table, options, connection, months, cacheDirectory })
}

function describeDelivery(table: ExportTable, month: Month): Delivery {
  const { period, invoiceMonth, watermark, rows } = month
  const fingerprint = monthFingerprint(table, month)
  // For people: `up to 2025-12-03T04:05:06.789012Z, 1829 rows`.
  const version = `up to ${watermark.replace(' ', 'T').replace('+00', 'Z')}, ${rows} rows`
  return {
    period,
    id: fingerprint.slice(0, 12),
    fingerprint,
    layout: `BigQuery table, ${version}`,
    files: [{ key: `${table.id}/invoice.month=${invoiceMonth}`, size: Math.round(rows * table.bytesPerRow), version }],
    columns: table.fields.flatMap(({ name }) => name ?? []),
  }
}

function absent(period: Period, table: ExportTable): Delivery {
  const waiting = `not complete: ${table.id} has no row of ${period} yet`
  return { period, id: '', fingerprint: '', layout: '', files: [], waiting }
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
