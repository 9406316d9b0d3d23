import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { describeError, UserError } from '../core/errors.ts'
import { problem, type Answer } from './answer.ts'
import { answer, type Api } from './api.ts'

export interface Listening {
  /** As `http://127.0.0.1:8080`. */
  readonly address: string
  close(): Promise<void>
}

export interface ServerOptions {
  readonly host: string
  /** 0 for any that is free. */
  readonly port: number
  /** One line a request: who, what, and what came of it; never a token. */
  readonly tell: (line: string) => void
}

const graceMs = 5_000

/** Opens the API. Plain HTTP: what is between it and its clients gives it TLS. UserError when the port is taken. */
export async function serveApi(api: Api, { host, port, tell }: ServerOptions): Promise<Listening> {
  const server = createServer((request, response) => {
    request.resume()
    void respond(api, request, response, tell)
  })
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (cause) {
    throw new UserError(`the API cannot listen on ${host}:${port}`, {
      hint: 'Name another place with --listen.',
      cause,
    })
  }
  return {
    address: `http://${addressOf(server)}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeIdleConnections()
      // Who is being answered gets the answer; who never finishes asking is not waited for.
      setTimeout(() => server.closeAllConnections(), graceMs).unref()
      await closed
    },
  }
}

async function respond(
  api: Api,
  request: IncomingMessage,
  response: ServerResponse,
  tell: (line: string) => void,
): Promise<void> {
  const { method = '', url = '', headers } = request
  try {
    const { client, answer: made } = await answer(api, {
      method,
      url,
      authorization: headers.authorization,
      ifNoneMatch: headers['if-none-match'],
    })
    send(response, made, method)
    tell(`${method} ${url} ${made.status} ${client ?? 'nobody'}`)
  } catch (error) {
    // Why is for whoever runs it; a client could mend nothing, and might learn what it should not.
    send(
      response,
      problem({ status: 500, message: 'the statements cannot be made at the moment', headers: {} }),
      method,
    )
    tell(`${method} ${url} 500: ${describeError(error)}`)
  }
}

function send(response: ServerResponse, { status, headers, body }: Answer, method: string): void {
  const content = body === null ? undefined : Buffer.from(`${JSON.stringify(body)}\n`, 'utf8')
  const length = content === undefined ? {} : { 'content-length': String(content.length) }
  response.writeHead(status, { ...headers, ...length })
  response.end(method === 'HEAD' ? undefined : content)
}

function addressOf(server: Server): string {
  const address = server.address()
  if (typeof address !== 'object' || address === null) return String(address)
  return address.family === 'IPv6' ? `[${address.address}]:${address.port}` : `${address.address}:${address.port}`
}
