import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { ObjectStore } from '../../src/connectors/stores/object-store.ts'
import { openStore } from '../../src/connectors/stores/open.ts'
import { RetryableError } from '../../src/core/errors.ts'
import { temporaryFolder } from './temporary-folder.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
/** Whole seconds, which every call can set exactly. */
const lastYear = new Date('2025-03-01T00:00:00Z')

function open(folder: string, location = '.'): ObjectStore {
  return openStore(location, { baseDirectory: folder, cacheDirectory: path.join(folder, '../cache'), env: {} })
}

async function billsFolder(): Promise<string> {
  const bills = path.join(temporaryFolder(), 'bills')
  await mkdir(bills)
  return bills
}

test('reads a file once: while size, time and inode stay, another process believes what was remembered', async () => {
  const bills = await billsFolder()
  const file = path.join(bills, 'a.csv')
  await writeFile(file, 'one')
  await utimes(file, lastYear, lastYear)
  expect(await open(bills).list('')).toEqual({
    folders: [],
    objects: [{ key: 'a.csv', size: 3, version: sha256('one') }],
  })

  // Other bytes in the same place, made to look untouched: only a store that does not read the file is taken in.
  await writeFile(file, 'two')
  await utimes(file, lastYear, lastYear)
  expect(await open(bills).list('')).toEqual({
    folders: [],
    objects: [{ key: 'a.csv', size: 3, version: sha256('one') }],
  })
})

test.each([
  ['time', async (file: string) => utimes(file, lastYear, new Date('2025-03-01T00:00:01Z'))],
  ['size', async (file: string) => writeFile(file, 'three').then(() => utimes(file, lastYear, lastYear))],
  [
    'inode',
    async (file: string) => {
      await writeFile(`${file}.new`, 'six')
      await utimes(`${file}.new`, lastYear, lastYear)
      await rename(`${file}.new`, file)
    },
  ],
])('reads a file again when its %s differs', async (_, touch) => {
  const bills = await billsFolder()
  const file = path.join(bills, 'a.csv')
  await writeFile(file, 'one')
  await utimes(file, lastYear, lastYear)
  await open(bills).stat('a.csv')
  await writeFile(file, 'two')
  await utimes(file, lastYear, lastYear)
  await touch(file)
  expect(await open(bills).stat('a.csv')).toMatchObject({ version: sha256(await readFile(file, 'utf8')) })
})

test('tells two writes of equal length apart that follow each other at once', async () => {
  const bills = await billsFolder()
  const store = open(bills)
  for (const text of ['aaa', 'bbb', 'ccc', 'ddd', 'eee', 'fff']) {
    await writeFile(path.join(bills, 'a.csv'), text)
    expect(await store.stat('a.csv')).toEqual({ key: 'a.csv', size: 3, version: sha256(text) })
  }
})

test('does not trust what it read from a file that is written to meanwhile', async () => {
  const bills = await billsFolder()
  const file = path.join(bills, 'a.csv')
  await writeFile(file, Buffer.alloc(32 * 1024 * 1024))
  await utimes(file, lastYear, lastYear)
  const settled = new AbortController()
  const described = open(bills)
    .stat('a.csv')
    .finally(() => settled.abort())
  const touched = (async () => {
    for (let second = 1; !settled.signal.aborted; second += 1) {
      await utimes(file, lastYear, new Date(lastYear.getTime() + second * 1000))
    }
  })()
  await expect(described).rejects.toBeInstanceOf(RetryableError)
  await expect(described).rejects.toMatchObject({
    message: `${file} changed while it was being read`,
    where: { file },
    hint: 'Something is still writing to it; the next run reads it once that is done.',
  })
  await touched
})

test('remembers all files that are asked for at the same time', async () => {
  const bills = await billsFolder()
  const keys = Array.from({ length: 40 }, (_, number) => `${number}.csv`)
  for (const key of keys) await writeFile(path.join(bills, key), key)
  const store = open(bills)
  await Promise.all(keys.map((key) => store.stat(key)))
  const remembered = Object.keys(JSON.parse(await readFile(await indexFile(bills), 'utf8')))
  expect(new Set(remembered)).toEqual(new Set(keys))
})

test.each([
  ['cut off', (index: string) => index.slice(0, -10)],
  ['of another shape', () => '{"a.csv": {"size": 3}}'],
  ['empty', () => ''],
])('rebuilds an index that is %s', async (_, damage) => {
  const bills = await billsFolder()
  await writeFile(path.join(bills, 'a.csv'), 'one')
  const listed = await open(bills).list('')
  const index = await indexFile(bills)
  const sound = await readFile(index, 'utf8')
  await writeFile(index, damage(sound))
  expect(await open(bills).list('')).toEqual(listed)
  expect(await readFile(index, 'utf8')).toBe(sound)
})

test('forgets the hashes of files that are gone, and leaves nothing else in the cache', async () => {
  const bills = await billsFolder()
  await mkdir(path.join(bills, 'deep'))
  for (const key of ['a.csv', 'b.csv', 'deep/c.csv']) await writeFile(path.join(bills, key), key)
  const store = open(bills)
  await store.list('')
  await store.list('deep/')
  await rm(path.join(bills, 'b.csv'))
  await store.list('')
  expect(Object.keys(JSON.parse(await readFile(await indexFile(bills), 'utf8')))).toEqual(['a.csv', 'deep/c.csv'])
  expect(await readdir(path.join(bills, '../cache'))).toHaveLength(1)
})

async function indexFile(bills: string): Promise<string> {
  const cache = path.join(bills, '../cache')
  const names = await readdir(cache)
  return path.join(cache, names.find((name) => /^hashes-[0-9a-f]{16}\.json$/.test(name)) ?? 'no index')
}
