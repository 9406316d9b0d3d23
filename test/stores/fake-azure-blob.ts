import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  carryOut,
  writeVerb,
  type StoredBlob as Stored,
  type WriteAnswer,
  type WrittenBlobs,
} from './fake-azure-blob-writes.ts'
import { damaged, readBody, type SeenWrite, type WriteFault, type WriteVerb } from './fake-writes.ts'

/**
 * The blob service of one storage account on loopback, with one container in memory, that misbehaves on demand. It
 * knows what reading takes: listing by hierarchy, HEAD, and GET with a range and If-Match; and what writing takes
 * (fake-azure-blob-writes.ts). It believes every signature.
 */
export interface FakeBlobs {
  readonly endpoint: string
  readonly account: string
  readonly container: string
  /** For AZURE_STORAGE_CONNECTION_STRING. */
  readonly connectionString: string
  put(key: string, bytes: Buffer | string, attributes?: Attributes): void
  get(key: string): Buffer | undefined
  keys(): string[]
  remove(key: string): void
  /** Every write that arrived, in order. */
  readonly writes: readonly SeenWrite[]
  /** Lets the next request of this kind wait for `release`. */
  hold(on: Verb): { arrived: Promise<void>; release: () => void }
  /** Each is used once, by the first request that matches its method (any by default), in the order given. */
  fail(...faults: Fault[]): void
  /** What was asked since the last call: `GET exports/a.csv bytes=0-9`, `HEAD exports/a.csv`, `LIST exports/`. */
  requests(): string[]
  close(): Promise<void>
}

export interface Attributes {
  /** Base64; the MD5 of the bytes when not given. `null`: Azure knows none, as of a blob that was written in blocks. */
  readonly md5?: string | null
  readonly metadata?: Record<string, string>
}

type Verb = 'GET' | 'HEAD' | 'LIST' | WriteVerb

export type Fault = { readonly on?: Verb } & (
  | WriteFault
  /** The request waits before it is carried out. */
  | { readonly until: Promise<void>; readonly arrived: () => void }
  | { readonly status: number; readonly code: string; readonly headers?: Record<string, string> }
  /** The connection is reset before any answer. */
  | { readonly reset: 'at once' }
  /** So many bytes of the body are sent; then the connection is reset, falls silent, or the answer just ends. */
  | { readonly after: number; readonly ending: 'reset' | 'stall' | 'end' }
  /** Every byte of the body is another one. */
  | { readonly wrongBytes: true }
  /** A 200 with the whole blob, whatever range was asked. */
  | { readonly ignoreRange: true }
  /** The blob is replaced before the request is answered. */
  | { readonly replaceWith: string }
)

export const accountKey = Buffer.from('secret-key-of-the-focal-tests').toString('base64')

const escape = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

export async function startFakeBlobs(
  account = 'acmebilling',
  container = 'exports',
  { unconditional = false }: { unconditional?: boolean } = {},
): Promise<FakeBlobs> {
  const blobs = new Map<string, Stored>()
  const seen: SeenWrite[] = []
  const faults: Fault[] = []
  let log: string[] = []
  let writes = 0
  const newTag = () => `"0x8D${(writes += 1)}"`
  const store: WrittenBlobs = { blobs, blocks: new Map(), unconditional, newTag }

  function put(key: string, content: Buffer | string, { md5, metadata = {} }: Attributes = {}): void {
    const bytes = Buffer.from(content)
    const computed = createHash('md5').update(bytes).digest('base64')
    const facts = { md5: md5 === undefined ? computed : md5, metadata, modified: new Date() }
    blobs.set(key, { bytes, etag: newTag(), ...facts })
  }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://fake')
    const [, , name = '', ...path] = url.pathname.split('/').map(decodeURIComponent)
    const key = path.join('/')
    const isList = url.searchParams.get('comp') === 'list'
    const writing = writeVerb(request.method, url.searchParams, 'x-ms-copy-source' in request.headers)
    const verb = writing ?? (isList ? 'LIST' : request.method === 'HEAD' ? 'HEAD' : 'GET')
    const range = request.headers['x-ms-range'] === undefined ? '' : ` ${String(request.headers['x-ms-range'])}`
    log.push(`${verb} ${verb === 'LIST' ? url.searchParams.get('prefix') : key}${range}`)
    const index = faults.findIndex((fault) => fault.on === undefined || fault.on === verb)
    const fault = index === -1 ? undefined : faults.splice(index, 1)[0]

    if (fault !== undefined && 'silent' in fault) return
    if (fault !== undefined && 'reset' in fault) return void request.socket.destroy()
    if (fault !== undefined && 'status' in fault) return sendError(response, fault)
    if (name !== container) return sendError(response, { status: 404, code: 'ContainerNotFound' })
    if (verb === 'LIST') return sendListing(response, blobs, url.searchParams)
    if (fault !== undefined && 'until' in fault) {
      fault.arrived()
      await fault.until
    }
    if (writing !== undefined) {
      const body = await readBody(request)
      if (body === undefined) return
      const query = Object.fromEntries(url.searchParams)
      const write = { verb: writing, key, headers: request.headers, query, body }
      seen.push(write)
      const arrived = fault !== undefined && 'damaged' in fault ? { ...write, body: damaged(body) } : write
      const answer = carryOut(arrived, store)
      if (fault !== undefined && 'answer' in fault) return void request.socket.destroy()
      return sendWriteAnswer(response, answer)
    }
    if (fault !== undefined && 'replaceWith' in fault) put(key, fault.replaceWith)
    return sendBlob(request, response, blobs.get(key), fault)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${account}`

  return {
    endpoint,
    account,
    container,
    connectionString: `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${accountKey};BlobEndpoint=${endpoint};`,
    put,
    get: (key) => blobs.get(key)?.bytes,
    keys: () => [...blobs.keys()],
    remove: (key) => void blobs.delete(key),
    writes: seen,
    hold(on) {
      const arrived = Promise.withResolvers<void>()
      const released = Promise.withResolvers<void>()
      faults.push({ on, until: released.promise, arrived: arrived.resolve })
      return { arrived: arrived.promise, release: released.resolve }
    },
    fail: (...more) => void faults.push(...more),
    requests() {
      const asked = log
      log = []
      return asked
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function sendError(
  response: ServerResponse,
  { status, code, headers }: { status: number; code: string; headers?: Record<string, string> },
): void {
  response.writeHead(status, { 'content-type': 'application/xml', 'x-ms-error-code': code, ...headers })
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code} as told by the test</Message></Error>`)
}

