import { open, readFile, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { RetryableError } from '../core/errors.ts'
import { makeFolder } from '../sinks/local.ts'

interface Holder {
  readonly runId: string
  readonly pid: number
  readonly host: string
  readonly since: string
}

/**
 * Runs `work` as the only run on the lake. A lock whose process is gone is taken over.
 * RetryableError names the holder when another run is at work.
 */
export async function withLock<T>(lake: string, runId: string, now: Date, work: () => Promise<T>): Promise<T> {
  const file = path.join(lake, '_focal', 'lock.json')
  await makeFolder(path.dirname(file))
  const holder: Holder = { runId, pid: process.pid, host: hostname(), since: now.toISOString() }
  await acquire(file, holder)
  try {
    return await work()
  } finally {
    await rm(file, { force: true })
  }
}

async function acquire(file: string, holder: Holder): Promise<void> {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const handle = await open(file, 'wx')
      await handle.writeFile(JSON.stringify(holder)).finally(() => handle.close())
      return
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      const other = await readHolder(file)
      if (other !== undefined && isAlive(other)) {
        throw new RetryableError(`another run is at work on this lake: ${other.runId}`, {
          hint: `Process ${other.pid} on ${other.host} has held it since ${other.since}. Wait for it, or delete ${file} if that machine is gone.`,
        })
      }
      await rm(file, { force: true })
    }
  }
  throw new RetryableError('another run took the lake in the same moment', { hint: 'Run again.' })
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder
  } catch {
    return undefined
  }
}

/** A process of another machine counts as alive: nothing here can tell. */
function isAlive({ host, pid }: Holder): boolean {
  if (host !== hostname()) return true
  try {
    process.kill(pid, 0)
    return pid !== process.pid
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
