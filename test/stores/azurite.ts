import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

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
  const port = await freePort()
  const place = ['--blobHost', '127.0.0.1', '--blobPort', String(port), '--location', directory]
  // The client library may speak a newer version of the protocol than the emulator knows by name.
  const manner = ['--skipApiVersionCheck', '--silent', '--disableTelemetry']
  const server = spawn(process.execPath, [program, ...place, ...manner], {
    env: { AZURITE_ACCOUNTS: `${realAccount}:${key}` },
    stdio: 'ignore',
  })
  const exited = new Promise<string>((resolve) => {
    server.once('exit', (code, signal) => resolve(`exited with ${code ?? signal}`))
    server.once('error', (error) => resolve(error.message))
  })
  const outcome = await Promise.race([exited, listening(port)])
  if (outcome !== 'listening') {
    server.kill()
    throw new Error(`${program} did not start: ${outcome}`)
  }
  const endpoint = `http://127.0.0.1:${port}/${realAccount}`
  return {
    endpoint,
    connectionString: `DefaultEndpointsProtocol=http;AccountName=${realAccount};AccountKey=${key};BlobEndpoint=${endpoint};`,
    async close() {
      server.kill()
      await exited
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

async function listening(port: number): Promise<string> {
  for (let tries = 0; tries < 600; tries += 1) {
    const answered = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => {
        socket.destroy()
        resolve(true)
      })
      socket.once('error', () => resolve(false))
    })
    if (answered) return 'listening'
    await sleep(100)
  }
  return 'not listening after 60 s'
}
