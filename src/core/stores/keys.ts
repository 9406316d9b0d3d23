import { DataError } from '../errors.ts'

/**
 * Refuses a key that a file system would resolve to another place than it spells. The same rule holds for
 * every store, so that a delivery reads alike from a bucket and from a copy of it on disk.
 */
export function checkKey(key: string, location: string): void {
  const segments = key.split('/')
  if (key === '' || key.includes('\0') || segments.includes('..') || segments.includes('.')) {
    throw new DataError(`the key "${key}" leads out of ${location}`, {
      where: { file: key },
      hint: 'A manifest may only name files below the location; check who can write to it.',
    })
  }
}

/** As `checkKey`, for what `list` takes. */
export function checkFolder(folder: string, location: string): void {
  if (folder === '') return
  if (!folder.endsWith('/')) throw new TypeError(`a folder ends with a slash: "${folder}"`)
  checkKey(folder, location)
}

/** Key order: by UTF-16 code unit, the same on every machine and in every locale. */
export function byCodeUnit(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** The error for a key that `readText` was given and that is not there. */
export function noSuchObject(key: string, location: string): DataError {
  return new DataError(`there is no object "${key}" in ${location}`, {
    where: { file: key },
    hint: 'The export names it but does not hold it: look whether it was deleted or not copied.',
  })
}

/** UTF-8 without its byte order mark; a DataError when the bytes are not UTF-8. */
export function decodeText(bytes: Uint8Array, key: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new DataError(`"${key}" is not UTF-8 text`, { where: { file: key }, cause })
  }
}
