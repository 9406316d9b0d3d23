import { createHash } from 'node:crypto'
import path from 'node:path'
import PQueue from 'p-queue'
import { DataError, UserError } from '../../core/errors.ts'
import { cacheName, openCache, type Cache } from '../../core/stores/cache.ts'
import { checksumOf, type Checksum } from '../../core/stores/checksum.ts'
import { download, type DownloadOptions } from '../../core/stores/download.ts'
import { connectToGcs, type GcsConnection } from '../../core/stores/gcs-client.ts'
import { explainGcsError, isMissing, judgeGcsError, replaced, type GcsAttempt } from '../../core/stores/gcs-errors.ts'
import { gcsRequests, type GcsFacts, type GcsRequests } from '../../core/stores/gcs-requests.ts'
import { byCodeUnit, checkFolder, checkKey, decodeText, noSuchObject } from '../../core/stores/keys.ts'
import type { Listing, ObjectInfo, ObjectStore, Progress } from './object-store.ts'
import type { OpenStoreOptions } from './open.ts'
import { standardTuning, type StoreTuning } from '../../core/stores/tuning.ts'

/**
 * A prefix of a bucket, `gs://bucket/prefix`, as a store. The version of an object is the checksum that Google keeps
 * of it and its size; every byte is read of one generation, so a copy never mixes two deliveries. UserError when the
 * location names no bucket.
 */
export function openGcsBucket(location: string, options: OpenStoreOptions): ObjectStore {
  const [, bucket = '', under = ''] = /^gs:\/\/([^/]*)\/?(.*)$/i.exec(location) ?? []
  if (bucket === '') throw new UserError(`"${location}" names no bucket`, { hint: 'Write gs://bucket/prefix.' })
  const prefix = under === '' || under.endsWith('/') ? under : `${under}/`
  const connection = connectToGcs(bucket, options.env)
  const tuning = { ...standardTuning, ...options.tuning }
  const { signal } = options
  const requests = gcsRequests(connection, tuning, signal)
  const cache = openCache(cacheFolder(options.cacheDirectory, connection, bucket, prefix))
  const objectsAtOnce = new PQueue({ concurrency: tuning.concurrency })
  const downloading = downloadOptions(tuning)
  const urlOf = (key: string) => `gs://${bucket}/${prefix}${key}`

  async function inUsersWords<T>(action: GcsAttempt['action'], object: string, work: () => Promise<T>): Promise<T> {
    try {
      signal?.throwIfAborted()
      return await work()
    } catch (error) {
      signal?.throwIfAborted()
      const { endpoint } = connection
      throw explainGcsError(error, { object, bucket, action, endpoint, attempts: tuning.retry.attempts })
    }
  }

  async function bring(object: ObjectInfo, progress: Progress): Promise<string> {
    return bringObject(object, prefix + object.key, urlOf(object.key), {
      requests,
      cache,
      downloading,
      progress,
      signal,
    })
  }

  async function stat(key: string): Promise<ObjectInfo | undefined> {
    checkKey(key, location)
    return inUsersWords('read', urlOf(key), async () => {
      const found = await requests.head(prefix + key).catch(missingIsUndefined)
      return found && describe(key, found)
    })
  }

  return {
    location,
    stat,
    async list(folder) {
      checkFolder(folder, location)
      return inUsersWords('list', location, () => list(requests, prefix, folder))
    },
    async readText(key) {
      const object = await stat(key)
      if (object === undefined) throw noSuchObject(key, location)
      return inUsersWords('read', urlOf(key), async () => decodeText(await readWhole(requests, prefix + key), key))
    },
    async fetch(object, progress = () => undefined) {
      checkKey(object.key, location)
      return inUsersWords('read', urlOf(object.key), () => objectsAtOnce.add(() => bring(object, progress)))
    },
    async forget(keep) {
      await cache.keepOnly(new Set(keep.map(copyName)))
    },
  }
}

