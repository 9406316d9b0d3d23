import { createHash } from 'node:crypto'
import { createReadStream, type BigIntStats } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { RetryableError } from '../../core/errors.ts'
import { ignoreMissing, openCache } from '../../core/stores/cache.ts'

/**
 * Remembers the SHA-256 of local files, so that a file is read once and not again until its size,
 * modification time or inode differ. Only a cache: lost or damaged, it is rebuilt by reading.
 */
export interface HashIndex {
  /** Size in bytes and SHA-256 in hex of the same bytes. RetryableError when the file is written to at the same time. */
  identify(file: string, key: string): Promise<{ size: number; sha256: string }>
  /** Writes what was learned since, without the keys that `isGone` tells exist no more. */
  save(isGone?: (key: string) => boolean): Promise<void>
}

const entries = z.record(
  z.string(),
  z.object({ size: z.string(), mtimeNs: z.string(), inode: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
)
type Entries = z.infer<typeof entries>

/** File systems stamp times at the tick of a coarse clock (4 to 10 ms): two writes within one look the same. */
const clockTickMs = 20

export function openHashIndex(directory: string, name: string, signal?: AbortSignal): HashIndex {
  let known: Promise<Map<string, Entries[string]>> | undefined
  let changed = false
  let saved = Promise.resolve()
  const load = () => (known ??= readEntries(path.join(directory, name)))

  return {
    async identify(file, key) {
      const index = await load()
      const before = await stat(file, { bigint: true })
      const remembered = index.get(key)
      if (remembered !== undefined && isSame(remembered, marksOf(before))) {
        return { size: Number(remembered.size), sha256: remembered.sha256 }
      }
      await outliveClockTick(before, signal)
      const marks = marksOf(await stat(file, { bigint: true }))
      const sha256 = await hashFile(file, signal)
      if (!isSame(marks, marksOf(await stat(file, { bigint: true })))) throw changedWhileRead(file)
      index.set(key, { ...marks, sha256 })
      changed = true
      return { size: Number(marks.size), sha256 }
    },
    async save(isGone) {
      const index = await load()
      const gone = isGone === undefined ? [] : [...index.keys()].filter(isGone)
      for (const key of gone) changed = index.delete(key) || changed
      // One after the other: of two at a time, the older could be the last to be put in place.
      const write = () => (changed ? writeEntries(index) : undefined)
      saved = saved.then(write, write)
      await saved
    },
  }

  async function writeEntries(index: ReadonlyMap<string, Entries[string]>): Promise<void> {
    changed = false
    const text = JSON.stringify(Object.fromEntries(index), undefined, 1)
    await openCache(directory).fill(name, (file) => file.writeFile(text))
  }
}

export function changedWhileRead(file: string): RetryableError {
  return new RetryableError(`${file} changed while it was being read`, {
    where: { file },
    hint: 'Something is still writing to it; the next run reads it once that is done.',
  })
}

async function readEntries(file: string): Promise<Map<string, Entries[string]>> {
  const text = await readFile(file, 'utf8').catch(ignoreMissing)
  const parsed = entries.safeParse(parseJson(text ?? '{}'))
  return new Map(parsed.success ? Object.entries(parsed.data) : [])
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What an unchanged file keeps. */
type Marks = Omit<Entries[string], 'sha256'>

function marksOf(stats: BigIntStats): Marks {
  return { size: String(stats.size), mtimeNs: String(stats.mtimeNs), inode: String(stats.ino) }
}

function isSame(a: Marks, b: Marks): boolean {
  return a.size === b.size && a.mtimeNs === b.mtimeNs && a.inode === b.inode
}

async function outliveClockTick(stats: BigIntStats, signal?: AbortSignal): Promise<void> {
  const age = Date.now() - Number(stats.mtimeMs)
  if (age >= 0 && age < clockTickMs) await sleep(clockTickMs - age, undefined, { signal })
}

async function hashFile(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  const chunks: AsyncIterable<Uint8Array> = createReadStream(file, { highWaterMark: 1 << 20, signal })
  for await (const chunk of chunks) hash.update(chunk)
  return hash.digest('hex')
}
