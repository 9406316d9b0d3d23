import { DataError } from '../../core/errors.ts'
import type { Period } from '../../core/period.ts'
import type { Delivery } from '../connector.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import { fingerprint } from './fingerprint.ts'
import type { Layout } from './layout.ts'
import { describeMissing, isManifest, packing, readManifest, resolveFiles } from './manifest.ts'

/**
 * A legacy Cost and Usage Report: `<report>/20250101-20250201/<report>-Manifest.json` is the newest delivery of
 * the month, whether the report creates new versions (files below an assembly id) or overwrites. Files are
 * taken from the manifest, never by listing, so those of earlier assemblies do not count.
 */
export function legacyReport(store: ObjectStore, folder: string): Layout {
  return {
    async periods() {
      return [...(await dateFolders(store, folder)).keys()].toSorted()
    },
    async delivery(period) {
      const dateFolder = (await dateFolders(store, folder)).get(period)
      if (dateFolder === undefined) return waiting(period, `not complete: no folder for ${period} yet`)
      const { objects } = await store.list(dateFolder)
      const [manifest, ...others] = objects.filter(({ key }) => isManifest(key))
      if (manifest === undefined) return waiting(period, `not complete: no manifest in ${dateFolder} yet`)
      if (others.length > 0) {
        throw new DataError('more than one manifest for one billing period', {
          where: { file: others[0]?.key ?? manifest.key },
          hint: 'Two reports share a folder: move one, and write a source for each.',
        })
      }
      return fromManifest(store, folder, dateFolder, period, manifest)
    },
  }
}

async function fromManifest(
  store: ObjectStore,
  folder: string,
  dateFolder: string,
  period: Period,
  object: Parameters<typeof readManifest>[1],
): Promise<Delivery> {
  const manifest = await readManifest(store, object)
  const { files, missing } = await resolveFiles(store, manifest.files, ['', folder, dateFolder])
  const why = describeMissing(missing, manifest.files.length)
  const mode = manifest.files.some((name) => name.includes(`/${manifest.id}/`)) ? 'create new version' : 'overwrite'
  return {
    period,
    id: manifest.id,
    fingerprint: fingerprint(manifest.id, files),
    layout: `legacy CUR, ${packing(files)}, ${mode}`,
    files,
    ...(manifest.columns && { columns: manifest.columns }),
    ...(why !== undefined && { waiting: why }),
  }
}

/** The date-range folder of each month; `20250101-20250201/` is 2025-01. */
async function dateFolders(store: ObjectStore, folder: string): Promise<Map<Period, string>> {
  const { folders } = await store.list(folder)
  return new Map(
    folders.flatMap((path) => {
      const [, year, month] = /^(\d{4})(\d{2})\d{2}-\d{8}\/$/.exec(path.slice(folder.length)) ?? []
      return year && month ? [[`${year}-${month}`, path] as const] : []
    }),
  )
}

/** A delivery that cannot be read yet. */
export function waiting(period: Period, why: string): Delivery {
  return { period, id: '', fingerprint: '', layout: '', files: [], waiting: why }
}
