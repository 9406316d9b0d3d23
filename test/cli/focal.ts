import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export const bin = fileURLToPath(new URL('../../bin/focal.js', import.meta.url))

/** Runs the program as a user does. `onError` sees standard error as it comes. */
export async function focal(
  cwd: string,
  args: readonly string[],
  { env = {}, onError }: { env?: Record<string, string>; onError?: (text: string, pid: number) => void } = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: cwd, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
    onError?.(text, child.pid ?? 0)
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, out, err }
}
