import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { crc32c } from '../../src/core/stores/crc.ts'
import {
  carryOut,
  metadata,
  writeTarget,
  type StoredObject as Stored,
  type WriteAnswer,
  type WrittenObjects,
} from './fake-gcs-writes.ts'
import { damaged, readBody, type SeenWrite, type WriteFault, type WriteVerb } from './fake-writes.ts'

/**
 * A Google Cloud Storage on loopback that holds one bucket in memory and misbehaves on demand. It knows what reading
 * takes: listing by prefix and delimiter, metadata, and the bytes of a range of one generation; and what writing takes
 * (fake-gcs-writes.ts).
 */
export interface FakeGcs {
  readonly endpoint: string
  readonly bucket: string
  put(key: string, bytes: Buffer): void
  get(key: string): Buffer | undefined
  keys(): string[]
  remove(key: string): void
  /** Every write that arrived, in order. */
  readonly writes: readonly SeenWrite[]
  /** Lets the next request of this kind wait for `release`. */
  hold(on: Verb): { arrived: Promise<void>; release: () => void }
  /** Each is used once, by the next request that matches. */
  fail(...faults: Fault[]): void
  /** What was asked: `LIST cur/`, `HEAD cur/a`, `GET cur/a 0-9`. */
  readonly requests: string[]
  close(): Promise<void>
}

type Verb = 'GET' | 'HEAD' | 'LIST' | WriteVerb

export type Fault = { readonly on: Verb } & (
  | WriteFault
  | { readonly status: number; readonly reason: string; readonly headers?: Record<string, string> }
  /** The connection is reset before any answer. */
  | { readonly reset: 'at once' }
  /** The request waits before it is carried out. */
  | { readonly until: Promise<void>; readonly arrived: () => void }
  /** So many bytes of the body are sent; then the connection breaks, or the answer just ends. */
  | { readonly after: number; readonly ending: 'reset' | 'end' }
  | { readonly wrongBytes: true }
)

