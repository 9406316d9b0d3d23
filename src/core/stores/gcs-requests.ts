import { addAbortSignal, type Readable } from 'node:stream'
import { retry } from '../retry.ts'
import type { GcsConnection } from './gcs-client.ts'
import { judgeGcsError } from './gcs-errors.ts'
import { whileAlive } from './idle.ts'
import type { StoreTuning } from './tuning.ts'

/** What Google Cloud Storage says of an object. */
export interface GcsFacts {
  readonly name: string
  readonly size: number
  /** Of this very content; another when the object is written again. */
  readonly generation: string
  /** Base64; absent on objects that were composed of others. */
  readonly md5: string | undefined
  /** Base64. */
  readonly crc32c: string | undefined
}

export interface GcsPage {
  readonly prefixes: readonly string[]
  readonly items: readonly GcsFacts[]
}

/** The requests that reading takes, by full key. All but `open` are tried again; all throw the library's own errors. */
export interface GcsRequests {
  pages(prefix: string): AsyncIterable<GcsPage>
  head(key: string): Promise<GcsFacts>
  /** One attempt at the bytes of one generation from `from` up to, not including, `to`. */
  open(range: GcsRange, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>
}

export interface GcsRange {
  readonly key: string
  readonly generation: string
  readonly from: number
  readonly to: number
}

export function gcsRequests(
  connection: GcsConnection,
  { retry: policy, sleep, random, idleMs, pageSize }: StoreTuning,
  signal: AbortSignal | undefined,
): GcsRequests {
  function ask<T>(request: () => Promise<T>): Promise<T> {
    const once = () => whileAlive(idleMs, signal, (attempt) => unlessAborted(request(), attempt))
    return retry(once, { policy, judge: judgeGcsError, sleep, random, signal })
  }

  return {
    async *pages(prefix) {
      let pageToken: string | undefined
      do {
        const from = pageToken === undefined ? {} : { pageToken }
        const [files, next, answer] = await ask(async () => {
          const bucket = await connection.bucket()
          return bucket.getFiles({ prefix, delimiter: '/', autoPaginate: false, maxResults: pageSize, ...from })
        })
        const prefixes = (answer as { prefixes?: string[] } | undefined)?.prefixes ?? []
        yield { prefixes, items: files.map(({ name, metadata }) => factsOf({ ...metadata, name })) }
        pageToken = (next as { pageToken?: string } | null | undefined)?.pageToken
      } while (pageToken !== undefined)
    },
    head(key) {
      return ask(async () => {
        const [metadata] = await (await connection.bucket()).file(key).getMetadata()
        return factsOf({ ...metadata, name: key })
      })
    },
    async open({ key, generation, from, to }, abortSignal) {
      const file = (await connection.bucket()).file(key, { generation: Number(generation) })
      // Parts cannot be validated one by one; the whole file is compared with its checksum.
      const body: Readable = file.createReadStream({ start: from, end: to - 1, validation: false, decompress: false })
      return bodyOf(body, abortSignal)
    },
  }
}

interface Metadata {
  readonly name: string
  readonly size?: string | number
  readonly generation?: string | number
  readonly md5Hash?: string
  readonly crc32c?: string
}

function factsOf({ name, size = 0, generation = '', md5Hash, crc32c }: Metadata): GcsFacts {
  return { name, size: Number(size), generation: String(generation), md5: md5Hash, crc32c }
}

/** A connection that breaks in the middle of a body is told without the code of a failure of the network. */
async function* bodyOf(stream: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks: AsyncIterable<Uint8Array> = addAbortSignal(signal, stream)
  try {
    yield* chunks
  } catch (error) {
    const isBroken = error instanceof Error && /premature close|aborted|socket hang up/i.test(error.message)
    if (signal.aborted || !isBroken) throw error
    throw Object.assign(new Error('the connection broke in the middle of the body'), { code: 'ECONNRESET' })
  }
}

/** The library's calls take no signal: what is aborted goes on without anybody who listens. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const ended = new AbortController()
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { signal: ended.signal })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    ended.abort()
  }
}
