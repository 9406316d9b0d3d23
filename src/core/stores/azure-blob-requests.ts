import { addAbortSignal, Readable } from 'node:stream'
import type { BlobGetPropertiesResponse, ContainerListBlobHierarchySegmentResponse } from '@azure/storage-blob'
import { DataError } from '../errors.ts'
import { retry } from '../retry.ts'
import type { BlobConnection } from './azure-blob-client.ts'
import { judgeBlobError } from './azure-blob-errors.ts'
import { whileAlive } from './idle.ts'
import type { StoreTuning } from './tuning.ts'

/**
 * The four requests that reading takes, by full key. All but `open` are tried again as the policy says, and every
 * one throws the client library's own errors.
 */
export interface BlobRequests {
  pages(prefix: string): AsyncIterable<ContainerListBlobHierarchySegmentResponse['segment']>
  head(key: string): Promise<BlobGetPropertiesResponse>
  readWhole(key: string): Promise<Buffer>
  /** One attempt at the bytes from `from` up to, not including, `to`. Status 412 when the blob is another by now. */
  open(range: BlobRange, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>
}

export interface BlobRange {
  readonly key: string
  readonly etag: string
  readonly from: number
  readonly to: number
}

export function blobRequests(
  connection: BlobConnection,
  tuning: StoreTuning,
  signal: AbortSignal | undefined,
): BlobRequests {
  function ask<T>(request: (attempt: AbortSignal) => Promise<T>): Promise<T> {
    const { retry: policy, sleep, random, idleMs } = tuning
    return retry(() => whileAlive(idleMs, signal, request), { policy, judge: judgeBlobError, sleep, random, signal })
  }

  return {
    async *pages(prefix) {
      let continuationToken: string | undefined
      do {
        const from = continuationToken === undefined ? {} : { continuationToken }
        const page = await ask(async (abortSignal) => {
          const listing = (await connection.container()).listBlobsByHierarchy('/', { prefix, abortSignal })
          return listing.byPage({ maxPageSize: tuning.pageSize, ...from }).next()
        })
        if (page.done === true) return
        yield page.value.segment
        continuationToken = page.value.continuationToken || undefined
      } while (continuationToken !== undefined)
    },
    head(key) {
      return ask(async (abortSignal) => (await blob(connection, key)).getProperties({ abortSignal }))
    },
    readWhole(key) {
      return ask(async (abortSignal) => {
        const answer = await (await blob(connection, key)).download(0, undefined, { abortSignal, maxRetryRequests: 0 })
        return wholeBody(answer, abortSignal)
      })
    },
    async open({ key, etag, from, to }, abortSignal) {
      const client = await blob(connection, key)
      const conditions = { ifMatch: etag }
      const answer = await client.download(from, to - from, { conditions, abortSignal, maxRetryRequests: 0 })
      const stream = readable(answer.readableStreamBody)
      if (answer.contentRange?.startsWith(`bytes ${from}-${to - 1}/`) === true) return bodyOf(stream, abortSignal)
      stream.destroy()
      throw notTheRange(key, `${from}-${to - 1}`, answer.contentRange)
    },
  }
}

/** The body of an answer to a download. */
export async function wholeBody(
  { readableStreamBody }: { readonly readableStreamBody?: NodeJS.ReadableStream },
  signal: AbortSignal,
): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of bodyOf(readable(readableStreamBody), signal)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function blob(connection: BlobConnection, key: string) {
  return (await connection.container()).getBlobClient(key)
}

function readable(stream: NodeJS.ReadableStream | undefined): Readable {
  if (!(stream instanceof Readable)) throw new TypeError('the client library gave a body that is no stream')
  return stream
}

/**
 * A connection that breaks in the middle of a body is told by the library as an abort, or as corrupt data: neither
 * has the code by which it is known as a failure of the network.
 */
async function* bodyOf(stream: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks: AsyncIterable<Uint8Array> = addAbortSignal(signal, stream)
  try {
    yield* chunks
  } catch (error) {
    const isBroken =
      error instanceof Error && (error.name === 'AbortError' || error.message.includes('received less data than'))
    if (signal.aborted || !isBroken) throw error
    throw Object.assign(new Error('the connection broke in the middle of the body'), { code: 'ECONNRESET' })
  }
}

function notTheRange(key: string, asked: string, got: string | undefined): DataError {
  return new DataError(`${key}: asked for bytes ${asked}, got ${got ?? 'the whole blob'}`, {
    where: { file: key },
    hint: 'The server, or a proxy in front of it, does not know ranged reads; focal needs them.',
  })
}
