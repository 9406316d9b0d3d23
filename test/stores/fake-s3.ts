import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { carryOut, writeVerb, type WriteAnswer, type StoredObject, type WrittenObjects } from './fake-s3-writes.ts'
import { damaged, readBody, type SeenWrite, type WriteFault, type WriteVerb } from './fake-writes.ts'

/**
 * An S3 on loopback that holds one bucket in memory and misbehaves on demand. It knows what reading takes:
 * ListObjectsV2, HEAD, and GET with Range and If-Match; and what writing takes (fake-s3-writes.ts). It believes every
 * signature.
 */
export interface FakeS3 {
  readonly endpoint: string
  readonly bucket: string
  put(key: string, bytes: Buffer | string, attributes?: Attributes): void
  get(key: string): Buffer | undefined
  keys(): string[]
  remove(key: string): void
  /** Keys of uploads in parts that are neither completed nor aborted. */
  unfinished(): string[]
  /** Every write that arrived, in order. */
  readonly writes: readonly SeenWrite[]
  /** Each is used once, by the first request that matches its method (any by default), in the order given. */
  fail(...faults: Fault[]): void
  /** What was asked since the last call: `GET cur/a.csv bytes=0-9`, `HEAD cur/a.csv`, `LIST cur/`. */
  requests(): string[]
  /** The regions that those requests, and all before them, were signed for. */
  regions(): string[]
  /** Lets the next request of this kind wait for `release`. */
  hold(on: Verb): { arrived: Promise<void>; release: () => void }
  mostBodiesAtOnce(): number
  close(): Promise<void>
}

export interface Attributes {
  /** Without quotes; the MD5 of the bytes when not given. */
  readonly etag?: string
  readonly headers?: Record<string, string>
}

type Verb = 'GET' | 'HEAD' | 'LIST' | WriteVerb

export type Fault = { readonly on?: Verb } & (
  | WriteFault
  | {
      readonly status: number
      readonly code: string
      readonly headers?: Record<string, string>
      readonly fields?: Record<string, string>
    }
  /** The connection is reset before any answer. */
  | { readonly reset: 'at once' }
  /** So many bytes of the body are sent; then the connection is reset, falls silent, or the answer just ends. */
  | { readonly after: number; readonly ending: 'reset' | 'stall' | 'end' }
  /** The body comes in so many pieces, with a pause before each. */
  | { readonly pieces: number; readonly pauseMs: number }
  /** Every byte of the body is another one. */
  | { readonly wrongBytes: true }
  /** A 200 with the whole object, whatever range was asked. */
  | { readonly ignoreRange: true }
  /** The answer waits. */
  | { readonly until: Promise<void>; readonly arrived: () => void }
  /** The object is replaced before the request is answered. */
  | { readonly replaceWith: string }
)

interface Stored extends StoredObject {
  readonly headers?: Record<string, string>
}

const xml = (body: string) => `<?xml version="1.0" encoding="UTF-8"?>\n${body}`
const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

