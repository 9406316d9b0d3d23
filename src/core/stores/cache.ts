import { createHash, randomUUID } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { RetryableError, UserError } from '../errors.ts'

/**
 * A folder of files that are complete or absent: each is written under a name of its own and renamed
 * into place after fsync, so a killed process leaves at most a `.part` that nobody takes for a file.
 */
export interface Cache {
  /** The path of `name` when it is here with exactly this size in bytes. */
  find(name: string, size: number): Promise<string | undefined>
  /** Has `write` fill the file and puts it in place; nothing stays behind when `write` throws. */
  fill(name: string, write: (file: FileHandle, path: string) => Promise<void>): Promise<string>
  /** Deletes every other file, and parts that no living process can still be writing. */
  keepOnly(names: ReadonlySet<string>): Promise<void>
}

/** A part that was not written to for this long has lost its writer: a stalled download gives up in minutes. */
const abandonedAfterMs = 60 * 60 * 1000

export function openCache(directory: string): Cache {
  return {
    async find(name, size) {
      const file = path.join(directory, name)
      const found = await stat(file).catch(ignoreMissing)
      return found?.isFile() === true && found.size === size ? file : undefined
    },
    async fill(name, write) {
      const final = path.join(directory, name)
      try {
        await mkdir(directory, { recursive: true })
        await writeAside(final, write)
      } catch (error) {
        throw diskError(error, directory) ?? error
      }
      return final
    },
    async keepOnly(names) {
      const present = await readdir(directory).catch(ignoreMissing)
      for (const name of present ?? []) {
        const file = path.join(directory, name)
        if (!names.has(name) && !(name.endsWith('.part') && (await isInUse(file)))) await rm(file, { force: true })
      }
    },
  }
}

/** The name of a copy: a digest of what identifies the content, then the object's own base name, for people and DuckDB. */
export function cacheName(identity: readonly string[], key: string): string {
  const digest = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32)
  const base = (key.split('/').at(-1) ?? '').replaceAll(/[^\w.-]/g, '_').slice(-80)
  return `${digest}-${base}`
}

async function writeAside(final: string, write: (file: FileHandle, path: string) => Promise<void>): Promise<void> {
  // A name of its own for each writer: two processes that fetch the same object cannot disturb each other.
  const part = `${final}.${randomUUID()}.part`
  const file = await open(part, 'wx')
  try {
    await write(file, part)
    await file.sync()
    await file.close()
    await rename(part, final)
  } catch (error) {
    await file.close().catch(() => undefined)
    await rm(part, { force: true })
    throw error
  }
}

async function isInUse(part: string): Promise<boolean> {
  const found = await stat(part).catch(ignoreMissing)
  return found !== undefined && Date.now() - found.mtimeMs < abandonedAfterMs
}

function diskError(error: unknown, directory: string): Error | undefined {
  const code = errorCode(error)
  const where = { file: directory }
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    const hint = 'Make room there, or move the cache to a larger disk.'
    return new RetryableError(`no space left for downloads (${code})`, { where, hint, cause: error })
  }
  // A connection can be refused with the same codes (by a firewall); only an error about a file names a path.
  if (!(error instanceof Error) || !('path' in error)) return undefined
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR') {
    const hint = 'Give the user that runs focal a cache folder it can write to.'
    return new UserError(`the cache folder cannot be written to (${code})`, { where, hint, cause: error })
  }
  return undefined
}

/** The `code` of a system error (`ENOENT`), if it has one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** For `.catch`: a path that does not exist is `undefined`. */
export function ignoreMissing(error: unknown): undefined {
  const code = errorCode(error)
  if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error
  return undefined
}
