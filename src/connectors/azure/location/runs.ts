import type { Listing, ObjectInfo, ObjectStore } from '../../stores/object-store.ts'
import { isManifest, readManifest, type Manifest } from './manifest.ts'

/** One run of an export that is all there. */
export interface Run {
  readonly id: string
  readonly type: string | undefined
  readonly scope: string | undefined
  readonly files: readonly ObjectInfo[]
  /** Undefined for exports of before 2023, which have none. */
  readonly manifest: ObjectInfo | undefined
}

/** A run, or why there is none yet, as one line. */
export type RunFound = Run | { readonly waiting: string }

export function isDataFile(key: string): boolean {
  return /\.(csv|csv\.gz|csv\.zip|gz|zip|parquet)$/i.test(key) && !/(^|\/)[._]/.test(key)
}

/**
 * The newest run of a month that is all there. A run's folder is named by a GUID, below the time of its start
 * (`202501310600/`) where the export does not overwrite; the manifest says when it was submitted.
 */
export async function newestRun(store: ObjectStore, month: string): Promise<RunFound> {
  const { folders, objects } = await store.list(month)
  const timed = folders.filter((path) => /\/\d{12}\/$/.test(path)).toReversed()
  const untimed = folders.filter((path) => !timed.includes(path))
  const why: string[] = []
  for (const time of timed) {
    const below = await store.list(time)
    const found = await newestOf(store, [...below.folders, ...(below.objects.length > 0 ? [time] : [])])
    if (!('waiting' in found)) return found
    why.push(found.waiting)
  }
  const found = await newestOf(store, objects.length > 0 ? [...untimed, month] : untimed)
  return 'waiting' in found && why[0] !== undefined ? { waiting: why[0] } : found
}

async function newestOf(store: ObjectStore, folders: readonly string[]): Promise<RunFound> {
  const listings = await Promise.all(folders.map(async (folder) => ({ folder, ...(await store.list(folder)) })))
  const manifests = await Promise.all(
    listings.flatMap(({ objects }) =>
      objects.filter(({ key }) => isManifest(key)).map((object) => readManifest(store, object)),
    ),
  )
  const newestFirst = manifests.toSorted((a, b) => (a.submitted < b.submitted ? 1 : -1))
  const why: string[] = []
  for (const manifest of newestFirst) {
    const run = await resolveRun(store, manifest)
    if (!('waiting' in run)) return run
    why.push(run.waiting)
  }
  if (why[0] !== undefined) return { waiting: why[0] }
  return withoutManifest(listings)
}

/** The manifest's files as objects of the store: it names them by their path in Azure's container. */
async function resolveRun(store: ObjectStore, manifest: Manifest): Promise<RunFound> {
  const folder = manifest.object.key.slice(0, manifest.object.key.lastIndexOf('/') + 1)
  const files: ObjectInfo[] = []
  for (const { name, bytes } of manifest.blobs) {
    const key = folder + name.slice(name.lastIndexOf('/') + 1)
    const found = await store.stat(key)
    if (found === undefined) {
      return { waiting: `not complete: ${key} of its manifest is not there yet` }
    }
    if (bytes !== undefined && bytes !== found.size) {
      return { waiting: `not complete: ${key} has ${found.size} of ${bytes} bytes` }
    }
    files.push(found)
  }
  const { runId: id, type, scope, object } = manifest
  return { id, type, scope, files, manifest: object }
}

/** Exports of before 2023 put one csv a run into the folder and no manifest: a single one is the month's. */
function withoutManifest(listings: readonly (Listing & { readonly folder: string })[]): RunFound {
  const files = listings.flatMap(({ objects }) => objects.filter(({ key }) => isDataFile(key)))
  const folder = listings.find(({ objects }) => objects.length > 0)?.folder ?? listings[0]?.folder ?? ''
  const [only, ...others] = files
  const classic = only !== undefined && others.length === 0 && !/(^|\/)part[_-]/i.test(only.key)
  if (!classic) return { waiting: `not complete: no manifest in ${folder} yet` }
  return { id: only.version.slice(0, 12), type: undefined, scope: undefined, files: [only], manifest: undefined }
}