async function list(requests: GcsRequests, prefix: string, folder: string): Promise<Listing> {
  const folders: string[] = []
  const objects: ObjectInfo[] = []
  for await (const { prefixes, items } of requests.pages(prefix + folder)) {
    for (const name of prefixes) folders.push(name.slice(prefix.length))
    for (const facts of items) {
      // Consoles and tools make an empty object for a folder; it holds nothing.
      if (!facts.name.endsWith('/')) objects.push(describe(facts.name.slice(prefix.length), facts))
    }
  }
  return { folders: folders.toSorted(byCodeUnit), objects: objects.toSorted((a, b) => byCodeUnit(a.key, b.key)) }
}

interface Bringing {
  readonly requests: GcsRequests
  readonly cache: Cache
  readonly downloading: DownloadOptions
  readonly progress: Progress
  readonly signal: AbortSignal | undefined
}

/** The copy in the cache, or a new one: downloaded, compared with Google's checksum, put in place. */
async function bringObject(
  object: ObjectInfo,
  key: string,
  url: string,
  { requests, cache, downloading, progress, signal }: Bringing,
): Promise<string> {
  signal?.throwIfAborted()
  const { size } = object
  const present = await cache.find(copyName(object), size)
  if (present !== undefined) {
    progress(size)
    return present
  }
  const facts = await requests.head(key)
  if (describe(object.key, facts).version !== object.version) throw replaced(url)
  const expected = checksumIn(facts)
  const open = (from: number, to: number, attempt: AbortSignal) =>
    requests.open({ key, generation: facts.generation, from, to }, attempt)

  return cache.fill(copyName(object), async (file, part) => {
    await download({ size, open, progress }, file, downloading, signal)
    if (expected === undefined || (await agrees(part, expected, signal))) return
    progress(-size)
    await download({ size, open, progress }, file, downloading, signal)
    if (!(await agrees(part, expected, signal))) throw wrongBytes(url, expected)
  })
}

async function readWhole(requests: GcsRequests, key: string): Promise<Buffer> {
  const { generation, size } = await requests.head(key)
  if (size === 0) return Buffer.alloc(0)
  const chunks: Uint8Array[] = []
  const body = await requests.open({ key, generation, from: 0, to: size }, new AbortController().signal)
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function checksumIn({ md5, crc32c }: GcsFacts): Checksum | undefined {
  if (md5 !== undefined) return { algorithm: 'MD5', value: md5 }
  return crc32c === undefined ? undefined : { algorithm: 'CRC32C', value: crc32c }
}

async function agrees(file: string, { algorithm, value }: Checksum, signal?: AbortSignal): Promise<boolean> {
  return (await checksumOf(file, algorithm, signal)).value === value
}

function wrongBytes(object: string, { algorithm, value }: Checksum): DataError {
  return new DataError(`${object} arrived twice with other bytes than Google has (${algorithm} ${value})`, {
    where: { file: object },
    hint: 'Something between here and Google alters the data; try another network.',
  })
}

function downloadOptions({ partSize, idleMs, concurrency, retry, sleep, random }: StoreTuning): DownloadOptions {
  const queue = new PQueue({ concurrency })
  return { partSize, idleMs, queue, retry: { policy: retry, judge: judgeGcsError, sleep, random } }
}

/** One folder per endpoint, bucket and prefix: what one location forgets is no other's. */
function cacheFolder(cacheDirectory: string, connection: GcsConnection, bucket: string, prefix: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([connection.endpoint, bucket, prefix]))
    .digest('hex')
  return path.join(cacheDirectory, `gs-${bucket.replaceAll(/[^\w.-]/g, '_')}-${digest.slice(0, 16)}`)
}

function copyName({ key, version }: ObjectInfo): string {
  return cacheName([key, version], key)
}

/** A generation is new whenever an object is written, also with the same bytes; a checksum is not. */
function describe(key: string, { size, md5, crc32c, generation }: GcsFacts): ObjectInfo {
  return { key, size, version: `${md5 ?? crc32c ?? generation}:${size}` }
}

function missingIsUndefined(error: unknown): undefined {
  if (!isMissing(error)) throw error
  return undefined
}
