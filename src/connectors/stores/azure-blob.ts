import { createHash } from 'node:crypto'
import path from 'node:path'
import type { BlobGetPropertiesResponse } from '@azure/storage-blob'
import PQueue from 'p-queue'
import { DataError, UserError } from '../../core/errors.ts'
import { connectToBlobs, type BlobConnection } from '../../core/stores/azure-blob-client.ts'
import {
  explainBlobError,
  isMissing,
  judgeBlobError,
  replaced,
  type BlobAttempt,
} from '../../core/stores/azure-blob-errors.ts'
import { blobRequests, type BlobRequests } from '../../core/stores/azure-blob-requests.ts'
import { cacheName, openCache, type Cache } from '../../core/stores/cache.ts'
import { checksumOf } from '../../core/stores/checksum.ts'
import { download, type DownloadOptions } from '../../core/stores/download.ts'
import { byCodeUnit, checkFolder, checkKey, decodeText, noSuchObject } from '../../core/stores/keys.ts'
import type { Listing, ObjectInfo, ObjectStore, Progress } from './object-store.ts'
import type { OpenStoreOptions } from './open.ts'
import { standardTuning, type StoreTuning } from '../../core/stores/tuning.ts'

/**
 * A prefix of a container, `az://account/container/prefix`, as a store. The version of a blob is the MD5 that Azure
 * keeps of it, or its ETag when there is none, and its size; every byte is read under one ETag (If-Match), so a copy
 * never mixes two deliveries. UserError when the location names no account or no container.
 */
export function openBlobContainer(location: string, options: OpenStoreOptions): ObjectStore {
  const [, account = '', container = '', under = ''] = /^az:\/\/([^/]*)\/?([^/]*)\/?(.*)$/i.exec(location) ?? []
  if (account === '' || container === '') {
    const hint = 'Write az://account/container/prefix.'
    throw new UserError(`"${location}" names no ${account === '' ? 'storage account' : 'container'}`, { hint })
  }
  const prefix = under === '' || under.endsWith('/') ? under : `${under}/`
  const connection = connectToBlobs(account, container, options.env)
  const tuning = { ...standardTuning, ...options.tuning }
  return openPrefix({ location, account, container, prefix, connection, tuning, options })
}

interface Opened {
  readonly location: string
  readonly account: string
  readonly container: string
  /** '' or ends with a slash. */
  readonly prefix: string
  readonly connection: BlobConnection
  readonly tuning: StoreTuning
  readonly options: OpenStoreOptions
}

function openPrefix(opened: Opened): ObjectStore {
  const { location, account, container, prefix, connection, tuning } = opened
  const { signal } = opened.options
  const requests = blobRequests(connection, tuning, signal)
  const cache = openCache(cacheFolder(opened))
  const objectsAtOnce = new PQueue({ concurrency: tuning.concurrency })
  const downloading = downloadOptions(tuning)
  const urlOf = (key: string) => `az://${account}/${container}/${prefix}${key}`

  async function inUsersWords<T>(action: BlobAttempt['action'], object: string, work: () => Promise<T>): Promise<T> {
    try {
      signal?.throwIfAborted()
      return await work()
    } catch (error) {
      signal?.throwIfAborted()
      const { endpoint } = connection
      throw explainBlobError(error, { object, account, container, action, endpoint, attempts: tuning.retry.attempts })
    }
  }

  return {
    location,
    async list(folder) {
      checkFolder(folder, location)
      return inUsersWords('list', location, () => list(requests, prefix, folder))
    },
    async stat(key) {
      checkKey(key, location)
      return inUsersWords('read', urlOf(key), async () => {
        const found = await requests.head(prefix + key).catch(missingIsUndefined)
        return found === undefined || isFolderMarker(found) ? undefined : describe(key, found)
      })
    },
    async readText(key) {
      checkKey(key, location)
      return inUsersWords('read', urlOf(key), async () => {
        const bytes = await requests.readWhole(prefix + key).catch(missingIsUndefined)
        if (bytes === undefined) throw noSuchObject(key, location)
        return decodeText(bytes, key)
      })
    },
    async fetch(object, progress = () => undefined) {
      checkKey(object.key, location)
      const remote = { ...object, fullKey: prefix + object.key, url: urlOf(object.key) }
      const bringing = { requests, cache, downloading, progress, signal }
      return inUsersWords('read', remote.url, () => objectsAtOnce.add(() => bring(remote, bringing)))
    },
    async forget(keep) {
      await cache.keepOnly(new Set(keep.map(copyName)))
    },
  }
}

