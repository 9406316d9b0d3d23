import { createHash } from 'node:crypto'
import type { Dirent } from 'node:fs'
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import { DataError, RetryableError, UserError } from '../../core/errors.ts'
import { errorCode, ignoreMissing } from '../../core/stores/cache.ts'
import { changedWhileRead, openHashIndex } from './hash-index.ts'
import { byCodeUnit, checkFolder, checkKey, decodeText, noSuchObject } from '../../core/stores/keys.ts'
import type { ObjectInfo, ObjectStore } from './object-store.ts'

export interface LocalFolderOptions {
  /** As the user wrote it, for messages. */
  readonly location: string
  /** Absolute. A folder, or one file, which then is the store's only object under its base name. */
  readonly path: string
  readonly cacheDirectory: string
  readonly signal?: AbortSignal | undefined
}

/** The real path that every file of the store has to lie below, or the one file that the location is. */
type Root = { readonly directory: string } | { readonly name: string; readonly file: string }

/** A local folder (or a single file) as a store. `fetch` copies nothing: it returns the file's own path. */
export function openLocalFolder(options: LocalFolderOptions): ObjectStore {
  const { location, signal } = options
  // One index per location: two stores that share a cache folder must not overwrite what the other learned.
  const indexName = `hashes-${createHash('sha256').update(options.path).digest('hex').slice(0, 16)}.json`
  const index = openHashIndex(options.cacheDirectory, indexName, signal)

  /** `undefined` when there is nothing under the key, or something that is no regular file. */
  async function find(root: Root, key: string): Promise<string | undefined> {
    if ('file' in root) return key === root.name ? root.file : undefined
    const file = await realpath(path.join(root.directory, key)).catch(ignoreMissing)
    if (file === undefined) return undefined
    if (!isBelow(file, root.directory)) throw leadsOut(key, location)
    return (await stat(file)).isFile() ? file : undefined
  }

  async function describe(root: Root, key: string): Promise<ObjectInfo | undefined> {
    const file = await find(root, key)
    if (file === undefined) return undefined
    const { size, sha256 } = await index.identify(file, key)
    return { key, size, version: sha256 }
  }

  async function statKey(key: string): Promise<ObjectInfo | undefined> {
    checkKey(key, location)
    const found = await describe(await openRoot(options), key)
    await index.save(found === undefined ? (known) => known === key : undefined)
    return found
  }

  async function list(folder: string) {
    checkFolder(folder, location)
    const root = await openRoot(options)
    const { folders, files } = await entriesOf(root, folder, location)
    const objects: ObjectInfo[] = []
    for (const key of files) {
      signal?.throwIfAborted()
      const found = await describe(root, key)
      if (found !== undefined) objects.push(found)
    }
    const present = new Set(objects.map((object) => object.key))
    await index.save((known) => isDirectlyIn(known, folder) && !present.has(known))
    return { folders, objects }
  }

  async function readText(key: string) {
    checkKey(key, location)
    const file = await find(await openRoot(options), key)
    if (file === undefined) throw noSuchObject(key, location)
    return decodeText(await readFile(file, { signal }), key)
  }

  async function fetch(object: ObjectInfo) {
    const current = await statKey(object.key)
    const file = await find(await openRoot(options), object.key)
    if (file === undefined || current?.version !== object.version)
      throw changedWhileRead(path.join(options.path, object.key))
    return file
  }

  const readable = <T>(work: () => Promise<T>) => translateErrors(options, work)
  return {
    location,
    list: (folder) => readable(() => list(folder)),
    stat: (key) => readable(() => statKey(key)),
    readText: (key) => readable(() => readText(key)),
    async fetch(object, progress) {
      const file = await readable(() => fetch(object))
      progress?.(object.size)
      return file
    },
    async forget() {
      // The files are the user's own; the index drops what is gone whenever it lists.
    },
  }
}

async function openRoot({ location, path: given }: LocalFolderOptions): Promise<Root> {
  const real = await realpath(given).catch(ignoreMissing)
  if (real === undefined) {
    const hint =
      'Correct the location, or mount or create the folder; a relative one starts from the folder of the configuration.'
    throw new UserError(`there is no folder ${location}`, { where: { file: given }, hint })
  }
  // A single file goes by the name that was configured, also when that is a link to another.
  return (await stat(real)).isFile() ? { name: path.basename(given), file: real } : { directory: real }
}

/** Keys directly under `folder`, each list in key order; folders end with a slash. */
async function entriesOf(
  root: Root,
  folder: string,
  location: string,
): Promise<{ folders: string[]; files: string[] }> {
  if ('file' in root) return { folders: [], files: folder === '' ? [root.name] : [] }
  const directory = await realpath(path.join(root.directory, folder)).catch(ignoreMissing)
  if (directory === undefined) return { folders: [], files: [] }
  if (directory !== root.directory && !isBelow(directory, root.directory)) throw leadsOut(folder, location)
  const folders: string[] = []
  const files: string[] = []
  for (const entry of (await readdir(directory, { withFileTypes: true }).catch(ignoreMissing)) ?? []) {
    const key = `${folder}${entry.name}`
    if (await isFolder(directory, entry, key)) folders.push(`${key}/`)
    else files.push(key)
  }
  return { folders: folders.toSorted(byCodeUnit), files: files.toSorted(byCodeUnit) }
}

async function isFolder(directory: string, entry: Dirent, key: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory()
  const target = await stat(path.join(directory, entry.name)).catch(ignoreMissing)
  if (target !== undefined) return target.isDirectory()
  // Not passed over: the disk that it leads to may just not be mounted, and a bill would silently lack.
  throw new DataError(`"${key}" is a link that leads nowhere`, {
    where: { file: key },
    hint: 'Mount or restore what it leads to, or delete the link.',
  })
}

function isBelow(file: string, directory: string): boolean {
  return file.startsWith(directory.endsWith(path.sep) ? directory : directory + path.sep)
}

function isDirectlyIn(key: string, folder: string): boolean {
  return key.startsWith(folder) && !key.slice(folder.length).includes('/')
}

function leadsOut(key: string, location: string): DataError {
  return new DataError(`"${key}" is a link that leads out of ${location}`, {
    where: { file: key },
    hint: 'Put the file itself below the location, or point the location at where it lies.',
  })
}

async function translateErrors<T>({ location, signal }: LocalFolderOptions, work: () => Promise<T>): Promise<T> {
  try {
    signal?.throwIfAborted()
    return await work()
  } catch (error) {
    signal?.throwIfAborted()
    const code = errorCode(error)
    if (code === undefined || !(error instanceof Error)) throw error
    const where = { file: 'path' in error && typeof error.path === 'string' ? error.path : location }
    if (code === 'EACCES' || code === 'EPERM') {
      const hint = 'Give the user that runs focal permission to read it (and to enter the folders above it).'
      throw new UserError(`${where.file} may not be read`, { where, hint, cause: error })
    }
    throw new RetryableError(`${where.file} cannot be read: ${error.message}`, { where, cause: error })
  }
}
