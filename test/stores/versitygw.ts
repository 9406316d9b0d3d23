import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { startServer } from './server-process.ts'

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
  const server = await startServer({
    command: binary,
    args: (port) => ['--quiet', '--port', `127.0.0.1:${port}`, 'posix', directory],
    env: {
      ROOT_ACCESS_KEY_ID: realS3Credentials.accessKeyId,
      ROOT_SECRET_ACCESS_KEY: realS3Credentials.secretAccessKey,
    },
  })
  return {
    endpoint: `http://127.0.0.1:${server.port}`,
    async close() {
      await server.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
