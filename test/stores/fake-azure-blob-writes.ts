import { createHash } from 'node:crypto'
import type { SeenWrite, WriteVerb } from './fake-writes.ts'

/** A blob of the fake; its ETag has quotes, as Azure's have. */
export interface StoredBlob {
  readonly bytes: Buffer
  readonly etag: string
  /** Base64; null where Azure knows none, as of a blob that was written in blocks. */
  readonly md5: string | null
  readonly modified: Date
  /** With lower-case names, without `x-ms-meta-`. */
  readonly metadata: Readonly<Record<string, string>>
}

export interface WrittenBlobs {
  readonly blobs: Map<string, StoredBlob>
  /** Blocks that wait to be committed, by key and then id. */
  readonly blocks: Map<string, Map<string, Buffer>>
  /** Takes conditions and does not look at them. */
  readonly unconditional: boolean
  readonly newTag: () => string
}

export type WriteAnswer =
  | { readonly status: number; readonly headers?: Record<string, string> }
  | { readonly status: number; readonly code: string }

/** undefined for a request that reads. */
export function writeVerb(method: string | undefined, query: URLSearchParams, copies: boolean): WriteVerb | undefined {
  if (method === 'DELETE') return 'DELETE'
  if (method !== 'PUT') return undefined
  if (copies) return 'COPY'
  const parts: Record<string, WriteVerb> = { block: 'PART', blocklist: 'COMMIT' }
  return parts[query.get('comp') ?? ''] ?? 'PUT'
}

export function carryOut(write: SeenWrite, store: WrittenBlobs): WriteAnswer {
  const { key, headers, body, query } = write
  const sent = headers['content-md5'] ?? (write.verb === 'PUT' ? headers['x-ms-blob-content-md5'] : undefined)
  if (sent !== undefined && sent !== md5(body)) return { status: 400, code: 'Md5Mismatch' }
  switch (write.verb) {
    case 'PUT':
      return conditionally(write, store, () => put(write, body, md5(body), store))
    case 'PART': {
      const waiting = store.blocks.get(key) ?? new Map<string, Buffer>()
      store.blocks.set(key, waiting.set(query['blockid'] ?? '', body))
      return { status: 201 }
    }
    case 'COMMIT':
      return conditionally(write, store, () => commit(write, store))
    case 'COPY':
      return copy(write, store)
    default:
      return store.blobs.delete(key) ? { status: 202 } : { status: 404, code: 'BlobNotFound' }
  }
}

function conditionally(
  { key, headers }: SeenWrite,
  { blobs, unconditional }: WrittenBlobs,
  write: () => WriteAnswer,
): WriteAnswer {
  const there = blobs.get(key)
  if (unconditional) return write()
  if (headers['if-none-match'] === '*' && there !== undefined) return { status: 409, code: 'BlobAlreadyExists' }
  const wanted = headers['if-match']
  return wanted === undefined || wanted === there?.etag ? write() : { status: 412, code: 'ConditionNotMet' }
}

function commit(write: SeenWrite, store: WrittenBlobs): WriteAnswer {
  const waiting = store.blocks.get(write.key)
  const named = [...write.body.toString('utf8').matchAll(/<Latest>([^<]+)<\/Latest>/g)].map(([, id = '']) => id)
  const blocks = named.flatMap((id) => waiting?.get(id) ?? [])
  if (blocks.length < named.length) return { status: 400, code: 'InvalidBlockList' }
  return put(write, Buffer.concat(blocks), null, store)
}

function copy(write: SeenWrite, store: WrittenBlobs): WriteAnswer {
  const { headers } = write
  const from = new URL(String(headers['x-ms-copy-source'])).pathname.split('/').slice(3).map(decodeURIComponent)
  const source = store.blobs.get(from.join('/'))
  if (source === undefined) return { status: 404, code: 'BlobNotFound' }
  const wanted = headers['x-ms-source-if-match']
  if (wanted !== undefined && wanted !== source.etag) return { status: 412, code: 'SourceConditionNotMet' }
  const { etag } = placed(write.key, { ...source, modified: new Date() }, store)
  return { status: 202, headers: { etag, 'x-ms-copy-id': 'copy', 'x-ms-copy-status': 'success' } }
}

/** Blocks that were not committed go with every write of their blob. */
function put(write: SeenWrite, bytes: Buffer, digest: string | null, store: WrittenBlobs): WriteAnswer {
  const blob = { bytes, md5: digest, modified: new Date(), metadata: metadataOf(write) }
  return { status: 201, headers: { etag: placed(write.key, blob, store).etag } }
}

function placed(key: string, blob: Omit<StoredBlob, 'etag'>, { blobs, blocks, newTag }: WrittenBlobs): StoredBlob {
  const stored = { ...blob, etag: newTag() }
  blobs.set(key, stored)
  blocks.delete(key)
  return stored
}

function metadataOf({ headers }: SeenWrite): Record<string, string> {
  const start = 'x-ms-meta-'
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith(start) ? [[name.slice(start.length), String(value)]] : [],
    ),
  )
}

const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('base64')