export async function startFakeGcs(
  bucket = 'acme-billing',
  { unconditional = false }: { unconditional?: boolean } = {},
): Promise<FakeGcs> {
  const objects = new Map<string, Stored>()
  const faults: Fault[] = []
  const requests: string[] = []
  const writes: SeenWrite[] = []
  let generation = 1_700_000_000_000_000
  const newGeneration = () => String((generation += 1))
  const store: WrittenObjects = { objects, sessions: new Map(), unconditional, newGeneration }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
    const [, name = '', , encoded] = /\/storage\/v1\/b\/([^/]+)\/o(\/(.+))?$/.exec(url.pathname) ?? []
    const writing = writeTarget(request.method, url, request.headers)
    const key = writing?.key ?? (encoded === undefined ? undefined : decodeURIComponent(encoded))
    const reading = key === undefined ? 'LIST' : url.searchParams.get('alt') === 'media' ? 'GET' : 'HEAD'
    const verb = writing?.verb ?? reading
    const range = request.headers.range === undefined ? '' : ` ${request.headers.range.replace('bytes=', '')}`
    requests.push(`${verb} ${key ?? url.searchParams.get('prefix')}${range}`)
    const index = faults.findIndex(({ on }) => on === verb)
    const fault = index === -1 ? undefined : faults.splice(index, 1)[0]
    if (fault !== undefined && 'silent' in fault) return
    if (fault !== undefined && 'reset' in fault) return void request.socket.destroy()
    if (fault !== undefined && 'status' in fault) return sendError(response, fault)
    if (decodeURIComponent(name) !== bucket) return sendError(response, { status: 404, reason: 'notFound' })
    if (fault !== undefined && 'until' in fault) {
      fault.arrived()
      await fault.until
    }
    if (writing !== undefined) {
      const body = await readBody(request)
      if (body === undefined) return
      const query = Object.fromEntries(url.searchParams)
      const write = { ...writing, headers: request.headers, query, body }
      writes.push(write)
      const arrived = fault !== undefined && 'damaged' in fault ? { ...write, body: damaged(write.body) } : write
      const answer = carryOut(arrived, url, store)
      if (fault !== undefined && 'answer' in fault) return void request.socket.destroy()
      return sendWriteAnswer(response, answer)
    }
    if (key === undefined) return sendListing(response, objects, url.searchParams)
    const stored = objects.get(key)
    const wanted = url.searchParams.get('generation')
    if (stored === undefined || (wanted !== null && wanted !== stored.generation)) {
      return sendError(response, { status: 404, reason: 'notFound' })
    }
    if (verb === 'HEAD') return sendJson(response, metadata(key, stored))
    return sendBytes(request, response, stored, fault)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bucket,
    requests,
    put(key, bytes) {
      objects.set(key, { bytes, generation: newGeneration(), updated: new Date(), resource: {} })
    },
    get: (key) => objects.get(key)?.bytes,
    keys: () => [...objects.keys()],
    remove: (key) => void objects.delete(key),
    writes,
    hold(on) {
      const arrived = Promise.withResolvers<void>()
      const released = Promise.withResolvers<void>()
      faults.push({ on, until: released.promise, arrived: arrived.resolve })
      return { arrived: arrived.promise, release: released.resolve }
    },
    fail: (...more) => void faults.push(...more),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function sendListing(response: ServerResponse, objects: ReadonlyMap<string, Stored>, query: URLSearchParams): void {
  const prefix = query.get('prefix') ?? ''
  const names = [...objects.keys()].filter((name) => name.startsWith(prefix)).toSorted()
  const entries = [...new Set(names.map((name) => folderOf(name, prefix) ?? name))]
  const start = Number(query.get('pageToken') ?? 0)
  const end = start + Number(query.get('maxResults') ?? 1000)
  const page = entries.slice(start, end)
  sendJson(response, {
    kind: 'storage#objects',
    prefixes: page.filter((entry) => folderOf(entry, prefix) !== undefined),
    items: page.flatMap((entry) => {
      const stored = objects.get(entry)
      return stored === undefined || folderOf(entry, prefix) !== undefined ? [] : [metadata(entry, stored)]
    }),
    ...(end < entries.length && { nextPageToken: String(end) }),
  })
}

function folderOf(name: string, prefix: string): string | undefined {
  const slash = name.indexOf('/', prefix.length)
  return slash === -1 ? undefined : name.slice(0, slash + 1)
}

function sendBytes(request: IncomingMessage, response: ServerResponse, { bytes }: Stored, fault?: Fault): void {
  const [, from = '0', to = ''] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? []
  const end = to === '' ? bytes.length : Math.min(Number(to) + 1, bytes.length)
  const part = Buffer.from(bytes.subarray(Number(from), end))
  if (fault !== undefined && 'wrongBytes' in fault) part.forEach((byte, at) => part.writeUInt8(byte ^ 1, at))
  const isWhole = request.headers.range === undefined || part.length === bytes.length
  const headers = {
    'content-range': `bytes ${from}-${end - 1}/${bytes.length}`,
    ...(isWhole && { 'x-goog-hash': `crc32c=${checksum(bytes)}` }),
  }
  if (fault === undefined || !('after' in fault)) {
    response.writeHead(206, { ...headers, 'content-length': part.length }).end(part)
    return
  }
  response.writeHead(206, headers)
  response.write(part.subarray(0, fault.after), () => {
    if (fault.ending === 'end') response.end()
    else request.socket.destroy()
  })
}

function checksum(bytes: Buffer): string {
  const digest = crc32c()
  digest.update(bytes)
  return digest.value()
}

function sendWriteAnswer(response: ServerResponse, answer: WriteAnswer): void {
  if ('reason' in answer) return sendError(response, answer)
  const body = answer.json === undefined ? undefined : JSON.stringify(answer.json)
  response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers }).end(body)
}

function sendError(
  response: ServerResponse,
  refusal: { status: number; reason: string; message?: string; headers?: Record<string, string> },
): void {
  const { status, reason, message = `fake ${reason}`, headers } = refusal
  const body = JSON.stringify({ error: { code: status, message, errors: [{ message, domain: 'global', reason }] } })
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
}

function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
