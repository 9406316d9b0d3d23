import { createHash, randomUUID } from 'node:crypto'
import type { SeenWrite, WriteVerb } from './fake-writes.ts'

/** Of an object of the fake: its bytes, its ETag without quotes, and the headers that come back with it. */
export interface StoredObject {
  readonly bytes: Buffer
  readonly etag: string
  readonly modified: Date
  readonly metadata: Readonly<Record<string, string>>
}

interface Upload {
  readonly key: string
  readonly metadata: Readonly<Record<string, string>>
  readonly parts: Map<number, Buffer>
}

export interface WrittenObjects {
  readonly objects: Map<string, StoredObject>
  readonly uploads: Map<string, Upload>
  /** Takes conditions and does not look at them, as older stores do. */
  readonly unconditional: boolean
}

export type WriteAnswer =
  | { readonly status: number; readonly xml?: string; readonly headers?: Record<string, string> }
  | { readonly status: number; readonly code: string }

/** undefined for a request that reads. */
export function writeVerb(method: string | undefined, key: string, query: URLSearchParams, copies: boolean) {
  const verbs: Record<string, WriteVerb | undefined> = {
    GET: key === '' && query.has('uploads') ? 'UPLOADS' : undefined,
    PUT: copies ? 'COPY' : query.has('partNumber') ? 'PART' : 'PUT',
    POST: query.has('uploads') ? 'BEGIN' : 'COMMIT',
    DELETE: query.has('uploadId') ? 'ABORT' : 'DELETE',
  }
  return verbs[method ?? '']
}

const refused: WriteAnswer = { status: 412, code: 'PreconditionFailed' }

export function carryOut(write: SeenWrite, store: WrittenObjects): WriteAnswer {
  const sent = write.headers['content-md5']
  if (sent !== undefined && sent !== md5(write.body).toString('base64')) return { status: 400, code: 'BadDigest' }
  switch (write.verb) {
    case 'PUT':
      return conditionally(write, store, () => stored(write.key, write.body, metadataOf(write), store))
    case 'COPY':
      return copy(write, store)
    case 'DELETE':
      store.objects.delete(write.key)
      return { status: 204 }
    case 'UPLOADS':
      return { status: 200, xml: listUploads(store, write.query['prefix'] ?? '') }
    case 'BEGIN': {
      const id = randomUUID()
      store.uploads.set(id, { key: write.key, metadata: metadataOf(write), parts: new Map() })
      return {
        status: 200,
        xml: `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      }
    }
    default:
      return ofUpload(write, store)
  }
}

function ofUpload({ verb, key, headers, query, body }: SeenWrite, store: WrittenObjects): WriteAnswer {
  const { uploadId = '', partNumber } = query
  const upload = store.uploads.get(uploadId)
  if (upload === undefined) return { status: 404, code: 'NoSuchUpload' }
  if (verb === 'PART') {
    upload.parts.set(Number(partNumber), body)
    return { status: 200, headers: { etag: `"${md5(body).toString('hex')}"` } }
  }
  if (verb === 'ABORT') {
    store.uploads.delete(uploadId)
    return { status: 204 }
  }
  const parts = [...upload.parts].toSorted(([a], [b]) => a - b).map(([, bytes]) => bytes)
  return conditionally({ headers, key }, store, () => {
    store.uploads.delete(uploadId)
    const etag = `${md5(Buffer.concat(parts.map(md5))).toString('hex')}-${parts.length}`
    const object = stored(key, Buffer.concat(parts), upload.metadata, store, etag)
    return { ...object, xml: `<CompleteMultipartUploadResult><ETag>"${etag}"</ETag></CompleteMultipartUploadResult>` }
  })
}

function conditionally(
  { key, headers }: Pick<SeenWrite, 'key' | 'headers'>,
  { objects, unconditional }: WrittenObjects,
  write: () => WriteAnswer,
): WriteAnswer {
  const there = objects.get(key)
  const wanted = headers['if-match']
  if (unconditional) return write()
  if (headers['if-none-match'] === '*' && there !== undefined) return refused
  if (wanted === undefined) return write()
  if (there === undefined) return { status: 404, code: 'NoSuchKey' }
  return wanted === `"${there.etag}"` ? write() : refused
}

function copy({ key, headers, query }: SeenWrite, store: WrittenObjects): WriteAnswer {
  const from = decodeURIComponent(String(headers['x-amz-copy-source'])).split('/').slice(1).join('/')
  const source = store.objects.get(from)
  if (source === undefined) return { status: 404, code: 'NoSuchKey' }
  const wanted = headers['x-amz-copy-source-if-match']
  if (wanted !== undefined && wanted !== `"${source.etag}"`) return refused
  const upload = store.uploads.get(query['uploadId'] ?? '')
  if (upload === undefined) {
    const { etag } = put(key, source.bytes, source.metadata, store)
    return { status: 200, xml: `<CopyObjectResult><ETag>"${etag}"</ETag></CopyObjectResult>` }
  }
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(String(headers['x-amz-copy-source-range'])) ?? []
  const part = source.bytes.subarray(Number(first), Number(last) + 1)
  upload.parts.set(Number(query['partNumber']), part)
  return { status: 200, xml: `<CopyPartResult><ETag>"${md5(part).toString('hex')}"</ETag></CopyPartResult>` }
}

function stored(...object: Parameters<typeof put>): WriteAnswer {
  return { status: 200, headers: { etag: `"${put(...object).etag}"` } }
}

function put(
  key: string,
  bytes: Buffer,
  metadata: StoredObject['metadata'],
  { objects }: WrittenObjects,
  etag = md5(bytes).toString('hex'),
): StoredObject {
  const object = { bytes, etag, metadata, modified: new Date() }
  objects.set(key, object)
  return object
}

function listUploads({ uploads }: WrittenObjects, prefix: string): string {
  const entries = [...uploads]
    .filter(([, { key }]) => key.startsWith(prefix))
    .map(([id, { key }]) => `<Upload><Key>${key}</Key><UploadId>${id}</UploadId></Upload>`)
  return `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${entries.join('')}</ListMultipartUploadsResult>`
}

function metadataOf({ headers }: SeenWrite): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (name.startsWith('x-amz-meta-') ? [[name, String(value)]] : [])),
  )
}

const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest()
