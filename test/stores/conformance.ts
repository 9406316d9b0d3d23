import { createHash, randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ObjectInfo, ObjectStore } from '../../src/connectors/stores/object-store.ts'
import { DataError, RetryableError, UserError } from '../../src/core/errors.ts'

/** One kind of store to hold to the contract. Parts of a download and pages of a listing are made small by it. */
export interface StoreUnderTest {
  /** Bytes of one part; undefined when the store does not download. */
  readonly partSize: number
  /** An empty location, and a store on it with an empty cache. */
  create(): Promise<StoreLocation>
  close(): Promise<void>
}

export interface StoreLocation {
  put(key: string, bytes: Buffer): Promise<void>
  remove(key: string): Promise<void>
  /** A store on the same location and cache, as another process would open it. */
  open(signal?: AbortSignal): ObjectStore
  /** A store on a location that does not exist, and the error its listing gives. */
  readonly missing: { readonly store: ObjectStore; readonly message: string }
  /** The full message when `key` changed, or was removed, after it was listed. */
  changed(key: string): string
  removed(key: string): string
}

/** The contract of object-store.ts, one test for each promise. `start` runs once for the suite. */
export function conformance(name: string, start: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the contract of a store`, () => {
    let kind: StoreUnderTest
    let place: StoreLocation
    let store: ObjectStore
    beforeAll(async () => {
      kind = await start()
    })
    beforeEach(async () => {
      place = await kind.create()
      store = place.open()
    })
    afterAll(async () => kind?.close())

    async function put(...keys: string[]): Promise<void> {
      for (const key of keys) await place.put(key, Buffer.from(`bytes of ${key}`))
    }
    async function only(key: string): Promise<ObjectInfo> {
      const found = await store.stat(key)
      if (found === undefined) throw new Error(`${key} is not there`)
      return found
    }

    test('lists what lies directly under the location, in key order, over several pages', async () => {
      await put('b.csv', 'B.csv', 'a/1.csv', 'a/deep/2.csv', 'a-b/3.csv', 'é.csv', '_.csv', 'a.csv')
      const { folders, objects } = await store.list('')
      expect(folders).toEqual(['a-b/', 'a/'])
      expect(objects.map(({ key, size }) => `${key} ${size}`)).toEqual(
        ['B.csv', '_.csv', 'a.csv', 'b.csv', 'é.csv'].map((key) => `${key} ${Buffer.byteLength(`bytes of ${key}`)}`),
      )
    })

    test('lists a folder within, with keys from the location on', async () => {
      await put('cur/2025-01/a.csv', 'cur/2025-01/x/b.csv', 'cur/2025-012/c.csv', 'cur/top.csv')
      const { folders, objects } = await store.list('cur/2025-01/')
      expect(folders).toEqual(['cur/2025-01/x/'])
      expect(objects.map(({ key }) => key)).toEqual(['cur/2025-01/a.csv'])
    })

    test('lists nothing under a folder that does not exist, and nothing under a file', async () => {
      await put('a.csv')
      expect(await store.list('none/')).toEqual({ folders: [], objects: [] })
      expect(await store.list('a.csv/')).toEqual({ folders: [], objects: [] })
    })

    test('tells that the location does not exist', async () => {
      const listing = place.missing.store.list('')
      await expect(listing).rejects.toBeInstanceOf(UserError)
      await expect(listing).rejects.toMatchObject({
        message: place.missing.message,
        hint: expect.stringMatching(/^Correct the location/),
      })
    })

    test('describes one object as the listing does, and a missing one as undefined', async () => {
      await put('cur/a.csv', 'cur/b.csv')
      const { objects } = await store.list('cur/')
      expect(await store.stat('cur/b.csv')).toEqual(objects[1])
      expect(await store.stat('cur/none.csv')).toBeUndefined()
      expect(await store.stat('cur')).toBeUndefined()
    })

    test('gives a version that follows the content and nothing else', async () => {
      await place.put('a.csv', Buffer.from('one'))
      const first = await only('a.csv')
      await place.put('a.csv', Buffer.from('two'))
      const second = await only('a.csv')
      await place.put('a.csv', Buffer.from('one'))
      expect(second).toEqual({ key: 'a.csv', size: 3, version: second.version })
      expect(second.version).not.toBe(first.version)
      expect(await only('a.csv')).toEqual(first)
    })

    test('reads text as UTF-8 without its byte order mark', async () => {
      await place.put('manifest.json', Buffer.from('\uFEFF{"name": "Käse €"}'))
      expect(await store.readText('manifest.json')).toBe('{"name": "Käse €"}')
    })

    test('refuses text that is not there or not UTF-8', async () => {
      await place.put('latin.txt', Buffer.from([0x4b, 0xe4, 0x73, 0x65]))
      const missing = store.readText('none.json')
      await expect(missing).rejects.toBeInstanceOf(DataError)
      await expect(missing).rejects.toMatchObject({
        message: `there is no object "none.json" in ${store.location}`,
        where: { file: 'none.json' },
        hint: 'The export names it but does not hold it: look whether it was deleted or not copied.',
      })
      const latin = store.readText('latin.txt')
      await expect(latin).rejects.toBeInstanceOf(DataError)
      await expect(latin).rejects.toMatchObject({ message: '"latin.txt" is not UTF-8 text' })
    })

    test('brings the exact bytes of objects below, at and above the size of a part, and of an empty one', async () => {
      for (const size of [0, 1, kind.partSize - 1, kind.partSize, kind.partSize + 1, kind.partSize * 5 + 7]) {
        const bytes = randomBytes(size)
        await place.put(`data/${size}.parquet`, bytes)
        const file = await store.fetch(await only(`data/${size}.parquet`))
        expect(sha256(await readFile(file)), `${size} bytes`).toBe(sha256(bytes))
        expect(path.basename(file)).toMatch(new RegExp(`(^|-)${size}\\.parquet$`))
      }
    })

    test('reports progress that sums to the size, the first time and when nothing has to be brought', async () => {
      await place.put('a.csv', randomBytes(kind.partSize * 3 + 1))
      const object = await only('a.csv')
      for (const reader of [store, place.open()]) {
        let sum = 0
        await reader.fetch(object, (bytes) => {
          sum += bytes
        })
        expect(sum).toBe(kind.partSize * 3 + 1)
      }
    })

    test('brings many objects at once', async () => {
      const keys = Array.from({ length: 20 }, (_, number) => `part-${number}.csv`)
      await put(...keys)
      const { objects } = await store.list('')
      const files = await Promise.all(objects.map((object) => store.fetch(object)))
      expect(await Promise.all(files.map((file) => readFile(file, 'utf8')))).toEqual(
        objects.map(({ key }) => `bytes of ${key}`),
      )
    })

    test('reads keys with characters that mean something in a URL or to XML', async () => {
      const keys = [
        'a b.csv',
        'a%20b.csv',
        'a&b<c>.csv',
        'a+b.csv',
        'a=b/c?d#e.csv',
        "ü~(1)'!*,;@$.csv",
        '..a/b..c.csv',
      ]
      await put(...keys)
      const folders = ['', 'a=b/', '..a/']
      const listed = (await Promise.all(folders.map((folder) => store.list(folder)))).flatMap(({ objects }) => objects)
      expect(new Set(listed.map(({ key }) => key))).toEqual(new Set(keys))
      for (const object of listed) {
        expect(await store.stat(object.key)).toEqual(object)
        expect(await readFile(await store.fetch(object), 'utf8')).toBe(`bytes of ${object.key}`)
      }
    })

    test('does not hand out an object that has changed since it was listed', async () => {
      await place.put('cur/a.csv', Buffer.from('old'))
      const object = await only('cur/a.csv')
      await place.put('cur/a.csv', Buffer.from('new'))
      const changed = store.fetch(object)
      await expect(changed).rejects.toBeInstanceOf(RetryableError)
      await expect(changed).rejects.toMatchObject({ message: place.changed('cur/a.csv') })
      await place.remove('cur/a.csv')
      const removed = store.fetch(object)
      await expect(removed).rejects.toBeInstanceOf(RetryableError)
      await expect(removed).rejects.toMatchObject({ message: place.removed('cur/a.csv') })
    })

    test.each(['../secret.csv', 'cur/../../secret.csv', 'cur/..', './a.csv', '', 'a\0.csv'])(
      'refuses the key %j',
      async (key) => {
        const message = `the key "${key}" leads out of ${store.location}`
        const hint = 'A manifest may only name files below the location; check who can write to it.'
        const asked = [
          () => store.stat(key),
          () => store.readText(key),
          () => store.fetch({ key, size: 1, version: 'x:1' }),
        ]
        for (const ask of asked) {
          const refusal = ask()
          await expect(refusal).rejects.toBeInstanceOf(DataError)
          await expect(refusal).rejects.toMatchObject({ message, where: { file: key }, hint })
        }
      },
    )

    test('refuses to list a folder above the location', async () => {
      const listing = store.list('cur/../../')
      await expect(listing).rejects.toBeInstanceOf(DataError)
      await expect(listing).rejects.toMatchObject({ message: `the key "cur/../../" leads out of ${store.location}` })
    })

    test('forgets the copies that are not kept, and never the objects', async () => {
      await put('keep.csv', 'drop.csv')
      const [kept, dropped] = [await only('keep.csv'), await only('drop.csv')]
      await store.fetch(dropped)
      const keptFile = await store.fetch(kept)
      await store.forget([kept])
      expect(await readFile(keptFile, 'utf8')).toBe('bytes of keep.csv')
      expect(await readFile(await store.fetch(dropped), 'utf8')).toBe('bytes of drop.csv')
    })

    test('stops with the reason of an abort', async () => {
      await put('a.csv')
      const object = await only('a.csv')
      const reason = new Error('the user pressed Ctrl-C')
      const stopped = place.open(AbortSignal.abort(reason))
      await expect(stopped.list('')).rejects.toBe(reason)
      await expect(stopped.stat('a.csv')).rejects.toBe(reason)
      await expect(stopped.readText('a.csv')).rejects.toBe(reason)
      await expect(stopped.fetch(object)).rejects.toBe(reason)
    })
  })
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
