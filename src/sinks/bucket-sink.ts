import { createHash } from 'node:crypto'
import { rm, stat } from 'node:fs/promises'
import path from 'node:path'
import PQueue from 'p-queue'
import { RetryableError } from '../core/errors.ts'
import { checksumOf } from '../core/stores/checksum.ts'
import { expecting, type Bucket } from './bucket.ts'
import { makeFolder } from './folder.ts'
import { lakeCache } from './lake-cache.ts'
import { lakeReader, type LakeReader } from './lake-reader.ts'
import { withLease, type Lease } from './lease.ts'
import { historyPath, partitionPath, versionsBeyond, type Partition, type Sink } from './sink.ts'
import type { LakeTuning } from './tuning.ts'

/** The lake that this run holds; empty outside of `hold`. */
interface Held {
  lease?: Lease | undefined
  signal?: AbortSignal | undefined
}

interface Lake {
  readonly bucket: Bucket
  readonly held: Held
  readonly reader: LakeReader
  readonly cache: ReturnType<typeof lakeCache>
}

/** Reads of several files at one time; each is brought in several parts. */
const filesAtOnce = 4

/**
 * A lake in a bucket, whatever its protocol. A partition is written to a file on this machine, staged, and becomes the
 * object in one request that names what it replaces. While the lake is held, every step that others see asks first
 * whether it still is.
 */
export function bucketSink(bucket: Bucket, workDirectory: string, tuning: LakeTuning): Sink {
  const digest = createHash('sha256').update(bucket.address).digest('hex').slice(0, 12)
  const asideFolder = path.join(workDirectory, 'aside', digest)
  const cache = lakeCache(path.join(workDirectory, 'lake', digest))
  const held: Held = {}
  const lake: Lake = { bucket, held, cache, reader: lakeReader(bucket, cache, tuning) }

  return {
    address: bucket.address,
    hold: (runId, now, work, options = {}) =>
      withLease(bucket, { ...options, runId, now, tuning }, async (lease) => {
        Object.assign(held, { lease, signal: options.signal })
        try {
          return await work()
        } finally {
          Object.assign(held, { lease: undefined, signal: undefined })
        }
      }),
    async asidePath(runId, { dataset, period, source }) {
      const folder = path.join(asideFolder, runId)
      await makeFolder(folder)
      return path.join(folder, `${dataset}-${source}-${period}.parquet`)
    },
    publish: (partition, aside) => publish(lake, partitionPath(partition), aside),
    keepVersion: (partition, version) => keepVersion(lake, partition, version),
    async trimHistory(partition, keep) {
      const folder = path.posix.dirname(historyPath(partition, 0))
      const oldest = versionsBeyond(await bucket.list(folder), keep)
      if (oldest.length > 0) await held.lease?.check()
      for (const version of oldest) await bucket.remove(historyPath(partition, version))
    },
    async clearAside() {
      await rm(asideFolder, { recursive: true, force: true })
      await cache.trim()
    },
    async partitionState(partition, bytes) {
      const found = await bucket.head(partitionPath(partition))
      if (found === undefined) return 'missing'
      return found.bytes === bytes ? 'as published' : 'another file'
    },
    async readable(files) {
      const queue = new PQueue({ concurrency: filesAtOnce })
      return queue.addAll(files.map((file) => () => lake.reader.bring(file)))
    },
    writeFile: (name, content) => writeFile(lake, name, Buffer.from(content)),
    readFile: async (name) => (await bucket.read(name))?.content,
    listNames: async (folder) => (await bucket.list(folder)).toSorted(),
  }
}

async function publish({ bucket, held, cache }: Lake, key: string, aside: string): Promise<void> {
  const { size: bytes } = await stat(aside)
  const { value } = await checksumOf(aside, 'SHA256', held.signal)
  const sha256 = Buffer.from(value, 'base64').toString('hex')
  // Looked at before the lease is: what a successor writes later is another content than this one.
  const expected = expecting(await bucket.head(key))
  const staged = await bucket.stage({ key, file: aside, bytes, sha256, expected }, held.signal)
  try {
    await held.lease?.check()
    const written = await staged.commit()
    if (written === 'refused') throw replaced(`${bucket.address}/${key}`)
    await cache.adopt(aside, key, written.tag)
  } catch (error) {
    await staged.abandon().catch(() => undefined)
    throw error
  }
}

async function keepVersion({ bucket, held }: Lake, partition: Partition, version: number): Promise<void> {
  const key = partitionPath(partition)
  const found = await bucket.head(key)
  if (found === undefined) return
  await held.lease?.check()
  const outcome = await bucket.copy(key, found.tag, historyPath(partition, version))
  if (outcome === 'refused') throw replaced(`${bucket.address}/${key}`)
}

/** The holder of the lake wins: what came between is of a run that was displaced while its request was under way. */
async function writeFile({ bucket, held }: Lake, name: string, content: Buffer): Promise<void> {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const expected = expecting(await bucket.head(name))
    await held.lease?.check()
    if ((await bucket.put(name, content, expected)) !== 'refused') return
  }
  throw replaced(`${bucket.address}/${name}`)
}

function replaced(object: string): RetryableError {
  return new RetryableError(`${object} was written by somebody else at the same time`, {
    where: { file: object },
    hint: 'Run again; should it go on, look for what else writes to the lake.',
  })
}
