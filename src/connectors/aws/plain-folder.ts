import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { firstRecords } from '../../core/archive.ts'
import { openSession, quoteIdentifier } from '../../core/duckdb.ts'
import { DataError, FocalError } from '../../core/errors.ts'
import { isPeriod, type Period } from '../../core/period.ts'
import type { ConnectorContext, Delivery } from '../connector.ts'
import { refuseCopies } from '../copies.ts'
import type { ObjectInfo, ObjectStore } from '../stores/object-store.ts'
import { fingerprint } from './fingerprint.ts'
import type { Layout } from './layout.ts'
import { waiting } from './legacy-report.ts'
import { packing } from './manifest.ts'

export function isDataFile(key: string): boolean {
  return /\.(csv|csv\.gz|csv\.zip|gz|zip|parquet)$/i.test(key) && !/(^|\/)[._]/.test(key)
}

/**
 * Report files with no manifest, each of one billing period, which the file's first row tells. All files of
 * a period together are its bill; the fingerprint is their names, sizes and hashes.
 */
export function plainFolder(store: ObjectStore, folder: string, context: ConnectorContext): Layout {
  let known: Promise<Map<Period, ObjectInfo[]>> | undefined
  const filesByPeriod = () => (known ??= groupByPeriod(store, folder, context))
  return {
    async periods() {
      return [...(await filesByPeriod()).keys()].toSorted()
    },
    async delivery(period) {
      const files = (await filesByPeriod()).get(period)
      if (files === undefined) return waiting(period, `not complete: no file for ${period} yet`)
      refuseCopies(files)
      return delivered(period, files)
    },
  }
}

function delivered(period: Period, files: readonly ObjectInfo[]): Delivery {
  const print = fingerprint('', files)
  return { period, id: print.slice(0, 12), fingerprint: print, layout: `plain files, ${packing(files)}`, files }
}

async function groupByPeriod(store: ObjectStore, folder: string, context: ConnectorContext) {
  const { objects } = await store.list(folder)
  const remembered = await loadPeriods(context)
  const byPeriod = new Map<Period, ObjectInfo[]>()
  const files = objects.filter(({ key }) => isDataFile(key))
  for (const object of files) {
    const period = remembered.get(object.version) ?? (await readPeriod(store, object, context))
    if (period === undefined) continue
    remembered.set(object.version, period)
    byPeriod.set(period, [...(byPeriod.get(period) ?? []), object])
  }
  await savePeriods(context, remembered)
  // One file without rows beside others takes nothing away; nothing but such files is no bill.
  if (byPeriod.size === 0 && files[0] !== undefined) throw noRows(files[0].key)
  return byPeriod
}

/** The billing period of the file's first row; undefined when it has none. */
async function readPeriod(
  store: ObjectStore,
  object: ObjectInfo,
  context: ConnectorContext,
): Promise<Period | undefined> {
  const file = { path: await store.fetch(object), name: object.key }
  const value = /\.parquet$/i.test(file.name) ? await firstParquetValue(file, context) : await firstCsvValue(file)
  if (value === undefined) return undefined
  const period = value.slice(0, 7)
  if (isPeriod(period)) return period
  throw new DataError('the first row says no billing period', {
    where: { file: object.key, row: 1, value },
    hint: 'Expected a start of the billing period such as 2025-01-01T00:00:00Z.',
  })
}

/** The column that says it, in legacy reports, CUR 2.0 and FOCUS exports. */
const periodColumn = /^(bill[/_]billing_?period_?start_?date|BillingPeriodStart)$/i

function notABill(file: string): DataError {
  return new DataError('the file has no column that says its billing period', {
    where: { file, column: 'bill_billing_period_start_date' },
    hint: 'Is this a Cost and Usage Report? Move other files out of the folder.',
  })
}

function noRows(file: string): DataError {
  return new DataError('no file has a row, so there is no billing period', {
    where: { file },
    hint: 'Was the export cut after its header? Wait for the next delivery, or remove the file.',
  })
}

async function firstCsvValue(file: { path: string; name: string }): Promise<string | undefined> {
  const [header = [], row] = await firstRecords(file, 2)
  const at = header.findIndex((name) => periodColumn.test(name))
  if (at === -1) throw notABill(file.name)
  return row?.[at]
}

async function firstParquetValue(
  { path, name }: { path: string; name: string },
  context: ConnectorContext,
): Promise<string | undefined> {
  const session = await openSession({ memoryLimit: '256MB', threads: 1, tempDirectory: context.cacheDirectory })
  const source = "read_parquet(getvariable('file'), hive_partitioning => false)"
  try {
    await session.set('file', path)
    const columns = await session.rows<{ column_name: string }>(`DESCRIBE SELECT * FROM ${source}`)
    const column = columns.find(({ column_name }) => periodColumn.test(column_name))?.column_name
    if (column === undefined) throw notABill(name)
    const [row] = await session.rows<{ value: string | null }>(
      `SELECT ${quoteIdentifier(column)}::VARCHAR AS value FROM ${source} LIMIT 1`,
    )
    return row === undefined ? undefined : (row.value ?? '')
  } catch (cause) {
    if (cause instanceof FocalError) throw cause
    throw new DataError('the Parquet file is cut short or damaged', {
      where: { file: name },
      hint: 'Download or export the file again.',
      cause,
    })
  } finally {
    session.close()
  }
}

/** Remembered by content, so that a file is opened once. */
const indexFile = 'billing-periods.json'

async function loadPeriods({ cacheDirectory }: ConnectorContext): Promise<Map<string, Period>> {
  try {
    return new Map(
      Object.entries(JSON.parse(await readFile(join(cacheDirectory, indexFile), 'utf8')) as Record<string, Period>),
    )
  } catch {
    return new Map()
  }
}

async function savePeriods({ cacheDirectory }: ConnectorContext, periods: Map<string, Period>): Promise<void> {
  const path = join(cacheDirectory, indexFile)
  await mkdir(cacheDirectory, { recursive: true })
  await writeFile(`${path}.tmp`, JSON.stringify(Object.fromEntries(periods)))
  await rename(`${path}.tmp`, path)
}
