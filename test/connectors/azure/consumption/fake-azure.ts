import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { request as ask, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { token, type FakeConsumption } from './fake-consumption.ts'

/** Azure on loopback for a whole process: over TLS, with a managed identity that gives out the token of the tests. */
export interface FakeAzure {
  readonly address: string
  /** What a process needs to take it for Azure: nothing that could not be set for another cloud than the public one. */
  readonly env: Readonly<Record<string, string>>
  /** Serves this scope from here on. */
  add(fake: FakeConsumption): void
  close(): Promise<void>
}

/** Whether certificates can be made here. */
export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const identityHeader = 'header-of-the-focal-tests'

export async function startFakeAzure(folder: string): Promise<FakeAzure> {
  const { key, certificate } = makeCertificate(folder)
  const fakes: FakeConsumption[] = []
  const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'https://127.0.0.1')
    if (pathname === '/identity') return giveToken(request, response)
    const fake = fakes.find(({ scope }) => pathname.startsWith(`/${encodeURI(scope)}/providers/`))
    if (fake === undefined) return void response.writeHead(404).end()
    const { headers, method } = request
    const passedOn = ask(`${fake.address}${request.url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    passedOn.on('error', () => request.socket.destroy()).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    address,
    env: {
      AZURE_RESOURCE_MANAGER_ENDPOINT: address,
      IDENTITY_ENDPOINT: `${address}/identity`,
      IDENTITY_HEADER: identityHeader,
      NODE_EXTRA_CA_CERTS: certificate,
    },
    add: (fake) => void fakes.push(fake),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** As an App Service gives its managed identity to the process in it. */
function giveToken(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers['x-identity-header'] !== identityHeader) return void response.writeHead(401).end()
  const expires = Math.round(Date.now() / 1000) + 3600
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(
    JSON.stringify({
      access_token: token,
      expires_on: String(expires),
      resource: 'https://management.azure.com',
      token_type: 'Bearer',
    }),
  )
}

/** A certificate of this machine for two days, signed by itself. */
function makeCertificate(folder: string): { key: string; certificate: string } {
  const key = path.join(folder, 'key.pem')
  const certificate = path.join(folder, 'certificate.pem')
  const manner = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const subject = ['-subj', '/CN=focal tests', '-addext', 'subjectAltName=IP:127.0.0.1']
  execFileSync('openssl', ['req', '-x509', ...manner, ...subject, '-keyout', key, '-out', certificate], {
    stdio: 'ignore',
  })
  return { key, certificate }
}
