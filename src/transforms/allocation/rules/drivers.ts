import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import nodePath from 'node:path'
import { pipeline } from 'node:stream/promises'
import { lineOf, mistake, toReceiver, type Draft, type Names } from './draft.ts'
import type { WrittenDriver } from './file-format.ts'
import { readDatelessMapping } from './mapping.ts'
import type { Driver, Reason } from '../rule-set.ts'

type Path = readonly (string | number)[]

/** The drivers with their files found; what the files hold is read when they weigh. */
export async function readDrivers(draft: Draft, names: Names): Promise<Driver[]> {
  const drivers: Driver[] = []
  for (const [id, written] of Object.entries(draft.written.drivers)) {
    drivers.push(await readDriver(draft, names, id, written))
  }
  return drivers
}

async function readDriver(draft: Draft, names: Names, id: string, written: WrittenDriver): Promise<Driver> {
  const path = ['drivers', id]
  const named = [written.files].flat()
  const format = written.format ?? formatOf(draft, [...path, 'files'], named[0] ?? '')
  const map =
    written.map === undefined
      ? new Map<string, string>()
      : await readDatelessMapping(draft, [...path, 'map'], written.map)
  return {
    id,
    line: lineOf(draft, path),
    format,
    files: await findFiles(draft, [...path, 'files'], named, format),
    columns: columnsOf(draft, id, written, format),
    map: new Map([...map].map(([key, to]) => [key, toReceiver(draft, names, to, [...path, 'map', key])])),
    special: new Map(Object.entries<Reason>({ ...(format === 'opencost' && openCostKeys), ...written.special })),
  }
}

/** The names that OpenCost's allocation API gives to what no workload used. */
const openCostKeys: Readonly<Record<string, Reason>> = {
  __idle__: 'idle',
  __unallocated__: 'unallocated',
  __unmounted__: 'unallocated',
  'kube-system': 'system',
}

const endings: Readonly<Record<Driver['format'], RegExp>> = {
  csv: /\.csv(\.gz)?$/i,
  parquet: /\.parquet$/i,
  opencost: /\.json(\.gz)?$/i,
}

function formatOf(draft: Draft, path: Path, file: string): Driver['format'] {
  if (endings.csv.test(file)) return 'csv'
  if (endings.parquet.test(file)) return 'parquet'
  throw mistake(draft, path, `the format of ${file} does not show`, 'Add format: csv, parquet or opencost.')
}

function columnsOf(draft: Draft, id: string, { columns }: WrittenDriver, format: Driver['format']): Driver['columns'] {
  const known = format === 'opencost' ? { key: 'name', weight: 'totalCost', at: 'start', ...columns } : columns
  const { key, weight, at, match, validFrom, validTo } = known
  if (key === undefined || weight === undefined) {
    throw mistake(
      draft,
      ['drivers', id, 'columns'],
      `the driver ${id} does not say which column is the ${key === undefined ? 'key' : 'weight'}`,
      'Name both, such as columns: { key: tenant, weight: queries }.',
    )
  }
  return { key, weight, at, match, validFrom, validTo }
}

/** The files named and those in folders named, each folder's by name. */
async function findFiles(
  draft: Draft,
  path: Path,
  named: readonly string[],
  format: Driver['format'],
): Promise<string[]> {
  const files: string[] = []
  for (const name of named) {
    const absolute = draft.resolve(name)
    const found = await stat(absolute).catch(() => undefined)
    if (found === undefined) {
      throw mistake(draft, path, `there is no ${name}`, 'Name a file or folder that is there, relative to this file.')
    }
    const inside = found.isDirectory() ? await filesIn(absolute, endings[format]) : [absolute]
    if (inside.length === 0) {
      throw mistake(draft, path, `the folder ${name} has no ${format} file`, `Files are found by their ending.`)
    }
    files.push(...inside)
  }
  return files
}

async function filesIn(folder: string, ending: RegExp): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const names = entries.filter((entry) => entry.isFile() && ending.test(entry.name))
  return names.map(({ parentPath, name }) => nodePath.join(parentPath, name)).toSorted()
}

/** SHA-256 of each driver's files, in their order. Names do not count, only what is in them. */
export async function hashDriverFiles(drivers: readonly Driver[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const hashes = new Map<string, string[]>()
  for (const { id, files } of drivers) {
    const ofDriver: string[] = []
    for (const file of files) ofDriver.push(await hashFile(file))
    hashes.set(id, ofDriver)
  }
  return hashes
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
