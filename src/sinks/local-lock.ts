import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { makeFolder } from './folder.ts'
import { acquiring, atWork, displaced, mayBeAlive, ownHolder, ownRuns, type Holder, type Waiting } from './holder.ts'

/** A holder says this often that it is there, and has gone for good when it has said nothing for so long. */
const beatMs = 30_000
const silentMs = 10 * 60_000

/** How often one that waits looks again. */
const pollMs = 1000

export interface LocalLock {
  /** Throws unless this run still holds the lake. */
  check(): Promise<void>
}

/**
 * Runs `work` as the only run on the lake. The lock of a process that is gone is taken over: at once on the same
 * machine, after ten minutes of silence on another. LakeHeldError names the holder when another run is at work.
 */
export async function withLock<T>(
  lake: string,
  runId: string,
  now: Date,
  work: (lock: LocalLock) => Promise<T>,
  waiting: Waiting = {},
): Promise<T> {
  const file = path.join(lake, '_focal', 'lock.json')
  await makeFolder(path.dirname(file))
  ownRuns.add(runId)
  try {
    await acquiring(() => acquire(file, ownHolder(runId, now)), pollMs, waiting)
    const beat = setInterval(() => void touch(file, runId).catch(() => undefined), beatMs).unref()
    try {
      return await work({ check: () => check(file, runId) })
    } finally {
      clearInterval(beat)
      await release(file, runId)
    }
  } finally {
    ownRuns.delete(runId)
  }
}

async function check(file: string, runId: string): Promise<void> {
  const holder = await readHolder(file)
  if (holder?.runId !== runId) throw displaced(runId, holder)
}

/**
 * Makes `file` ours. It appears with its content in one step. A dead run's lock is replaced by the one run that
 * holds the right to do so, which is a lock like this one: of two that find it at the same time, the second
 * would otherwise displace the first.
 */
async function acquire(file: string, own: Holder): Promise<void> {
  while (!(await create(file, own))) {
    const other = await readHolder(file)
    if (other === undefined) continue
    if (await isAlive(other, file)) throw atWork(other, silentMs)
    const right = `${file}.${other.runId}`
    await acquire(right, own)
    try {
      // Another run may have replaced it, and even be done, while we waited for the right.
      if ((await readHolder(file))?.runId === other.runId) {
        await writeHolder(`${file}.new`, own)
        await rename(`${file}.new`, file)
        return
      }
    } finally {
      await release(right, own.runId)
    }
  }
}

/** Whether there was none. */
async function create(file: string, own: Holder): Promise<boolean> {
  const draft = `${file}.draft-${own.runId}`
  try {
    await writeHolder(draft, own)
    await link(draft, file)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}

async function writeHolder(file: string, holder: Holder): Promise<void> {
  await writeFile(file, JSON.stringify(holder))
}

async function release(file: string, runId: string): Promise<void> {
  if ((await readHolder(file))?.runId === runId) await rm(file, { force: true })
}

/** What a power cut leaves of a lock: its name without its content. Only silence tells that its run is gone. */
const unreadable: Holder = { runId: 'unknown', pid: 0, host: 'an unknown machine', since: 'an unknown time' }

/** `undefined` when it was released in the meantime. */
async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder
  } catch (error) {
    if (error instanceof SyntaxError) return unreadable
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

async function isAlive(holder: Holder, file: string): Promise<boolean> {
  const heard = await stat(file).catch(() => undefined)
  if (heard === undefined || Date.now() - heard.mtimeMs > silentMs) return false
  return mayBeAlive(holder)
}

/** Of its own lock alone: a run that was taken for dead does not speak for its successor. */
async function touch(file: string, runId: string): Promise<void> {
  const now = new Date()
  if ((await readHolder(file))?.runId === runId) await utimes(file, now, now)
}
