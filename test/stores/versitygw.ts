import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, connect, type AddressInfo } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A real S3 server (Versity S3 Gateway, Apache-2.0) over a temporary folder. `tools/test-servers.sh` installs it. */
export interface RealS3 {
  readonly endpoint: string
  close(): Promise<void>
}

export const realS3Credentials = { accessKeyId: 'focaltest', secretAccessKey: 'focaltest-secret' }

/** Where the server's binary is: FOCAL_TEST_VERSITYGW, ./.tools/bin, the PATH, or ~/go/bin; undefined when nowhere. */
export function findVersitygw(env = process.env): string | undefined {
  const named = env['FOCAL_TEST_VERSITYGW']
  if (named !== undefined && named !== '') return named
  const folders = [
    path.join(import.meta.dirname, '../../.tools/bin'),
    ...(env['PATH'] ?? '').split(path.delimiter),
    path.join(homedir(), 'go/bin'),
  ]
  return folders.map((folder) => path.join(folder, 'versitygw')).find((file) => existsSync(file))
}

export async function startVersitygw(binary: string): Promise<RealS3> {
  const directory = await mkdtemp(path.join(tmpdir(), 'focal-versitygw-'))
  const port = await freePort()
  const server = spawn(binary, ['--quiet', '--port', `127.0.0.1:${port}`, 'posix', directory], {
    env: {
      ROOT_ACCESS_KEY_ID: realS3Credentials.accessKeyId,
      ROOT_SECRET_ACCESS_KEY: realS3Credentials.secretAccessKey,
    },
    stdio: 'ignore',
  })
  const exited = new Promise<string>((resolve) => {
    server.once('exit', (code, signal) => resolve(`exited with ${code ?? signal}`))
    server.once('error', (error) => resolve(error.message))
  })
  const outcome = await Promise.race([exited, listening(port)])
  if (outcome !== 'listening') throw new Error(`${binary} did not start: ${outcome}`)
  return {
    endpoint: `http://127.0.0.1:${port}`,
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
  for (let tries = 0; tries < 300; tries += 1) {
    const answered = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false))
      socket.once('close', () => socket.destroy())
      socket.once('connect', () => socket.end())
    })
    if (answered) return 'listening'
    await sleep(100)
  }
  return 'not listening after 30 s'
}
