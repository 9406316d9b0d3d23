import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { firstRecords } from '../../core/archive.ts'
import { openSession } from '../../core/duckdb.ts'
import { DataError } from '../../core/errors.ts'
import { isPeriod, type Period } from '../../core/period.ts'
import type { ConnectorContext, Delivery } from '../connector.ts'
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

/** The same bytes twice would be counted twice. */
function refuseCopies(files: readonly ObjectInfo[]): void {
  const seen = new Map<string, string>()
  for (const { key, version } of files) {
    const twin = seen.get(version)
    if (twin !== undefined) {
      throw new DataError(`two files of one billing period are the same: ${twin} and ${key}`, {
        where: { file: key },
        hint: 'Remove the copy: its rows would be counted twice.',
      })
    }
    seen.set(version, key)
  }
}

async function groupByPeriod(store: ObjectStore, folder: string, context: ConnectorContext) {
  const { objects } = await store.list(folder)
  const remembered = await loadPeriods(context)
  const byPeriod = new Map<Period, ObjectInfo[]>()
  for (const object of objects.filter(({ key }) => isDataFile(key))) {
    const period = remembered.get(object.version) ?? (await readPeriod(store, object, context))
    if (period === undefined) continue
    remembered.set(object.version, period)
    byPeriod.set(period, [...(byPeriod.get(period) ?? []), object])
  }
  await savePeriods(context, remembered)
  return byPeriod
}

/** The billing period of the file's first row; undefined when it has none. */
async function readPeriod(
  store: ObjectStore,
  object: ObjectInfo,
  context: ConnectorContext,
): Promise<Period | undefined> {
  const file = { path: await store.fetch(object), name: object.key }
  const value = /\.parquet$/i.test(file.name) ? await firstParquetValue(file.path, context) : await firstCsvValue(file)
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

async function firstCsvValue(file: { path: string; name: string }): Promise<string | undefined> {
  const [header = [], row] = await firstRecords(file, 2)
  const at = header.findIndex((name) => periodColumn.test(name))
  if (at === -1) throw notABill(file.name)
  return row?.[at]
}

async function firstParquetValue(path: string, context: ConnectorContext): Promise<string | undefined> {
  const session = await openSession({ memoryLimit: '256MB', threads: 1, tempDirectory: context.cacheDirectory })
  try {
    await session.set('file', path)
    const columns = await session.rows<{ column_name: string }>(
      "DESCRIBE SELECT * FROM read_parquet(getvariable('file'))",
    )
    const column = columns.find(({ column_name }) => periodColumn.test(column_name))?.column_name
    if (column === undefined) throw notABill(path)
    const [row] = await session.rows<{ value: string }>(
      `SELECT strftime(${column}::TIMESTAMPTZ, '%Y-%m-%d') AS value FROM read_parquet(getvariable('file')) LIMIT 1`,
    )
    return row?.value
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
