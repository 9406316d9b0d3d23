import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * A Google Cloud Storage on loopback that holds one bucket in memory and misbehaves on demand. It knows what reading
 * takes: listing by prefix and delimiter, metadata, and the bytes of a range of one generation.
 */
export interface FakeGcs {
  readonly endpoint: string
  readonly bucket: string
  put(key: string, bytes: Buffer): void
  remove(key: string): void
  /** Each is used once, by the next request that matches. */
  fail(...faults: Fault[]): void
  /** What was asked: `LIST cur/`, `HEAD cur/a`, `GET cur/a 0-9`. */
  readonly requests: string[]
  close(): Promise<void>
}

export type Fault = { readonly on: 'GET' | 'HEAD' | 'LIST' } & (
  | { readonly status: number; readonly reason: string }
  /** So many bytes of the body are sent; then the connection breaks, or the answer just ends. */
  | { readonly after: number; readonly ending: 'reset' | 'end' }
  | { readonly wrongBytes: true }
)

interface Stored {
  readonly bytes: Buffer
  readonly generation: string
}

export async function startFakeGcs(bucket = 'acme-billing'): Promise<FakeGcs> {
  const objects = new Map<string, Stored>()
  const faults: Fault[] = []
  const requests: string[] = []
  let generation = 1_700_000_000_000_000

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fake')
    const [, name = '', , encoded] = /\/storage\/v1\/b\/([^/]+)\/o(\/(.+))?$/.exec(url.pathname) ?? []
    const key = encoded === undefined ? undefined : decodeURIComponent(encoded)
    const verb = key === undefined ? 'LIST' : url.searchParams.get('alt') === 'media' ? 'GET' : 'HEAD'
    const range = request.headers.range === undefined ? '' : ` ${request.headers.range.replace('bytes=', '')}`
    requests.push(`${verb} ${key ?? url.searchParams.get('prefix')}${range}`)
    const index = faults.findIndex(({ on }) => on === verb)
    const fault = index === -1 ? undefined : faults.splice(index, 1)[0]
    if (fault !== undefined && 'status' in fault) return sendError(response, fault.status, fault.reason)
    if (decodeURIComponent(name) !== bucket) return sendError(response, 404, 'notFound')
    if (key === undefined) return sendListing(response, objects, url.searchParams)
    const stored = objects.get(key)
    const wanted = url.searchParams.get('generation')
    if (stored === undefined || (wanted !== null && wanted !== stored.generation)) {
      return sendError(response, 404, 'notFound')
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
      generation += 1
      objects.set(key, { bytes, generation: String(generation) })
    },
    remove: (key) => void objects.delete(key),
    fail: (...more) => void faults.push(...more),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function metadata(name: string, { bytes, generation }: Stored): object {
  const md5Hash = createHash('md5').update(bytes).digest('base64')
  return { kind: 'storage#object', name, generation, size: String(bytes.length), md5Hash }
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
  const headers = { 'content-range': `bytes ${from}-${end - 1}/${bytes.length}` }
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

function sendError(response: ServerResponse, status: number, reason: string): void {
  const message = `fake ${reason}`
  const body = JSON.stringify({ error: { code: status, message, errors: [{ message, domain: 'global', reason }] } })
  response.writeHead(status, { 'content-type': 'application/json' }).end(body)
}

function sendJson(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
