import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createDefaultHttpClient } from '@azure/core-rest-pipeline'
import type { ApiAccess } from '../../../../src/connectors/azure/consumption/api.ts'

/**
 * The Consumption API on loopback: usage details of one scope, in pages that link to each other, with faults on
 * demand. Like Azure, a legacy scope passes `startDate` over, a modern one `$filter`, and either then gives its
 * current month.
 */
export interface FakeConsumption {
  /** `http://127.0.0.1:…` */
  readonly address: string
  readonly scope: string
  readonly access: Required<ApiAccess>
  /** Sets the rows of a metric and month, each the JSON text of one item. */
  put(metric: 'actualcost' | 'amortizedcost', month: string, rows: readonly string[]): void
  /** Each is used once, by the next request. */
  fail(...faults: Fault[]): void
  /** What was asked since the last call: metric, month and, from the second page on, the row the page begins with. */
  requests(): string[]
  /** The full addresses of all requests. */
  readonly urls: string[]
  close(): Promise<void>
}

export type Fault =
  | { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> }
  /** The connection is reset before any answer, or after so many bytes of the body. */
  | { readonly resetAfter: number }
  /** No answer at all. */
  | { readonly silent: true }

export interface FakeOptions {
  readonly scope: string
  readonly kind?: 'legacy' | 'modern'
  readonly pageSize?: number
  readonly currentMonth?: string
  /** Answers 400 to dates that the kind of scope does not take, instead of passing them over. */
  readonly strict?: boolean
  /** The host that pages link to: the API's own, unless it is served from elsewhere. */
  readonly endpoint?: string
}

export const token = 'token-of-the-focal-tests'
const azure = 'https://management.azure.com'

export async function startFakeConsumption(options: FakeOptions): Promise<FakeConsumption> {
  const rows = new Map<string, readonly string[]>()
  const faults: Fault[] = []
  const urls: string[] = []
  let log: string[] = []

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', options.endpoint ?? azure)
    const asked = readQuery(url, options)
    urls.push(`${azure}${request.url}`)
    log.push(`${asked.metric} ${asked.month}${asked.from === 0 ? '' : ` from ${asked.from}`}`)
    const fault = faults.shift()
    if (fault !== undefined && 'silent' in fault) return undefined
    if (fault !== undefined && 'resetAfter' in fault && fault.resetAfter === 0) return request.socket.destroy()
    if (fault !== undefined && 'status' in fault) return send(response, fault)
    if (request.headers.authorization !== `Bearer ${token}`) return send(response, refusal(401, 'InvalidToken'))
    const path = `/${encodeURI(options.scope)}/providers/Microsoft.Consumption/usageDetails`
    if (url.pathname !== path) return send(response, refusal(404, 'SubscriptionNotFound'))
    if (asked.refused) return send(response, refusal(400, 'BadRequest'))
    const body = page(url, rows.get(`${asked.metric} ${asked.month}`) ?? [], asked.from, options.pageSize ?? 1000)
    if (fault === undefined) return send(response, { status: 200, body })
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    response.write(body.slice(0, fault.resetAfter), () => void setTimeout(() => request.socket.destroy(), 20))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    address: here,
    scope: options.scope,
    access: accessTo(here),
    put: (metric, month, items) => void rows.set(`${metric} ${month}`, items),
    fail: (...more) => void faults.push(...more),
    requests() {
      const seen = log
      log = []
      return seen
    },
    urls,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/**
 * A credential, and the way to the fake. The client library talks to https://management.azure.com as always: it would
 * not send a token to a plain http address, so only its last step is led here.
 */
export function accessTo(here: string): Required<ApiAccess> {
  const network = createDefaultHttpClient()
  return {
    credential: { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) },
    httpClient: {
      sendRequest(request) {
        request.url = request.url.replace(azure, here)
        request.allowInsecureConnection = true
        return network.sendRequest(request)
      },
    },
  }
}

function readQuery({ searchParams: query }: URL, { kind = 'legacy', currentMonth = 'current', strict }: FakeOptions) {
  const filter = /^properties\/usageStart ge '(.{7})-01' and properties\/usageEnd le '\1-(28|29|30|31)'$/
  const filtered = filter.exec(query.get('$filter') ?? '')?.[1]
  const dated = query.get('startDate')?.slice(0, 7)
  const taken = kind === 'legacy' ? filtered : dated
  return {
    metric: query.get('metric') ?? 'no metric',
    month: taken ?? currentMonth,
    from: Number(query.get('$skiptoken') ?? 0),
    refused: strict === true && taken === undefined,
  }
}

function page(url: URL, rows: readonly string[], from: number, size: number): string {
  const next = new URL(url)
  next.searchParams.set('$skiptoken', String(from + size))
  const link = from + size < rows.length ? JSON.stringify(next.href) : 'null'
  return `{"value": [${rows.slice(from, from + size).join(',\n')}], "nextLink": ${link}}`
}

export function refusal(status: number, code: string, headers: Record<string, string> = {}) {
  return { status, body: JSON.stringify({ error: { code, message: `${code} as told by the test` } }), headers }
}

function send(response: ServerResponse, { status, body = '', headers }: Extract<Fault, { status: number }>): void {
  const type = body.startsWith('<') ? 'text/html' : 'application/json'
  response.writeHead(status, { 'content-type': type, ...headers })
  response.end(body)
}
