import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** How one request is answered; 200 when nothing is said. */
export type Answer =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  /** The connection is cut once the request is there. */
  | 'cut'
  /** Called when the request is there; the answer is 200. */
  | { readonly before: () => void | Promise<void> }

export interface Receiver {
  readonly url: string
  readonly received: Received[]
  /** Each answers one request, in this order. */
  answer(...answers: Answer[]): void
  bodies(): unknown[]
}

/** A service on loopback that takes what is posted, and misbehaves on demand. Closed when the test ends. */
export async function receiver(): Promise<Receiver> {
  const received: Received[] = []
  const answers: Answer[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body })
      void (async () => {
        const answer = answers.shift() ?? { status: 200 }
        if (answer === 'cut') return request.socket.destroy()
        if ('before' in answer) await answer.before()
        const { status, headers = {}, body: text = 'ok' } = 'status' in answer ? answer : { status: 200 }
        return response.writeHead(status, headers).end(text)
      })()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    answer: (...more) => answers.push(...more),
    bodies: () => received.map(({ body }) => JSON.parse(body) as unknown),
  }
}
