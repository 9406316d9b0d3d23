import { existsSync } from 'node:fs'
import path from 'node:path'
import { startServer } from './server-process.ts'

/** A server of Cloud Storage's protocol (fake-gcs-server, BSD-2-Clause) in memory. `tools/test-servers.sh` installs it. */
export interface RealGcs {
  readonly endpoint: string
  /** Makes a bucket. */
  create(bucket: string): Promise<void>
  close(): Promise<void>
}

/** Where the server's binary is: FOCAL_TEST_GCS_SERVER, or ./.tools/bin; undefined when nowhere. */
export function findGcsServer(env = process.env): string | undefined {
  const named = env['FOCAL_TEST_GCS_SERVER']
  if (named !== undefined && named !== '') return named
  const installed = path.join(import.meta.dirname, '../../.tools/bin/fake-gcs-server')
  return existsSync(installed) ? installed : undefined
}

export async function startGcsServer(binary: string): Promise<RealGcs> {
  const place = (port: number) => ['-scheme', 'http', '-host', '127.0.0.1', '-port', String(port)]
  const url = (port: number) => `http://127.0.0.1:${port}`
  const server = await startServer({
    command: binary,
    args: (port) => [...place(port), '-external-url', url(port), '-backend', 'memory', '-log-level', 'error'],
  })
  const endpoint = url(server.port)
  return {
    endpoint,
    async create(name) {
      const headers = { 'content-type': 'application/json' }
      const body = JSON.stringify({ name })
      const answer = await fetch(`${endpoint}/storage/v1/b?project=none`, { method: 'POST', headers, body })
      if (!answer.ok) throw new Error(`no bucket ${name}: ${answer.status} ${await answer.text()}`)
    },
    close: () => server.close(),
  }
}
