import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, link, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { RetryableError, UserError } from '../core/errors.ts'
import type { Period } from '../core/period.ts'

/** A lake in a local folder. Readers see each partition before or after a change, never between. */

export interface Partition {
  readonly dataset: string
  readonly period: Period
  readonly source: string
}

export interface PartitionFile {
  /** Relative to the lake. */
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/** Relative to the lake; `focus/billing_period=2025-01/source=aws-main/focus.parquet`. */
export function partitionPath({ dataset, period, source }: Partition): string {
  return `${dataset}/billing_period=${period}/source=${source}/${dataset}.parquet`
}

/** Relative to the lake; `history/focus/billing_period=2025-01/source=aws-main/3.parquet`. */
export function historyPath({ dataset, period, source }: Partition, version: number): string {
  return `history/${dataset}/billing_period=${period}/source=${source}/${version}.parquet`
}

/** A path on the lake's own file system to write a partition to before it is put in place. Its folder exists. */
export async function asidePath(lake: string, runId: string, { dataset, period, source }: Partition): Promise<string> {
  const folder = path.join(lake, '_focal', 'tmp', runId)
  await makeFolder(folder)
  return path.join(folder, `${dataset}-${source}-${period}.parquet`)
}

/** Size and checksum of a file that was written aside. */
export async function measure(aside: string, partition: Partition): Promise<PartitionFile> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(aside, { highWaterMark: 1 << 20 }), hash)
  return { path: partitionPath(partition), bytes: (await stat(aside)).size, sha256: hash.digest('hex') }
}

/**
 * Keeps the published file as a version of the history, under the number it was published with. What lies
 * there under that number gives way: the same file, or one of a lake whose records were lost since.
 */
export async function keepVersion(lake: string, partition: Partition, version: number): Promise<void> {
  const from = path.join(lake, partitionPath(partition))
  const to = path.join(lake, historyPath(partition, version))
  await makeFolder(path.dirname(to))
  await rm(to, { force: true })
  try {
    await link(from, to)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return
    // A file system without hard links: copy, and let the copy appear whole.
    await copyFile(from, `${to}.tmp`)
    await rename(`${to}.tmp`, to)
  }
  await syncFolder(path.dirname(to))
}

/** Puts a file written aside in place, in one step, for good: the data is on the disk before its name changes. */
export async function publish(lake: string, partition: Partition, aside: string): Promise<void> {
  const target = path.join(lake, partitionPath(partition))
  await makeFolder(path.dirname(target))
  await syncFile(aside)
  await rename(aside, target)
  await syncFolder(path.dirname(target))
}

/** Removes the oldest versions beyond `keep`. */
export async function trimHistory(lake: string, partition: Partition, keep: number): Promise<void> {
  const folder = path.dirname(path.join(lake, historyPath(partition, 0)))
  const versions = (await readdirOrNone(folder))
    .flatMap((name) => /^(\d+)\.parquet$/.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => b - a)
  await Promise.all(versions.slice(keep).map((version) => rm(path.join(folder, `${version}.parquet`), { force: true })))
}

/** Removes everything written aside. Only for the run that holds the lake's lock. */
export async function clearAside(lake: string): Promise<void> {
  await rm(path.join(lake, '_focal', 'tmp'), { recursive: true, force: true })
}

/** Writes a small JSON file whole or not at all. `name` is relative to the lake. */
export async function writeJson(lake: string, name: string, content: unknown): Promise<void> {
  const target = path.join(lake, name)
  await makeFolder(path.dirname(target))
  await writeFile(`${target}.tmp`, `${JSON.stringify(content, null, 2)}\n`)
  await syncFile(`${target}.tmp`)
  await rename(`${target}.tmp`, target)
}

/** `undefined` when there is no such file. */
export async function readJson<Content>(lake: string, name: string): Promise<Content | undefined> {
  try {
    return JSON.parse(await readFile(path.join(lake, name), 'utf8')) as Content
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return undefined
    throw error
  }
}

/** Names in a folder of the lake, sorted; none when it does not exist. */
export async function listNames(lake: string, folder: string): Promise<string[]> {
  return (await readdirOrNone(path.join(lake, folder))).toSorted()
}

export type PartitionState = 'as published' | 'missing' | 'another file'

/** What is at the partition's place, told by the size alone: nothing is read. `bytes` is what was published. */
export async function partitionState(lake: string, partition: Partition, bytes: number): Promise<PartitionState> {
  const found = await stat(path.join(lake, partitionPath(partition))).catch(() => undefined)
  if (found === undefined) return 'missing'
  return found.size === bytes ? 'as published' : 'another file'
}

/** Errors of a file system as errors of ours: a full disk, a folder that may not be written. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (cause) {
    if (isCode(cause, 'EACCES') || isCode(cause, 'EPERM') || isCode(cause, 'EROFS')) {
      throw new UserError('the folder cannot be written', {
        where: { file: folder },
        hint: 'Let the user that runs focal write there, or name another folder.',
        cause,
      })
    }
    if (isCode(cause, 'EEXIST') || isCode(cause, 'ENOTDIR')) {
      throw new UserError('the folder cannot be made: a file is in its way', {
        where: { file: folder },
        hint: 'Name another folder, or move the file.',
        cause,
      })
    }
    if (isCode(cause, 'ENOSPC')) {
      throw new RetryableError('no space left on the device', {
        where: { file: folder },
        hint: 'Free space where the lake is; nothing was published.',
        cause,
      })
    }
    throw cause
  }
}

async function readdirOrNone(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return []
    throw error
  }
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+')
  await handle.sync().finally(() => handle.close())
}

/** So that a rename survives a power cut; a file system that cannot is left alone. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle
    .sync()
    .catch(() => undefined)
    .finally(() => handle.close())
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
