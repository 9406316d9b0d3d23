import { mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { RetryableError } from '../../../core/errors.ts'
import { readJson } from './files.ts'

interface Holder {
  readonly pid: number
  readonly host: string
}

/** A holder says this often that it is there, and has gone for good when it has said nothing for so long. */
const beatMs = 30_000
const silentMs = 10 * 60_000

/** Folders that this process holds: a container may start with the process id of the one that died before it. */
const held = new Set<string>()

/**
 * Runs `work` as the only one that writes to `folder`: a run and a dry run may look at one scope at the same time, and
 * two writers would mix their pages. RetryableError when another process is at it.
 */
export async function whileClaimed<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const file = path.join(folder, 'claim.json')
  await mkdir(folder, { recursive: true })
  while (!(await create(file))) {
    const holder = await readJson<Holder>(file)
    if (await isAtWork(holder, folder, file)) throw claimed(holder)
    await rm(file, { force: true })
  }
  held.add(folder)
  const beat = setInterval(() => void touch(file), beatMs).unref()
  try {
    return await work()
  } finally {
    clearInterval(beat)
    held.delete(folder)
    await rm(file, { force: true })
  }
}

/** Whether there was none. */
async function create(file: string): Promise<boolean> {
  try {
    await writeFile(file, JSON.stringify({ pid: process.pid, host: hostname() } satisfies Holder), { flag: 'wx' })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** What another process has only just created has no content yet; only silence tells that such a one is gone. */
async function isAtWork(holder: Holder | undefined, folder: string, file: string): Promise<boolean> {
  const heard = await stat(file).catch(() => undefined)
  if (heard === undefined || Date.now() - heard.mtimeMs > silentMs) return false
  if (holder === undefined || holder.host !== hostname()) return true
  if (holder.pid === process.pid) return held.has(folder)
  try {
    process.kill(holder.pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function touch(file: string): Promise<void> {
  const now = new Date()
  await utimes(file, now, now).catch(() => undefined)
}

function claimed(holder: Holder | undefined): RetryableError {
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`
  return new RetryableError(`${who} is reading the usage details of this scope`, {
    hint: 'Run again when it is done; what it has read is not asked for a second time.',
  })
}
