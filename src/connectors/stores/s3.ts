import { createHash } from 'node:crypto'
import path from 'node:path'
import PQueue from 'p-queue'
import { cacheName, openCache, type Cache } from '../../core/stores/cache.ts'
import { checksumOf } from '../../core/stores/checksum.ts'
import { download, type DownloadOptions } from '../../core/stores/download.ts'
import { byCodeUnit, checkFolder, checkKey, decodeText, noSuchObject } from '../../core/stores/keys.ts'
import type { Listing, ObjectInfo, ObjectStore, Progress } from './object-store.ts'
import { storedChecksum, wrongBytes } from '../../core/stores/s3-checksum.ts'
import type { S3Connection } from '../../core/stores/s3-client.ts'
import { explainS3Error, isMissing, judgeS3Error, type S3Attempt } from '../../core/stores/s3-errors.ts'
import { s3Requests, type S3Requests } from '../../core/stores/s3-requests.ts'
import { standardTuning, type StoreTuning } from '../../core/stores/tuning.ts'

export interface S3Options {
  /** As the user wrote it. */
  readonly location: string
  readonly bucket: string
  /** '' or ends with a slash. */
  readonly prefix: string
  readonly cacheDirectory: string
  readonly connection: S3Connection
  readonly signal?: AbortSignal | undefined
  readonly tuning?: Partial<StoreTuning> | undefined
}

/**
 * A prefix of a bucket as a store. The version of an object is its ETag and size; every byte is read under that
 * ETag (If-Match), so a copy never mixes two deliveries.
 */
export function openS3Store(options: S3Options): ObjectStore {
  const { location, bucket, prefix, connection, signal } = options
  const tuning = { ...standardTuning, ...options.tuning }
  const requests = s3Requests(bucket, connection, tuning, signal)
  const cache = openCache(cacheFolder(options))
  const objectsAtOnce = new PQueue({ concurrency: tuning.concurrency })
  const downloading = downloadOptions(tuning)
  const urlOf = (key: string) => `s3://${bucket}/${prefix}${key}`

  async function inUsersWords<T>(action: S3Attempt['action'], object: string, work: () => Promise<T>): Promise<T> {
    try {
      signal?.throwIfAborted()
      return await work()
    } catch (error) {
      signal?.throwIfAborted()
      const attempt = { object, bucket, action, attempts: tuning.retry.attempts }
      throw explainS3Error(error, attempt, await connection.endpoint())
    }
  }

  return {
    location,
    async list(folder) {
      checkFolder(folder, location)
      return inUsersWords('s3:ListBucket', location, () => list(requests, prefix, folder))
    },
    async stat(key) {
      checkKey(key, location)
      return inUsersWords('s3:GetObject', urlOf(key), async () => {
        const found = await requests.head(prefix + key).catch(missingIsUndefined)
        return found && describe(key, found.ETag, found.ContentLength ?? 0)
      })
    },
    async readText(key) {
      checkKey(key, location)
      return inUsersWords('s3:GetObject', urlOf(key), async () => {
        const bytes = await requests.readWhole(prefix + key).catch(missingIsUndefined)
        if (bytes === undefined) throw noSuchObject(key, location)
        return decodeText(bytes, key)
      })
    },
    async fetch(object, progress = () => undefined) {
      checkKey(object.key, location)
      const remote = { ...object, fullKey: prefix + object.key, url: urlOf(object.key) }
      const bringing = { requests, cache, downloading, progress, signal }
      return inUsersWords('s3:GetObject', remote.url, () => objectsAtOnce.add(() => bring(remote, bringing)))
    },
    async forget(keep) {
      await cache.keepOnly(new Set(keep.map(copyName)))
    },
  }
}

async function list(requests: S3Requests, prefix: string, folder: string): Promise<Listing> {
  const folders: string[] = []
  const objects: ObjectInfo[] = []
  for await (const page of requests.pages(prefix + folder)) {
    for (const { Prefix = '' } of page.CommonPrefixes ?? []) folders.push(Prefix.slice(prefix.length))
    for (const { Key = '', ETag, Size = 0 } of page.Contents ?? []) {
      // Consoles and tools make an empty object for a folder; it holds nothing.
      if (!Key.endsWith('/')) objects.push(describe(Key.slice(prefix.length), ETag, Size))
    }
  }
  return { folders: folders.toSorted(byCodeUnit), objects: objects.toSorted((a, b) => byCodeUnit(a.key, b.key)) }
}

interface RemoteObject extends ObjectInfo {
  readonly fullKey: string
  readonly url: string
}

interface Bringing {
  readonly requests: S3Requests
  readonly cache: Cache
  readonly downloading: DownloadOptions
  readonly progress: Progress
  readonly signal: AbortSignal | undefined
}

/** The copy in the cache, or a new one: downloaded, compared with the checksum that S3 has, put in place. */
async function bring(
  object: RemoteObject,
  { requests, cache, downloading, progress, signal }: Bringing,
): Promise<string> {
  signal?.throwIfAborted()
  const { fullKey: key, size, url } = object
  const present = await cache.find(copyName(object), size)
  if (present !== undefined) {
    progress(size)
    return present
  }
  const etag = object.version.slice(0, object.version.lastIndexOf(':'))
  const expected = storedChecksum(await requests.head(key, etag))
  const open = (from: number, to: number, attempt: AbortSignal) => requests.open({ key, etag, from, to }, attempt)

  return cache.fill(copyName(object), async (file, part) => {
    await download({ size, open, progress }, file, downloading, signal)
    if (expected === undefined) return
    if ((await checksumOf(part, expected.algorithm, signal)).value === expected.value) return
    progress(-size)
    await download({ size, open, progress }, file, downloading, signal)
    const found = await checksumOf(part, expected.algorithm, signal)
    if (found.value !== expected.value) throw wrongBytes(url, expected, found)
  })
}

function downloadOptions({ partSize, idleMs, concurrency, retry, sleep, random }: StoreTuning): DownloadOptions {
  const queue = new PQueue({ concurrency })
  return { partSize, idleMs, queue, retry: { policy: retry, judge: judgeS3Error, sleep, random } }
}

/** One folder per endpoint, bucket and prefix: what one location forgets is no other's. */
function cacheFolder({ cacheDirectory, bucket, prefix, connection }: S3Options): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([connection.name, bucket, prefix]))
    .digest('hex')
  return path.join(cacheDirectory, `s3-${bucket.replaceAll(/[^\w.-]/g, '_')}-${digest.slice(0, 16)}`)
}

function copyName({ key, version }: ObjectInfo): string {
  return cacheName([key, version], key)
}

function describe(key: string, etag: string | undefined, size: number): ObjectInfo {
  return { key, size, version: `${(etag ?? '').replaceAll('"', '')}:${size}` }
}

function missingIsUndefined(error: unknown): undefined {
  if (!isMissing(error)) throw error
  return undefined
}
