import { openSession } from '../../core/duckdb.ts'
import type { Period } from '../../core/period.ts'
import type { ConnectorContext, Delivery } from '../connector.ts'
import type { ObjectInfo, ObjectStore } from '../stores/object-store.ts'
import { fingerprint } from './fingerprint.ts'
import type { Layout } from './layout.ts'
import { waiting } from './legacy-report.ts'
import { isDataFile } from './plain-folder.ts'

/**
 * The Athena layout of a legacy report without its manifests: `year=2025/month=1/*.snappy.parquet`, and beside
 * the years `cost_and_usage_data_status/`, where AWS says UPDATING while it overwrites the files.
 */
export function athenaLayout(store: ObjectStore, folder: string, context: ConnectorContext): Layout {
  return {
    async periods() {
      return [...(await monthFolders(store, folder)).keys()].toSorted()
    },
    async delivery(period) {
      const month = (await monthFolders(store, folder)).get(period)
      if (month === undefined) return waiting(period, `not complete: no folder for ${period} yet`)
      const status = await deliveryStatus(store, folder, context)
      if (status !== undefined && status !== 'READY')
        return waiting(period, `not complete: AWS says the report is ${status}`)
      const files = (await store.list(month)).objects.filter(({ key }) => isDataFile(key))
      if (files.length === 0) return waiting(period, `not complete: no data file in ${month} yet`)
      return delivered(period, files)
    },
  }
}

function delivered(period: Period, files: readonly ObjectInfo[]): Delivery {
  const print = fingerprint('', files)
  return { period, id: print.slice(0, 12), fingerprint: print, layout: 'legacy CUR, parquet, Athena layout', files }
}

async function monthFolders(store: ObjectStore, folder: string): Promise<Map<Period, string>> {
  const years = (await store.list(folder)).folders.filter((path) => /year=\d{4}\/$/.test(path))
  const months = await Promise.all(years.map(async (year) => (await store.list(year)).folders))
  return new Map(
    months.flat().flatMap((path) => {
      const [, year, month] = /year=(\d{4})\/month=(\d{1,2})\/$/.exec(path) ?? []
      return year && month ? [[`${year}-${month.padStart(2, '0')}`, path] as const] : []
    }),
  )
}

/** `READY`, `UPDATING`, or undefined where the report keeps no status. */
async function deliveryStatus(
  store: ObjectStore,
  folder: string,
  context: ConnectorContext,
): Promise<string | undefined> {
  const { objects } = await store.list(`${folder}cost_and_usage_data_status/`)
  const file = objects.find(({ key }) => /\.parquet$/i.test(key))
  if (file === undefined) return undefined
  const session = await openSession({ memoryLimit: '256MB', threads: 1, tempDirectory: context.cacheDirectory })
  try {
    await session.set('file', await store.fetch(file))
    const [row] = await session.rows<{ status: string }>("SELECT status FROM read_parquet(getvariable('file')) LIMIT 1")
    return row?.status
  } finally {
    session.close()
  }
}
