import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { ObjectStore } from '../../src/connectors/stores/object-store.ts'
import { openStore } from '../../src/connectors/stores/open.ts'
import { DataError, describeError, UserError } from '../../src/core/errors.ts'
import { conformance, type StoreLocation } from './conformance.ts'
import { temporaryFolder } from './temporary-folder.ts'

conformance('a local folder', async () => {
  const base = await realpath(await mkdtemp(path.join(tmpdir(), 'focal-test-')))
  let count = 0
  return {
    partSize: 1000,
    async create(): Promise<StoreLocation> {
      count += 1
      const options = { baseDirectory: base, cacheDirectory: path.join(base, `cache-${count}`), env: {} }
      const bills = path.join(base, `bills-${count}`)
      await mkdir(bills)
      const changed = (key: string) => `${path.join(bills, key)} changed while it was being read`
      return {
        async put(key, bytes) {
          await mkdir(path.dirname(path.join(bills, key)), { recursive: true })
          await writeFile(path.join(bills, key), bytes)
        },
        remove: (key) => rm(path.join(bills, key)),
        open: (signal) => openStore(`./bills-${count}`, { ...options, signal }),
        missing: { store: openStore('./no-bills', options), message: 'there is no folder ./no-bills' },
        changed,
        removed: changed,
      }
    },
    close: () => rm(base, { recursive: true }),
  }
})

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

function open(folder: string, location = '.'): ObjectStore {
  return openStore(location, { baseDirectory: folder, cacheDirectory: path.join(folder, '../cache'), env: {} })
}

async function billsFolder(): Promise<string> {
  const bills = path.join(temporaryFolder(), 'bills')
  await mkdir(bills)
  return bills
}

test('takes the SHA-256 of the bytes for the version', async () => {
  const bills = await billsFolder()
  await writeFile(path.join(bills, 'a.csv'), 'hello')
  expect(await open(bills).stat('a.csv')).toEqual({
    key: 'a.csv',
    size: 5,
    version: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
  })
})

test('returns the path of the file itself', async () => {
  const bills = await billsFolder()
  await writeFile(path.join(bills, 'a.csv'), 'one')
  const [object] = (await open(bills).list('')).objects
  expect(object && (await open(bills).fetch(object))).toBe(path.join(bills, 'a.csv'))
})

test('takes a single file for a location that holds one object', async () => {
  const bills = await billsFolder()
  await writeFile(path.join(bills, 'a.csv'), 'one')
  await writeFile(path.join(bills, 'b.csv'), 'two')
  const store = open(bills, 'a.csv')
  const object = { key: 'a.csv', size: 3, version: sha256('one') }
  expect(await store.list('')).toEqual({ folders: [], objects: [object] })
  expect(await store.list('deep/')).toEqual({ folders: [], objects: [] })
  expect(await store.fetch(object)).toBe(path.join(bills, 'a.csv'))
  expect(await store.stat('b.csv')).toBeUndefined()
})

test('calls a single file by the name that was configured, also when it is a link', async () => {
  const bills = await billsFolder()
  await writeFile(path.join(bills, 'real.csv'), 'one')
  await symlink('real.csv', path.join(bills, 'link.csv'))
  expect((await open(bills, 'link.csv').list('')).objects).toEqual([
    { key: 'link.csv', size: 3, version: sha256('one') },
  ])
})

test('follows links that stay below the location, and a location that is one', async () => {
  const bills = await billsFolder()
  await mkdir(path.join(bills, 'real'))
  await writeFile(path.join(bills, 'real/a.csv'), 'one')
  await symlink('real', path.join(bills, 'folder'))
  await symlink('real/a.csv', path.join(bills, 'file.csv'))
  await symlink('bills', path.join(bills, '../linked'))
  const store = open(path.join(bills, '..'), 'linked')
  expect(await store.list('')).toEqual({
    folders: ['folder/', 'real/'],
    objects: [{ key: 'file.csv', size: 3, version: sha256('one') }],
  })
  expect((await store.list('folder/')).objects).toEqual([{ key: 'folder/a.csv', size: 3, version: sha256('one') }])
})

