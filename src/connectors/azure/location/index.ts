import { UserError } from '../../../core/errors.ts'
import type { Period } from '../../../core/period.ts'
import type { BillingSource, ConnectorContext, Delivery } from '../../connector.ts'
import type { ObjectStore } from '../../stores/object-store.ts'
import { exportsLayout } from './exports.ts'
import { plainFiles } from './plain-files.ts'
import { isDataFile } from './runs.ts'

/** One way in which a location holds charges. */
export interface Layout {
  periods(): Promise<Period[]>
  delivery(period: Period): Promise<Delivery>
}

/** How deep below the location exports may lie: container, directory, export name, and one to spare. */
const maxDepth = 5

/** Cost Management exports below the location of `store`; without any, files that were collected by hand. */
export async function openLocation(store: ObjectStore, context: ConnectorContext): Promise<BillingSource> {
  const layout = await findLayout(store, context)
  return {
    periods: () => layout.periods(),
    delivery: (period) => layout.delivery(period),
    fetch: async (delivery, progress) =>
      Promise.all(delivery.files.map(async (file) => ({ name: file.key, path: await store.fetch(file, progress) }))),
    forget: (keep) => store.forget(keep.flatMap(({ files }) => files)),
  }
}

/** UserError when there is neither an export nor a file. */
async function findLayout(store: ObjectStore, context: ConnectorContext): Promise<Layout> {
  const { exports, folders } = await search(store, '', 0)
  if (exports.length > 0) return exportsLayout(store, exports, context)
  if (folders.length > 0) return plainFiles(store, folders, context)
  throw new UserError(`no cost export in ${store.location}`, {
    hint: 'Point location at the folder that holds the exports (each with folders such as 20250101-20250131), or the files themselves.',
  })
}

interface Found {
  /** Folders with a folder for each month. */
  readonly exports: readonly string[]
  /** Folders with data files. */
  readonly folders: readonly string[]
}

async function search(store: ObjectStore, folder: string, depth: number): Promise<Found> {
  const { folders, objects } = await store.list(folder)
  if (folders.some((path) => /^\d{8}-\d{8}\/$/.test(path.slice(folder.length))))
    return { exports: [folder], folders: [] }
  const here = objects.some(({ key }) => isDataFile(key)) ? [folder] : []
  if (depth === maxDepth) return { exports: [], folders: here }
  const below = await Promise.all(folders.map((path) => search(store, path, depth + 1)))
  return {
    exports: below.flatMap(({ exports }) => exports),
    folders: [...here, ...below.flatMap((found) => found.folders)],
  }
}
