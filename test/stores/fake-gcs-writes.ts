import { createHash, randomUUID } from 'node:crypto'
import type { SeenWrite, WriteVerb } from './fake-writes.ts'

/** An object of the fake. */
export interface StoredObject {
  readonly bytes: Buffer
  readonly generation: string
  readonly updated: Date
  /** As the uploader gave it: content type, storage class, and under `metadata` what it noted. */
  readonly resource: Readonly<Record<string, unknown>>
}

interface Session {
  readonly key: string
  /** The generation to replace, compared when the last byte has come; null without a condition. */
  readonly condition: string | null
  readonly resource: Readonly<Record<string, unknown>>
  received: Buffer
  /** Set once it is complete. */
  made?: StoredObject
}

export interface WrittenObjects {
  readonly objects: Map<string, StoredObject>
  readonly sessions: Map<string, Session>
  /** Takes conditions and does not look at them. */
  readonly unconditional: boolean
  readonly newGeneration: () => string
}

export type WriteAnswer =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly json?: object }
  | { readonly status: number; readonly reason: string; readonly message?: string }

export interface Target {
  readonly verb: WriteVerb
  readonly key: string
}

/** undefined for a request that reads. */
export function writeTarget(method: string | undefined, url: URL, headers: SeenWrite['headers']): Target | undefined {
  const query = url.searchParams
  if (url.pathname.startsWith('/upload/'))
    return { verb: uploadVerb(method, query, headers), key: query.get('name') ?? '' }
  const [, key = '', to] = /\/o\/([^/]+)(?:\/rewriteTo\/b\/[^/]+\/o\/([^/]+))?$/.exec(url.pathname) ?? []
  if (to !== undefined) return { verb: 'COPY', key: decodeURIComponent(to) }
  return method === 'DELETE' ? { verb: 'DELETE', key: decodeURIComponent(key) } : undefined
}

function uploadVerb(method: string | undefined, query: URLSearchParams, headers: SeenWrite['headers']): WriteVerb {
  if (method === 'POST') return query.get('uploadType') === 'resumable' ? 'BEGIN' : 'PUT'
  if (method === 'DELETE') return 'ABORT'
  // An upload is completed by its last byte; one without any by asking how far it has come.
  const [, last = '-1', total] = /bytes (?:\d+-(\d+)|\*)\/(\d+)/.exec(String(headers['content-range'])) ?? []
  return Number(last) + 1 === Number(total) ? 'COMMIT' : 'PART'
}

export function carryOut(write: SeenWrite, url: URL, store: WrittenObjects): WriteAnswer {
  const { key, query } = write
  switch (write.verb) {
    case 'PUT': {
      const { resource, bytes } = partsOf(write)
      return make({ key, condition: query['ifGenerationMatch'] ?? null, resource }, bytes, store)
    }
    case 'BEGIN': {
      const id = randomUUID()
      const resource = JSON.parse(write.body.toString('utf8')) as Record<string, unknown>
      const condition = query['ifGenerationMatch'] ?? null
      store.sessions.set(id, { key, condition, resource, received: Buffer.alloc(0) })
      const session = new URL(url)
      session.search = new URLSearchParams({ name: key, upload_id: id }).toString()
      return { status: 200, headers: { location: session.href } }
    }
    case 'COPY':
      return copy(write, url, store)
    case 'DELETE':
      return store.objects.delete(key) ? { status: 204 } : { status: 404, reason: 'notFound' }
    default:
      return ofSession(write, store)
  }
}

function ofSession({ verb, headers, query, body }: SeenWrite, store: WrittenObjects): WriteAnswer {
  const id = query['upload_id'] ?? ''
  const session = store.sessions.get(id)
  if (session === undefined) return { status: 404, reason: 'notFound' }
  if (verb === 'ABORT') {
    store.sessions.delete(id)
    return { status: 499, reason: 'cancelled' }
  }
  if (session.made !== undefined) return { status: 200, json: metadata(session.key, session.made) }
  const [, from] = /bytes (\d+)-/.exec(String(headers['content-range'])) ?? []
  if (from !== undefined && Number(from) !== session.received.length) return { status: 503, reason: 'backendError' }
  session.received = Buffer.concat([session.received, body])
  if (verb === 'COMMIT') {
    const answer = make(session, session.received, store)
    const made = store.objects.get(session.key)
    if (answer.status === 200 && made !== undefined) session.made = made
    return answer
  }
  const { length } = session.received
  return { status: 308, ...(length > 0 && { headers: { range: `bytes=0-${length - 1}` } }) }
}

/** The request of an upload in one piece: the object's resource, then its bytes (multipart/related). */
function partsOf({ headers, body }: SeenWrite): { resource: Record<string, unknown>; bytes: Buffer } {
  const boundary = /boundary="?([^";]+)/.exec(String(headers['content-type']))?.[1] ?? ''
  const text = body.toString('latin1')
  const [, first = '', second = ''] = text.split(`--${boundary}`)
  const bodyOf = (part: string) => part.slice(part.indexOf('\r\n\r\n') + 4).replace(/\r\n$/, '')
  const resource = JSON.parse(Buffer.from(bodyOf(first), 'latin1').toString('utf8')) as Record<string, unknown>
  return { resource, bytes: Buffer.from(bodyOf(second), 'latin1') }
}

function make(
  { key, condition, resource }: Pick<Session, 'key' | 'condition' | 'resource'>,
  bytes: Buffer,
  { objects, unconditional, newGeneration }: WrittenObjects,
): WriteAnswer {
  const there = objects.get(key)?.generation ?? '0'
  if (condition !== null && condition !== there && !unconditional) return { status: 412, reason: 'conditionNotMet' }
  if (resource['md5Hash'] !== undefined && resource['md5Hash'] !== md5(bytes)) {
    return { status: 400, reason: 'invalid', message: "Provided MD5 hash doesn't match calculated MD5 hash." }
  }
  const object = { bytes, generation: newGeneration(), updated: new Date(), resource }
  objects.set(key, object)
  return { status: 200, json: metadata(key, object) }
}

function copy({ key, query }: SeenWrite, { pathname }: URL, { objects, newGeneration }: WrittenObjects): WriteAnswer {
  const from = decodeURIComponent(/\/o\/([^/]+)\/rewriteTo/.exec(pathname)?.[1] ?? '')
  const source = objects.get(from)
  const wanted = query['sourceGeneration'] ?? source?.generation
  if (source?.generation !== wanted || source === undefined) return { status: 404, reason: 'notFound' }
  const object = { ...source, generation: newGeneration(), updated: new Date() }
  objects.set(key, object)
  const size = String(object.bytes.length)
  const json = { kind: 'storage#rewriteResponse', totalBytesRewritten: size, objectSize: size, done: true }
  return { status: 200, json: { ...json, resource: metadata(key, object) } }
}

export function metadata(name: string, { bytes, generation, updated, resource }: StoredObject): object {
  const facts = { name, generation, size: String(bytes.length), md5Hash: md5(bytes), updated: updated.toISOString() }
  return { kind: 'storage#object', ...resource, ...facts }
}

const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('base64')
