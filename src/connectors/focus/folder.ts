import { DataError, UserError } from '../../core/errors.ts'
import { periodOfFolders } from '../../core/hive.ts'
import type { Period } from '../../core/period.ts'
import type { ConnectorContext } from '../connector.ts'
import type { ObjectInfo, ObjectStore } from '../stores/object-store.ts'
import { declaredVersion } from './metadata.ts'
import { openMonths } from './months.ts'

/** What a location holds, by billing period. */
export interface FocusFolder {
  /** In key order. A file that holds rows of several months is in each of them. */
  readonly byPeriod: ReadonlyMap<Period, readonly ObjectInfo[]>
  /** The FOCUS version that metadata beside the files names; undefined when there is none. */
  readonly declared: string | undefined
}

/** How deep below the location files may lie. */
const maxDepth = 8

/**
 * Finds the files and their billing periods: from the names of hive folders where there are such, else from the
 * rows, once for each content. UserError when there is no file.
 */
export async function readFolder(store: ObjectStore, context: ConnectorContext): Promise<FocusFolder> {
  const objects = await listAll(store, '', 0)
  const data = objects.filter(({ key }) => isDataFile(key))
  if (data.length === 0) {
    throw new UserError(`no FOCUS file in ${store.location}`, {
      hint: 'Point location at a folder with .csv, .csv.gz, .csv.zip or .parquet files of Cost and Usage data.',
    })
  }
  const months = await openMonths(store, context)
  const byPeriod = new Map<Period, ObjectInfo[]>()
  for (const object of data) {
    const promised = periodOfFolders(object.key)
    const periods = promised === undefined ? await months.of(object) : [promised]
    for (const period of periods) byPeriod.set(period, [...(byPeriod.get(period) ?? []), object])
  }
  await months.save(data)
  if (byPeriod.size === 0) throw noRows(data[0]?.key ?? '')
  return { byPeriod, declared: await declaredVersion(store, objects) }
}

/** One file without rows beside others takes nothing away; nothing but such files is no bill. */
function noRows(file: string): DataError {
  return new DataError('no file has a row, so there is no billing period', {
    where: { file },
    hint: 'Was the export cut after its header? Wait for the next delivery, or remove the file.',
  })
}

async function listAll(store: ObjectStore, folder: string, depth: number): Promise<ObjectInfo[]> {
  const { folders, objects } = await store.list(folder)
  if (depth === maxDepth) return objects
  const below = await Promise.all(folders.filter(isVisible).map((path) => listAll(store, path, depth + 1)))
  return [...objects, ...below.flat()]
}

function isDataFile(key: string): boolean {
  return /\.(csv|csv\.gz|csv\.zip|parquet)$/i.test(key) && isVisible(key)
}

/** Names that start with `_` or `.` are notes of tools, not data. */
function isVisible(path: string): boolean {
  return !/(^|\/)[._][^/]*\/?$/.test(path)
}