function sendWriteAnswer(response: ServerResponse, answer: WriteAnswer): void {
  if ('code' in answer) return sendError(response, answer)
  response.writeHead(answer.status, answer.headers).end()
}

function sendListing(response: ServerResponse, blobs: Map<string, Stored>, query: URLSearchParams): void {
  const prefix = query.get('prefix') ?? ''
  const start = query.get('marker') ?? ''
  const names = new Set<string>()
  for (const key of blobs.keys()) {
    if (!key.startsWith(prefix)) continue
    const slash = key.indexOf('/', prefix.length)
    names.add(slash === -1 ? key : key.slice(0, slash + 1))
  }
  const rest = [...names]
    .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .filter((name) => name > start)
  const page = rest.slice(0, Number(query.get('maxresults') ?? 5000))
  const entries = page.map((name) => {
    const blob = name.endsWith('/') && name !== prefix ? undefined : blobs.get(name)
    if (blob === undefined) return `<BlobPrefix><Name>${escape(name)}</Name></BlobPrefix>`
    const md5 = blob.md5 === null ? '' : `<Content-MD5>${blob.md5}</Content-MD5>`
    const properties = `<Etag>${blob.etag}</Etag><Content-Length>${blob.bytes.length}</Content-Length>${md5}`
    return `<Blob><Name>${escape(name)}</Name><Properties>${properties}</Properties></Blob>`
  })
  const next = rest.length > page.length ? `<NextMarker>${escape(page.at(-1) ?? '')}</NextMarker>` : '<NextMarker />'
  response.writeHead(200, { 'content-type': 'application/xml' })
  response.end(
    `<?xml version="1.0"?><EnumerationResults><Blobs>${entries.join('')}</Blobs>${next}</EnumerationResults>`,
  )
}

function sendBlob(request: IncomingMessage, response: ServerResponse, blob: Stored | undefined, fault?: Fault): void {
  if (blob === undefined) return sendError(response, { status: 404, code: 'BlobNotFound' })
  const wanted = request.headers['if-match']
  if (wanted !== undefined && wanted !== blob.etag) return sendError(response, { status: 412, code: 'ConditionNotMet' })

  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(String(request.headers['x-ms-range'])) ?? []
  const isRange = first !== undefined && !(fault !== undefined && 'ignoreRange' in fault)
  const from = isRange ? Number(first) : 0
  const to = isRange ? Math.min(Number(last) + 1, blob.bytes.length) : blob.bytes.length
  const asked = blob.bytes.subarray(from, to)
  const body = fault !== undefined && 'wrongBytes' in fault ? asked.map((byte) => byte ^ 0xff) : asked
  const isShort = fault !== undefined && 'after' in fault && fault.ending === 'end'

  response.writeHead(isRange ? 206 : 200, {
    etag: blob.etag,
    'last-modified': blob.modified.toUTCString(),
    'content-length': isShort ? fault.after : body.length,
    ...(isRange ? { 'content-range': `bytes ${from}-${to - 1}/${blob.bytes.length}` } : {}),
    ...(blob.md5 !== null && !isRange ? { 'content-md5': blob.md5 } : {}),
    ...Object.fromEntries(Object.entries(blob.metadata).map(([name, value]) => [`x-ms-meta-${name}`, value])),
  })
  if (request.method === 'HEAD') return void response.end()
  if (fault === undefined || !('after' in fault)) return void response.end(body)
  if (fault.ending === 'end') return void response.end(body.subarray(0, fault.after))
  response.write(body.subarray(0, fault.after), () => {
    // Given a moment to arrive, so that the client really got these bytes before the connection goes.
    if (fault.ending === 'reset') setTimeout(() => request.socket.destroy(), 20)
  })
}
