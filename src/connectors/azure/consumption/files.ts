import { mkdir, open, readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import { RetryableError, UserError } from '../../../core/errors.ts'

/** `undefined` when there is none, or it was cut short: what it tells can be had again. */
export async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T
  } catch {
    return undefined
  }
}

/** Writes the file whole or not at all, also when the machine goes down. */
export async function writeJson(file: string, content: unknown): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true })
  const aside = await open(`${file}.new`, 'w')
  try {
    await aside.writeFile(JSON.stringify(content))
    await aside.sync()
  } finally {
    await aside.close()
  }
  await rename(`${file}.new`, file)
}

/** The errors of a disk in the user's words; others as they are. */
export function explainDisk(error: unknown, directory: string): unknown {
  // A connection can be refused with the same codes; only an error about a file names a path or a system call on one.
  if (!(error instanceof Error) || !('code' in error)) return error
  const where = { file: directory }
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') {
    const hint = 'Make room there, or move the cache to a larger disk.'
    return new RetryableError(`no space left for downloads (${error.code})`, { where, hint, cause: error })
  }
  if ('path' in error && (error.code === 'EACCES' || error.code === 'EPERM' || error.code === 'EROFS')) {
    const hint = 'Give the user that runs focal a cache folder it can write to.'
    return new UserError(`the cache folder cannot be written to (${error.code})`, { where, hint, cause: error })
  }
  return error
}