async function list(requests: BlobRequests, prefix: string, folder: string): Promise<Listing> {
  const folders = new Set<string>()
  const objects: ObjectInfo[] = []
  for await (const { blobPrefixes = [], blobItems } of requests.pages(prefix + folder)) {
    for (const { name } of blobPrefixes) folders.add(name.slice(prefix.length))
    for (const { name, properties } of blobItems) objects.push(describe(name.slice(prefix.length), properties))
  }
  // Tools and accounts with a hierarchy keep an empty blob for a folder, with or without the slash; it holds nothing.
  const files = objects.filter(({ key, size }) => !key.endsWith('/') && !(size === 0 && folders.has(`${key}/`)))
  return { folders: [...folders].toSorted(byCodeUnit), objects: files.toSorted((a, b) => byCodeUnit(a.key, b.key)) }
}

function isFolderMarker({ metadata }: BlobGetPropertiesResponse): boolean {
  return Object.entries(metadata ?? {}).some(
    ([name, value]) => name.toLowerCase() === 'hdi_isfolder' && value === 'true',
  )
}

interface RemoteBlob extends ObjectInfo {
  readonly fullKey: string
  readonly url: string
}

interface Bringing {
  readonly requests: BlobRequests
  readonly cache: Cache
  readonly downloading: DownloadOptions
  readonly progress: Progress
  readonly signal: AbortSignal | undefined
}

/** The copy in the cache, or a new one: downloaded, compared with the MD5 that Azure has, put in place. */
async function bring(blob: RemoteBlob, { requests, cache, downloading, progress, signal }: Bringing): Promise<string> {
  signal?.throwIfAborted()
  const { fullKey: key, size, url, version } = blob
  const present = await cache.find(copyName(blob), size)
  if (present !== undefined) {
    progress(size)
    return present
  }
  const found = await requests.head(key)
  if (describe(blob.key, found).version !== version) throw replaced(url)
  const { etag = '', contentMD5 } = found
  const open = (from: number, to: number, attempt: AbortSignal) => requests.open({ key, etag, from, to }, attempt)

  return cache.fill(copyName(blob), async (file, part) => {
    await download({ size, open, progress }, file, downloading, signal)
    if (contentMD5 === undefined) return
    const expected = Buffer.from(contentMD5).toString('base64')
    if ((await checksumOf(part, 'MD5', signal)).value === expected) return
    progress(-size)
    await download({ size, open, progress }, file, downloading, signal)
    const { value } = await checksumOf(part, 'MD5', signal)
    if (value !== expected) throw wrongBytes(url, expected, value)
  })
}

function wrongBytes(object: string, expected: string, found: string): DataError {
  return new DataError(
    `${object} arrived twice with other bytes than Azure has: expected MD5 ${expected}, got ${found}`,
    {
      where: { file: object },
      hint: 'Its Content-MD5 may have been set wrongly when it was written, or something between here and Azure alters the data.',
    },
  )
}

function downloadOptions({ partSize, idleMs, concurrency, retry, sleep, random }: StoreTuning): DownloadOptions {
  const queue = new PQueue({ concurrency })
  return { partSize, idleMs, queue, retry: { policy: retry, judge: judgeBlobError, sleep, random } }
}

/** One folder per endpoint, container and prefix: what one location forgets is no other's. */
function cacheFolder({ options, container, prefix, connection }: Opened): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([connection.endpoint, container, prefix]))
    .digest('hex')
  return path.join(options.cacheDirectory, `az-${container.replaceAll(/[^\w.-]/g, '_')}-${digest.slice(0, 16)}`)
}

function copyName({ key, version }: ObjectInfo): string {
  return cacheName([key, version], key)
}

interface BlobFacts {
  readonly etag?: string
  readonly contentLength?: number
  readonly contentMD5?: Uint8Array
}

/** An ETag changes whenever a blob is written, also with the same bytes; an MD5 does not. */
function describe(key: string, { etag = '', contentLength: size = 0, contentMD5 }: BlobFacts): ObjectInfo {
  const state = contentMD5 === undefined ? etag.replaceAll('"', '') : Buffer.from(contentMD5).toString('hex')
  return { key, size, version: `${state}:${size}` }
}

function missingIsUndefined(error: unknown): undefined {
  if (!isMissing(error)) throw error
  return undefined
}