export async function startFakeS3(
  bucket = 'acme-billing',
  { unconditional = false }: { unconditional?: boolean } = {},
): Promise<FakeS3> {
  const objects = new Map<string, Stored>()
  const store: WrittenObjects = { objects, uploads: new Map(), unconditional }
  const writes: SeenWrite[] = []
  const faults: Fault[] = []
  let log: string[] = []
  const regions: string[] = []
  let bodies = 0
  let mostBodies = 0

  function put(key: string, content: Buffer | string, attributes: Attributes = {}): void {
    const bytes = Buffer.from(content)
    const etag = createHash('md5').update(bytes).digest('hex')
    objects.set(key, { etag, modified: new Date(), metadata: {}, ...attributes, bytes })
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://fake')
    const [, name = '', ...path] = url.pathname.split('/').map(decodeURIComponent)
    const key = path.join('/')
    const writing = writeVerb(request.method, key, url.searchParams, 'x-amz-copy-source' in request.headers)
    const verb = writing ?? (key === '' ? 'LIST' : request.method === 'HEAD' ? 'HEAD' : 'GET')
    const range = request.headers.range === undefined ? '' : ` ${request.headers.range}`
    log.push(`${verb} ${key === '' ? url.searchParams.get('prefix') : key}${range}`)
    regions.push(/Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? 'unsigned')
    if (verb === 'GET') {
      bodies += 1
      mostBodies = Math.max(mostBodies, bodies)
      response.once('close', () => {
        bodies -= 1
      })
    }
    const index = faults.findIndex((fault) => fault.on === undefined || fault.on === verb)
    const fault = index === -1 ? undefined : faults.splice(index, 1)[0]

    if (fault !== undefined && 'silent' in fault) return
    if (fault !== undefined && 'reset' in fault) return void request.socket.destroy()
    if (fault !== undefined && 'status' in fault) return sendError(response, fault)
    if (name !== bucket) return sendError(response, { status: 404, code: 'NoSuchBucket' })
    if (verb === 'LIST') return sendListing(response, objects, url.searchParams)
    if (fault !== undefined && 'until' in fault) {
      fault.arrived()
      await fault.until
    }
    if (writing !== undefined) {
      const body = await readBody(request)
      if (body === undefined) return
      const query = Object.fromEntries(url.searchParams)
      const write = { verb: writing, key, headers: request.headers, query, body }
      writes.push(write)
      const arrived = fault !== undefined && 'damaged' in fault ? { ...write, body: damaged(body) } : write
      const answer = carryOut(arrived, store)
      if (fault !== undefined && 'answer' in fault) return void request.socket.destroy()
      return sendWriteAnswer(response, answer)
    }
    if (fault !== undefined && 'replaceWith' in fault) put(key, fault.replaceWith)
    return sendObject(request, response, objects.get(key), fault)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bucket,
    put,
    get: (key) => objects.get(key)?.bytes,
    keys: () => [...objects.keys()],
    remove: (key) => void objects.delete(key),
    unfinished: () => [...store.uploads.values()].map(({ key }) => key),
    writes,
    fail: (...more) => void faults.push(...more),
    requests() {
      const seen = log
      log = []
      return seen
    },
    regions: () => regions,
    hold(on) {
      const arrived = Promise.withResolvers<void>()
      const released = Promise.withResolvers<void>()
      faults.push({ on, until: released.promise, arrived: arrived.resolve })
      return { arrived: arrived.promise, release: released.resolve }
    },
    mostBodiesAtOnce: () => mostBodies,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function sendError(
  response: ServerResponse,
  {
    status,
    code,
    headers,
    fields,
  }: { status: number; code: string; headers?: Record<string, string>; fields?: Record<string, string> },
): void {
  const more = Object.entries(fields ?? {}).map(([name, value]) => `<${name}>${escape(value)}</${name}>`)
  response.writeHead(status, { 'content-type': 'application/xml', ...headers })
  response.end(xml(`<Error><Code>${code}</Code><Message>${code} as told by the test</Message>${more.join('')}</Error>`))
}

function sendWriteAnswer(response: ServerResponse, answer: WriteAnswer): void {
  if ('code' in answer) return sendError(response, answer)
  response.writeHead(answer.status, { 'content-type': 'application/xml', ...answer.headers })
  response.end(answer.xml === undefined ? undefined : xml(answer.xml))
}

function sendListing(response: ServerResponse, objects: Map<string, Stored>, query: URLSearchParams): void {
  const prefix = query.get('prefix') ?? ''
  const start = query.get('continuation-token') ?? ''
  const size = Number(query.get('max-keys') ?? 1000)
  const names = new Set<string>()
  for (const key of objects.keys()) {
    if (!key.startsWith(prefix)) continue
    const slash = key.indexOf('/', prefix.length)
    names.add(slash === -1 ? key : key.slice(0, slash + 1))
  }
  const rest = [...names]
    .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .filter((key) => key > start)
  const page = rest.slice(0, size)
  const entries = page.map((name) => {
    const object = objects.get(name)
    return object === undefined
      ? `<CommonPrefixes><Prefix>${escape(name)}</Prefix></CommonPrefixes>`
      : `<Contents><Key>${escape(name)}</Key><ETag>"${object.etag}"</ETag><Size>${object.bytes.length}</Size></Contents>`
  })
  const more = rest.length > size
  const token = more ? `<NextContinuationToken>${escape(page.at(-1) ?? '')}</NextContinuationToken>` : ''
  response.writeHead(200, { 'content-type': 'application/xml' })
  response.end(
    xml(`<ListBucketResult><IsTruncated>${more}</IsTruncated>${token}${entries.join('')}</ListBucketResult>`),
  )
}

function sendObject(
  request: IncomingMessage,
  response: ServerResponse,
  object: Stored | undefined,
  fault?: Fault,
): void {
  if (object === undefined) return sendError(response, { status: 404, code: 'NoSuchKey' })
  const wanted = request.headers['if-match']
  if (wanted !== undefined && wanted !== `"${object.etag}"`)
    return sendError(response, { status: 412, code: 'PreconditionFailed' })

  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
  const isRange = first !== undefined && !(fault !== undefined && 'ignoreRange' in fault)
  const from = isRange ? Number(first) : 0
  const to = isRange ? Math.min(Number(last) + 1, object.bytes.length) : object.bytes.length
  const asked = object.bytes.subarray(from, to)
  const body = fault !== undefined && 'wrongBytes' in fault ? asked.map((byte) => byte ^ 0xff) : asked
  const isShort = fault !== undefined && 'after' in fault && fault.ending === 'end'

  response.writeHead(isRange ? 206 : 200, {
    etag: `"${object.etag}"`,
    'last-modified': object.modified.toUTCString(),
    ...object.metadata,
    'content-length': isShort ? fault.after : body.length,
    ...(isRange ? { 'content-range': `bytes ${from}-${to - 1}/${object.bytes.length}` } : {}),
    ...(request.headers['x-amz-checksum-mode'] === 'ENABLED' ? object.headers : {}),
  })
  if (request.method === 'HEAD') return void response.end()
  if (fault !== undefined && 'pieces' in fault) return void drip(response, body, fault)
  if (fault === undefined || !('after' in fault)) return void response.end(body)
  if (fault.ending === 'end') return void response.end(body.subarray(0, fault.after))
  response.write(body.subarray(0, fault.after), () => {
    // Given a moment to arrive, so that the client really got these bytes before the connection goes.
    if (fault.ending === 'reset') setTimeout(() => request.socket.destroy(), 20)
  })
}

async function drip(
  response: ServerResponse,
  body: Uint8Array,
  { pieces, pauseMs }: { pieces: number; pauseMs: number },
) {
  const size = Math.ceil(body.length / pieces)
  for (let from = 0; from < body.length; from += size) {
    await sleep(pauseMs)
    response.write(body.subarray(from, from + size))
  }
  response.end()
}
