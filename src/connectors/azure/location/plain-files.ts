import type { Period } from '../../../core/period.ts'
import type { ConnectorContext, Delivery } from '../../connector.ts'
import { refuseCopies } from '../../copies.ts'
import type { ObjectInfo, ObjectStore } from '../../stores/object-store.ts'
import { fingerprint, packing, waiting } from './delivered.ts'
import { openFileFacts, type FileFacts } from './file-facts.ts'
import type { Layout } from './index.ts'
import { isManifest } from './manifest.ts'
import { isDataFile } from './runs.ts'

interface PlainFile extends FileFacts {
  readonly object: ObjectInfo
}

/**
 * Export files that somebody collected, each of one billing period, which its rows tell. All files of a period
 * together are its delivery; the fingerprint is their names, sizes and hashes.
 */
export function plainFiles(store: ObjectStore, folders: readonly string[], context: ConnectorContext): Layout {
  let known: Promise<{ files: PlainFile[]; manifests: ObjectInfo[] }> | undefined
  const read = () => (known ??= readFolders(store, folders, context))
  return {
    async periods() {
      const { files } = await read()
      return [...new Set(files.flatMap(({ period }) => period ?? []))].toSorted()
    },
    async delivery(period) {
      const { files, manifests } = await read()
      return deliver(period, files, manifests)
    },
  }
}

async function readFolders(store: ObjectStore, folders: readonly string[], context: ConnectorContext) {
  const listings = await Promise.all(folders.map((folder) => store.list(folder)))
  const objects = listings.flatMap((listing) => listing.objects)
  const facts = await openFileFacts(store, context)
  const files: PlainFile[] = []
  for (const object of objects.filter(({ key }) => isDataFile(key))) {
    files.push({ object, ...(await facts.of(object)) })
  }
  await facts.save(files.map(({ object }) => object))
  return { files, manifests: objects.filter(({ key }) => isManifest(key)) }
}

function deliver(period: Period, files: readonly PlainFile[], manifests: readonly ObjectInfo[]): Delivery {
  const charges = files.filter((file) => file.period === period)
  if (charges.length === 0) return waiting(period, `not complete: no file for ${period} yet`)
  refuseCopies(charges.map(({ object }) => object))
  const missing = missingDataset(period, charges, files)
  if (missing !== undefined) return waiting(period, missing)
  // A price sheet or reservation details are of no month; they go with each.
  const all = [...charges, ...files.filter(({ kind }) => kind === 'side')].map(({ object }) => object)
  const folders = new Set(all.map(({ key }) => folderOf(key)))
  const print = fingerprint('', all)
  return {
    period,
    id: print.slice(0, 12),
    fingerprint: print,
    layout: `plain files, ${packing(all)}`,
    files: [...all, ...manifests.filter(({ key }) => folders.has(folderOf(key)))],
  }
}

/** Where other months come as actual and amortized cost, one of the two alone is a month that has not all arrived. */
function missingDataset(period: Period, charges: readonly PlainFile[], all: readonly PlainFile[]): string | undefined {
  const here = new Set(charges.map(({ dataset }) => dataset))
  const first = (wanted: FileFacts['dataset']) =>
    all.flatMap((file) => (file.dataset === wanted && file.period !== undefined ? [file.period] : [])).toSorted()[0]
  for (const [one, other] of [
    ['actual', 'amortized'],
    ['amortized', 'actual'],
  ] as const) {
    const since = first(other)
    if (here.has(one) && !here.has(other) && !here.has(undefined) && since !== undefined && since <= period) {
      return `not complete: ${period} has a file of ${one} cost but none of ${other} cost yet, which ${since} has`
    }
  }
  return undefined
}

function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1)
}
