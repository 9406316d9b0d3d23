import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import PQueue from 'p-queue'
import { DataError, UserError } from '../../core/errors.ts'
import type { Period } from '../../core/period.ts'
import type { BillingSource, ConnectorContext, Delivery } from '../connector.ts'
import type { ObjectInfo, ObjectStore } from '../stores/object-store.ts'
import { openMonthIndex } from './location-months.ts'
import { invoiceMonths, type MonthsOfFiles } from './months-of-files.ts'

/** How deep below the location files may lie. */
const maxDepth = 6

/** As many files are read at once to learn their months, each on one thread. */
const mostAtOnce = 4

/**
 * Files extracted from a billing export table. The table only grows, and so may the folder: a file holds rows of
 * any number of invoice months, and the delivery of a month is every file that holds a row of it. The same bytes
 * under two names are one file. Which months a file holds is found out once, by reading it, and remembered by its
 * content, so that a run which finds nothing new reads no data file.
 */
export function openFiles(store: ObjectStore, context: ConnectorContext): BillingSource {
  let known: Promise<Map<Period, ObjectInfo[]>> | undefined
  const byPeriod = () => (known ??= filesByMonth(store, invoiceMonths, context))
  return {
    async periods() {
      return [...(await byPeriod()).keys()].toSorted()
    },
    async delivery(period) {
      const files = (await byPeriod()).get(period)
      return files === undefined ? absent(period) : delivered(period, files)
    },
    async fetch({ files }, progress) {
      return Promise.all(files.map(async (file) => ({ name: file.key, path: await store.fetch(file, progress) })))
    },
    async forget(keep) {
      await store.forget(keep.flatMap(({ files }) => files))
    },
  }
}

function delivered(period: Period, files: readonly ObjectInfo[]): Delivery {
  // Content alone: a file that is renamed, or copied beside itself, changes no bill.
  const fingerprint = createHash('sha256')
    .update(JSON.stringify(files.map(({ size, version }) => `${version} ${size}`).toSorted()))
    .digest('hex')
  const packings = new Set(files.map(({ key }) => packing(key)))
  return {
    period,
    id: fingerprint.slice(0, 12),
    fingerprint,
    layout: `extracted files, ${[...packings].toSorted().join(' and ')}`,
    files,
  }
}

function absent(period: Period): Delivery {
  return { period, id: '', fingerprint: '', layout: '', files: [], waiting: `not complete: no row of ${period} yet` }
}

/** The files of a folder under each month that they hold rows of. UserError when there are none. */
export async function filesByMonth(
  store: ObjectStore,
  kind: MonthsOfFiles,
  context: ConnectorContext,
): Promise<Map<Period, ObjectInfo[]>> {
  const objects = withoutCopies(await dataFiles(store, '', 0))
  if (objects.length === 0) {
    const { what, hint } = kind.emptyFolder
    throw new UserError(`${what} in ${store.location}`, { hint })
  }
  const index = await openMonthIndex(store, kind, context)
  const atOnce = new PQueue({ concurrency: Math.min(availableParallelism(), mostAtOnce) })
  const read = await Promise.allSettled(
    objects.map((object) =>
      atOnce.add(async () => {
        context.signal?.throwIfAborted()
        return { object, months: await index.monthsOf(object) }
      }),
    ),
  )
  // Also where some file cannot be read: the others need not be read again.
  await index.save(objects)
  const byPeriod = new Map<Period, ObjectInfo[]>()
  for (const result of read) {
    // Of the files that cannot be read the first is told, whichever was looked at first.
    if (result.status === 'rejected') throw result.reason
    const { object, months } = result.value
    for (const period of months) byPeriod.set(period, [...(byPeriod.get(period) ?? []), object])
  }
  return byPeriod
}

/** The data files below a folder of the store, in key order. */
export async function dataFiles(store: ObjectStore, folder: string, depth: number): Promise<ObjectInfo[]> {
  const { folders, objects } = await store.list(folder)
  const files = objects.filter(({ key }) => isDataFile(key))
  if (depth === maxDepth) return files
  const below = await Promise.all(folders.map((path) => dataFiles(store, path, depth + 1)))
  return [...files, ...below.flat()]
}

/** DataError for a kind of file that an extraction makes and focal cannot read: passed over, its rows would be lost. */
function isDataFile(key: string): boolean {
  if (/(^|\/)[._]/.test(key)) return false
  if (/\.(avro|csv|csv\.gz)$/i.test(key)) {
    throw new DataError(`a file of this kind cannot be read`, {
      where: { file: key },
      hint: 'Extract the table as newline JSON (gzip or not) or Parquet; csv cannot hold its nested fields.',
    })
  }
  return packing(key) !== ''
}

function packing(key: string): string {
  return /\.((?:json|jsonl|ndjson)(?:\.gz)?|parquet)$/i.exec(key)?.[1]?.toLowerCase() ?? ''
}

/** The first of the files, in key order, that have the same bytes. */
function withoutCopies(objects: readonly ObjectInfo[]): ObjectInfo[] {
  const seen = new Set<string>()
  return objects.filter(({ version }) => {
    const isNew = !seen.has(version)
    seen.add(version)
    return isNew
  })
}
