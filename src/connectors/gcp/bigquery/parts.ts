import { readdir, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { ignoreMissing, openCache } from '../../../core/stores/cache.ts'

/** The rows of one delivery that are on disk, in whole Parquet files whose names say which rows they hold. */
export interface Parts {
  /** Rows present of all streams. */
  rows(): number
  /** Rows present of one stream, from its first on: where it is to be read on. */
  end(stream: number): number
  /** Adds the next rows of a stream. */
  add(stream: number, rows: number, write: (path: string) => Promise<void>): Promise<void>
  /** Names in the order of streams and rows. */
  names(): string[]
  /** Deletes every part. */
  clear(): Promise<void>
}

/** What the folder holds; parts that do not follow one another, as someone deleted one, are deleted. */
export async function openParts(folder: string): Promise<Parts> {
  const ends = new Map<number, number>()
  const names: string[] = []
  const cache = openCache(folder)

  async function clear(): Promise<void> {
    for (const name of (await readdir(folder).catch(ignoreMissing)) ?? []) {
      if (parse(name) !== undefined) await rm(path.join(folder, name), { force: true })
    }
    ends.clear()
    names.length = 0
  }

  for (const name of ((await readdir(folder).catch(ignoreMissing)) ?? []).toSorted()) {
    const part = parse(name)
    if (part === undefined) continue
    if (part.start !== (ends.get(part.stream) ?? 0) || (await stat(path.join(folder, name))).size === 0) {
      await clear()
      break
    }
    ends.set(part.stream, part.start + part.rows)
    names.push(name)
  }
  return {
    rows: () => [...ends.values()].reduce((sum, end) => sum + end, 0),
    end: (stream) => ends.get(stream) ?? 0,
    async add(stream, rows, write) {
      const start = ends.get(stream) ?? 0
      const name = `${pad(stream, 4)}-${pad(start, 12)}-${pad(rows, 12)}.parquet`
      await cache.fill(name, (_file, part) => write(part))
      ends.set(stream, start + rows)
      names.push(name)
    },
    names: () => names.toSorted(),
    clear,
  }
}

function parse(name: string): { stream: number; start: number; rows: number } | undefined {
  const [, stream, start, rows] = /^(\d{4})-(\d{12})-(\d{12})\.parquet$/.exec(name) ?? []
  return stream === undefined ? undefined : { stream: Number(stream), start: Number(start), rows: Number(rows) }
}

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, '0')
}
