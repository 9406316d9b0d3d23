import { UserError } from '../../core/errors.ts'
import type { Period } from '../../core/period.ts'
import type { ConnectorContext, Delivery } from '../connector.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import { athenaLayout } from './athena-layout.ts'
import { dataExport } from './data-export.ts'
import { legacyReport } from './legacy-report.ts'
import { isDataFile, plainFolder } from './plain-folder.ts'

/** One way in which AWS lays out a billing export. */
export interface Layout {
  periods(): Promise<Period[]>
  delivery(period: Period): Promise<Delivery>
}

interface Found {
  readonly folder: string
  readonly kind: 'legacy report' | 'data export' | 'Athena layout' | 'plain files'
}

/** How deep below the location an export may lie: prefix, report name, and one to spare. */
const maxDepth = 4

/**
 * The export that the location holds, told by the names of its folders:
 * `20250101-20250201/` is a legacy report, `data/` with `metadata/` a Data Export, `year=2025/` the Athena
 * layout without its manifests; data files with none of these are taken as they are.
 * UserError when there is no export, or more than one.
 */
export async function findLayout(store: ObjectStore, context: ConnectorContext): Promise<Layout> {
  const found = await search(store, '', 0)
  const exports = found.filter(({ kind }) => kind !== 'plain files')
  const [only, ...others] = exports.length > 0 ? exports : found
  if (only === undefined) {
    throw new UserError(`no billing export in ${store.location}`, {
      hint: 'Point location at the folder that holds the report: its date folders (20250101-20250201), its data/ and metadata/, or the files themselves.',
    })
  }
  if (others.length > 0) {
    const folders = [only, ...others].map(({ folder }) => folder || '.').join(', ')
    throw new UserError(`${store.location} holds more than one billing export: ${folders}`, {
      hint: 'Write one source for each, and point its location at one of these folders.',
    })
  }
  return open(only, store, context)
}

function open({ folder, kind }: Found, store: ObjectStore, context: ConnectorContext): Layout {
  if (kind === 'legacy report') return legacyReport(store, folder)
  if (kind === 'data export') return dataExport(store, folder)
  if (kind === 'Athena layout') return athenaLayout(store, folder, context)
  return plainFolder(store, folder, context)
}

async function search(store: ObjectStore, folder: string, depth: number): Promise<Found[]> {
  const { folders, objects } = await store.list(folder)
  const names = folders.map((path) => path.slice(folder.length))
  if (names.some((name) => /^\d{8}-\d{8}\/$/.test(name))) return [{ folder, kind: 'legacy report' }]
  if (names.includes('data/') && names.includes('metadata/')) return [{ folder, kind: 'data export' }]
  if (names.some((name) => /^year=\d{4}\/$/.test(name))) return [{ folder, kind: 'Athena layout' }]
  if (objects.some(({ key }) => isDataFile(key))) return [{ folder, kind: 'plain files' }]
  if (depth === maxDepth) return []
  const below = await Promise.all(folders.map((path) => search(store, path, depth + 1)))
  return below.flat()
}
