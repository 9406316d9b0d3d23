import type { Period } from '../../core/period.ts'
import type { Delivery } from '../connector.ts'
import type { ObjectInfo, ObjectStore } from '../stores/object-store.ts'
import { fingerprint } from './fingerprint.ts'
import type { Layout } from './layout.ts'
import { waiting } from './legacy-report.ts'
import { describeMissing, isManifest, packing, readManifest, resolveFiles } from './manifest.ts'

/**
 * A Data Export (CUR 2.0, or FOCUS): `data/BILLING_PERIOD=2025-01/` holds the files and `metadata/` the manifest
 * that names them, written when they are all there. An export that creates new versions has a folder
 * `<timestamp>-<executionId>/` for each; names begin with the time, so the last is the newest.
 */
export function dataExport(store: ObjectStore, folder: string): Layout {
  return {
    async periods() {
      const months = await Promise.all(['data/', 'metadata/'].map((part) => partitions(store, folder + part)))
      return [...new Set(months.flatMap((month) => [...month.keys()]))].toSorted()
    },
    async delivery(period) {
      const partition = (await partitions(store, `${folder}metadata/`)).get(period)
      if (partition === undefined)
        return waiting(period, `not complete: no manifest for ${period} in ${folder}metadata/ yet`)
      const manifest = await newestManifest(store, partition)
      if (manifest === undefined) return waiting(period, `not complete: no manifest in ${partition} yet`)
      return fromManifest(store, folder, period, manifest)
    },
  }
}

async function fromManifest(store: ObjectStore, folder: string, period: Period, object: ObjectInfo): Promise<Delivery> {
  const manifest = await readManifest(store, object)
  const { files, missing } = await resolveFiles(store, manifest.files, ['', folder])
  const why = describeMissing(missing, manifest.files.length)
  const mode = files.some(({ key }) => key.includes(manifest.id)) ? 'create new version' : 'overwrite'
  return {
    period,
    id: manifest.id,
    fingerprint: fingerprint(manifest.id, files),
    layout: `Data Export, ${packing(files)}, ${mode}`,
    files,
    ...(manifest.columns && { columns: manifest.columns }),
    ...(why !== undefined && { waiting: why }),
  }
}

/** The manifest of the newest execution that has one; without executions, the one of the partition itself. */
async function newestManifest(store: ObjectStore, partition: string): Promise<ObjectInfo | undefined> {
  const { folders, objects } = await store.list(partition)
  for (const execution of folders.toReversed()) {
    const found = (await store.list(execution)).objects.find(({ key }) => isManifest(key))
    if (found !== undefined) return found
  }
  return objects.find(({ key }) => isManifest(key))
}

/** `BILLING_PERIOD=2025-01/` (FOCUS exports: in lower case) by month. */
async function partitions(store: ObjectStore, folder: string): Promise<Map<Period, string>> {
  const { folders } = await store.list(folder)
  return new Map(
    folders.flatMap((path) => {
      const period = /^billing_period=(\d{4}-\d{2})\/$/i.exec(path.slice(folder.length))?.[1]
      return period ? [[period, path] as const] : []
    }),
  )
}