test('refuses links that lead out of the location, of files and of folders', async () => {
  const bills = await billsFolder()
  await mkdir(path.join(bills, '../bills-secret'))
  await writeFile(path.join(bills, '../bills-secret/a.csv'), 'one')
  await symlink('../bills-secret', path.join(bills, 'folder'))
  await symlink('../bills-secret/a.csv', path.join(bills, 'file.csv'))
  const store = open(bills)
  const refusals = [
    [() => store.stat('file.csv'), 'file.csv'],
    [() => store.list(''), 'file.csv'],
    [() => store.stat('folder/a.csv'), 'folder/a.csv'],
    [() => store.readText('folder/a.csv'), 'folder/a.csv'],
    [() => store.fetch({ key: 'folder/a.csv', size: 3, version: sha256('one') }), 'folder/a.csv'],
    [() => store.list('folder/'), 'folder/'],
  ] as const
  for (const [ask, key] of refusals) {
    const refusal = ask()
    await expect(refusal).rejects.toBeInstanceOf(DataError)
    await expect(refusal).rejects.toMatchObject({
      message: `"${key}" is a link that leads out of .`,
      where: { file: key },
      hint: 'Put the file itself below the location, or point the location at where it lies.',
    })
  }
})

test('does not pass over a link that leads nowhere', async () => {
  const bills = await billsFolder()
  await symlink('/mnt/not-mounted/a.csv', path.join(bills, 'a.csv'))
  const listing = open(bills).list('')
  await expect(listing).rejects.toBeInstanceOf(DataError)
  await expect(listing).rejects.toMatchObject({
    message: '"a.csv" is a link that leads nowhere',
    where: { file: 'a.csv' },
    hint: 'Mount or restore what it leads to, or delete the link.',
  })
})

test('tells what is wrong with a folder that does not exist', async () => {
  const bills = await billsFolder()
  const error: unknown = await open(bills, 'none')
    .list('')
    .catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(UserError)
  expect(describeError(error)).toBe(
    `there is no folder none\n  where: file ${path.join(bills, 'none')}\n` +
      '  hint: Correct the location, or mount or create the folder; a relative one starts from the folder of the configuration.',
  )
})

/** Root may read everything: there, the store runs in a process of the user nobody. */
test.each([
  ['a file', 'deep/a.csv', 0o000, 'deep/'],
  ['a folder', 'deep', 0o000, 'deep/'],
])('tells that %s may not be read', async (_, closed, mode, listed) => {
  const folder = temporaryFolder()
  await chmod(folder, 0o777)
  await mkdir(path.join(folder, 'bills/deep'), { recursive: true })
  await writeFile(path.join(folder, 'bills/deep/a.csv'), 'one')
  await chmod(path.join(folder, 'bills', closed), mode)
  const program = `
    import { openStore } from ${JSON.stringify(path.join(import.meta.dirname, '../../src/connectors/stores/open.ts'))}
    import { describeError } from ${JSON.stringify(path.join(import.meta.dirname, '../../src/core/errors.ts'))}
    const store = openStore('bills', { baseDirectory: '.', cacheDirectory: './cache', env: {} })
    await store.list(${JSON.stringify(listed)}).catch((error) => console.log(error.name + ': ' + describeError(error)))`
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: folder,
    ...user,
  })
  const file = path.join(folder, 'bills', closed)
  expect((await run).stdout).toBe(
    `UserError: ${file} may not be read\n  where: file ${file}\n` +
      '  hint: Give the user that runs focal permission to read it (and to enter the folders above it).\n',
  )
})

test.each([
  [
    'ftp://acme/bills',
    '"ftp://acme/bills" is not a place that can be read',
    'Write a local folder, s3://bucket/prefix, gs://bucket/prefix or az://account/container/prefix.',
  ],
  [
    '',
    '"" is not a place that can be read',
    'Write a local folder, s3://bucket/prefix, gs://bucket/prefix or az://account/container/prefix.',
  ],
  ['s3:///cur', '"s3:///cur" names no bucket', 'Write s3://bucket/prefix.'],
])('refuses the location %j', (location, message, hint) => {
  expect(() => open('/', location)).toThrow(expect.objectContaining({ name: 'UserError', message, hint }))
})
