import { createHash } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import path from 'node:path'
import { openCache } from '../core/stores/cache.ts'
import type { Facts } from './bucket.ts'

/**
 * Copies of a bucket's files on this machine, by their content: `<digest of the tag>/<path in the lake>`, so that
 * hive partitions are read off the path, and a copy is never another's content.
 */
export interface LakeCache {
  find(key: string, facts: Facts): Promise<string | undefined>
  /** As `Cache.fill`: complete or absent. */
  fill: (key: string, facts: Facts, write: Parameters<ReturnType<typeof openCache>['fill']>[1]) => Promise<string>
  /** Takes in a file that was just put in place. */
  adopt(file: string, key: string, tag: string): Promise<void>
  /** Removes copies that nobody has asked for since a day. */
  trim(): Promise<void>
}

const unusedMs = 24 * 60 * 60_000

export function lakeCache(folder: string): LakeCache {
  const folderOf = (key: string, tag: string) => {
    const digest = createHash('sha256')
      .update(JSON.stringify([key, tag]))
      .digest('hex')
      .slice(0, 16)
    return path.join(folder, digest, path.dirname(key))
  }
  return {
    async find(key, { tag, bytes }) {
      const found = await openCache(folderOf(key, tag)).find(path.basename(key), bytes)
      const now = new Date()
      if (found !== undefined) await utimes(found, now, now).catch(() => undefined)
      return found
    },
    fill: (key, { tag }, write) => openCache(folderOf(key, tag)).fill(path.basename(key), write),
    async adopt(file, key, tag) {
      await mkdir(folderOf(key, tag), { recursive: true })
      await rename(file, path.join(folderOf(key, tag), path.basename(key)))
    },
    async trim() {
      for (const digest of await readdir(folder).catch(() => [])) {
        const copy = path.join(folder, digest)
        if (!(await isUsed(copy))) await rm(copy, { recursive: true, force: true })
      }
    },
  }
}

/** Whether a file below it, or one that is being written, was touched lately. */
async function isUsed(folder: string): Promise<boolean> {
  const entries = await readdir(folder, { recursive: true })
  const times = await Promise.all(entries.map((entry) => stat(path.join(folder, entry)).catch(() => undefined)))
  return times.some((found) => found !== undefined && Date.now() - found.mtimeMs < unusedMs)
}
