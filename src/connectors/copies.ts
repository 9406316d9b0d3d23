import { DataError } from '../core/errors.ts'
import type { ObjectInfo } from './stores/object-store.ts'

/**
 * The same rows twice would be counted twice. DataError for files of one billing period that are the same bytes, or
 * differ in their packing only; `version` tells bytes apart.
 */
export function refuseCopies(files: readonly ObjectInfo[]): void {
  const byContent = new Map<string, string>()
  const byName = new Map<string, string>()
  for (const { key, version } of files) {
    const unpacked = key.replace(/\.(gz|zip)$/i, '')
    const copied = byContent.get(version)
    const packed = byName.get(unpacked)
    if (copied !== undefined) throw twice('are the same', copied, key)
    if (packed !== undefined) throw twice('differ only in how they are packed', packed, key)
    byContent.set(version, key)
    byName.set(unpacked, key)
  }
}

function twice(how: string, first: string, second: string): DataError {
  return new DataError(`two files of one billing period ${how}: ${first} and ${second}`, {
    where: { file: second },
    hint: 'Remove the copy: its rows would be counted twice.',
  })
}
