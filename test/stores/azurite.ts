import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startServer } from './server-process.ts'

/** A real blob service (Azurite, MIT, by Microsoft) over a temporary folder. `tools/test-servers.sh` installs it. */
export interface RealBlobs {
  readonly endpoint: string
  readonly connectionString: string
  close(): Promise<void>
}

/** Azurite's account, and a key of our own for it. */
export const realAccount = 'devstoreaccount1'
const key = Buffer.from('key-of-the-focal-tests').toString('base64')

/** Where the program is: FOCAL_TEST_AZURITE, or ./.tools/azurite; undefined when nowhere. */
export function findAzurite(env = process.env): string | undefined {
  const named = env['FOCAL_TEST_AZURITE']
  if (named !== undefined && named !== '') return named
  const installed = path.join(import.meta.dirname, '../../.tools/azurite/node_modules/azurite/dist/src/blob/main.js')
  return existsSync(installed) ? installed : undefined
}

export async function startAzurite(program: string): Promise<RealBlobs> {
  const directory = await mkdtemp(path.join(tmpdir(), 'focal-azurite-'))
  const place = ['--location', directory, '--blobHost', '127.0.0.1']
  // The client library may speak a newer version of the protocol than the emulator knows by name.
  const manner = ['--skipApiVersionCheck', '--silent', '--disableTelemetry']
  const server = await startServer({
    command: process.execPath,
    args: (port) => [program, ...place, '--blobPort', String(port), ...manner],
    env: { AZURITE_ACCOUNTS: `${realAccount}:${key}` },
  })
  const endpoint = `http://127.0.0.1:${server.port}/${realAccount}`
  return {
    endpoint,
    connectionString: `DefaultEndpointsProtocol=http;AccountName=${realAccount};AccountKey=${key};BlobEndpoint=${endpoint};`,
    async close() {
      await server.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
