import { randomBytes } from 'node:crypto'
import { readFile, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../src/connectors/stores/open.ts'
import { DataError, describeError, RetryableError } from '../../src/core/errors.ts'
import { bench, failure, filesIn, find, holding, policy } from './s3-bench.ts'

test('downloads a small object with one look and one request, and never again', async () => {
  const { fake, store, reopen, object, bytes } = await holding(1000)
  const file = await store.fetch(object)
  expect(await readFile(file)).toEqual(bytes)
  expect(path.basename(file)).toMatch(/^[0-9a-f]{32}-a\.csv\.gz$/)
  expect(fake.requests()).toEqual(['HEAD cur/a.csv.gz', 'GET cur/a.csv.gz bytes=0-999'])
  expect(await reopen().fetch(object)).toBe(file)
  expect(fake.requests()).toEqual([])
})

test('downloads a large object in parts', async () => {
  const { fake, store, object, bytes } = await holding(2500)
  expect(await readFile(await store.fetch(object))).toEqual(bytes)
  expect(fake.requests().toSorted()).toEqual([
    'GET cur/a.csv.gz bytes=0-999',
    'GET cur/a.csv.gz bytes=1000-1999',
    'GET cur/a.csv.gz bytes=2000-2499',
    'HEAD cur/a.csv.gz',
  ])
})

test('downloads again what is in the cache with another size', async () => {
  const { fake, store, object, bytes } = await holding(10)
  const file = await store.fetch(object)
  await writeFile(file, 'cut')
  fake.requests()
  expect(await readFile(await store.fetch(object))).toEqual(bytes)
  expect(fake.requests()).toEqual(['HEAD cur/a.csv.gz', 'GET cur/a.csv.gz bytes=0-9'])
})

test.each(['reset', 'end'] as const)(
  'resumes a body that breaks (%s) at exactly the byte it reached',
  async (ending) => {
    const { fake, store, object, bytes, waits } = await holding(900)
    fake.fail({ on: 'GET', after: 300, ending }, { on: 'GET', after: 450, ending })
    let told = 0
    const file = await store.fetch(object, (count) => {
      told += count
    })
    expect(await readFile(file)).toEqual(bytes)
    expect(fake.requests()).toEqual([
      'HEAD cur/a.csv.gz',
      'GET cur/a.csv.gz bytes=0-899',
      'GET cur/a.csv.gz bytes=300-899',
      'GET cur/a.csv.gz bytes=750-899',
    ])
    expect(told).toBe(900)
    expect(waits).toEqual([50, 100])
  },
)

test('asks for no more bodies at once than it may, over all objects', async () => {
  const { fake, store } = await bench({ concurrency: 2 })
  for (const key of ['cur/a', 'cur/b', 'cur/c']) fake.put(key, randomBytes(3000))
  const { objects } = await store.list('')
  const held = [fake.hold('GET'), fake.hold('GET')]
  const fetched = Promise.all(objects.map((object) => store.fetch(object)))
  await Promise.all(held.map(({ arrived }) => arrived))
  for (const { release } of held) release()
  await fetched
  expect(fake.mostBodiesAtOnce()).toBe(2)
})

test('resumes only the part that broke', async () => {
  const { fake, store, object, bytes } = await holding(3000, { concurrency: 1 })
  fake.fail({ on: 'GET', after: 0, ending: 'reset' }, { on: 'GET', after: 999, ending: 'reset' })
  expect(await readFile(await store.fetch(object))).toEqual(bytes)
  expect(fake.requests()).toEqual([
    'HEAD cur/a.csv.gz',
    'GET cur/a.csv.gz bytes=0-999',
    'GET cur/a.csv.gz bytes=0-999',
    'GET cur/a.csv.gz bytes=999-999',
    'GET cur/a.csv.gz bytes=1000-1999',
    'GET cur/a.csv.gz bytes=2000-2999',
  ])
})

test('resumes a body that stalls', async () => {
  const { fake, store, object, bytes } = await holding(900, { idleMs: 200 })
  fake.fail({ on: 'GET', after: 300, ending: 'stall' })
  expect(await readFile(await store.fetch(object))).toEqual(bytes)
  expect(fake.requests()).toEqual([
    'HEAD cur/a.csv.gz',
    'GET cur/a.csv.gz bytes=0-899',
    'GET cur/a.csv.gz bytes=300-899',
  ])
})

test('lets a slow body take longer than a stall may, as long as it moves', async () => {
  const { fake, store, object, bytes } = await holding(900, { idleMs: 500 })
  fake.fail({ on: 'GET', pieces: 12, pauseMs: 60 })
  expect(await readFile(await store.fetch(object))).toEqual(bytes)
  expect(fake.requests()).toEqual(['HEAD cur/a.csv.gz', 'GET cur/a.csv.gz bytes=0-899'])
})

test('gives up on a body that stalls every time', async () => {
  const { fake, store, object, cache } = await holding(900, { idleMs: 50, retry: { ...policy, attempts: 2 } })
  fake.fail({ on: 'GET', after: 0, ending: 'stall' }, { on: 'GET', after: 0, ending: 'stall' })
  const error = await failure(store.fetch(object))
  expect(error).toBeInstanceOf(RetryableError)
  expect(describeError(error)).toBe(
    `s3://acme-billing/cur/a.csv.gz could not be read from ${fake.endpoint}: no data for 0.05 s\n` +
      '  where: file s3://acme-billing/cur/a.csv.gz\n' +
      '  hint: It was tried up to 2 times; try again later, and check the network if it goes on.',
  )
  expect(await filesIn(cache)).toEqual([])
})

test('asks for no byte of an object that was replaced before, also when it was empty', async () => {
  const { fake, store, object } = await holding(0)
  fake.put('cur/a.csv.gz', 'another delivery')
  const error = await failure(store.fetch(object))
  expect(error).toBeInstanceOf(RetryableError)
  expect(fake.requests()).toEqual(['HEAD cur/a.csv.gz'])
})

test('stops all parts when the object is replaced half way', async () => {
  const { fake, store, object, cache } = await holding(2000, { concurrency: 1 })
  fake.fail({ on: 'GET', after: 400, ending: 'reset' }, { on: 'GET', replaceWith: 'another delivery' })
  const error = await failure(store.fetch(object))
  expect(error).toBeInstanceOf(RetryableError)
  expect(error.message).toBe(
    's3://acme-billing/cur/a.csv.gz was replaced while it was being downloaded; the next run reads the new delivery',
  )
  expect(fake.requests()).toEqual([
    'HEAD cur/a.csv.gz',
    'GET cur/a.csv.gz bytes=0-999',
    'GET cur/a.csv.gz bytes=400-999',
  ])
  expect(await filesIn(cache)).toEqual([])
})

test('refuses an answer that is not the range asked for', async () => {
  const { fake, store, object } = await holding(2000)
  fake.fail({ on: 'GET', ignoreRange: true }, { on: 'GET', ignoreRange: true })
  const error = await failure(store.fetch(object))
  expect(error).toBeInstanceOf(DataError)
  expect(error.message).toBe('s3://acme-billing/cur/a.csv.gz: asked for bytes 0-999, got the whole object')
})

test('forgets the copies of its own location, parts that nobody writes any more, and nothing else', async () => {
  const { fake, store, cache, object } = await holding(10)
  fake.put('cur/b.csv', 'second')
  fake.put('other/c.csv', 'third')
  const env = { AWS_ENDPOINT_URL: fake.endpoint, AWS_REGION: 'eu-central-1' }
  const other = openStore('s3://acme-billing/other', { baseDirectory: '/', cacheDirectory: cache, env })
  const kept = await store.fetch(object)
  await store.fetch(await find(store, 'b.csv'))
  await other.fetch(await find(other, 'c.csv'))
  const old = new Date(Date.now() - 2 * 60 * 60 * 1000)
  await writeFile(`${kept}.dead.part`, '')
  await utimes(`${kept}.dead.part`, old, old)
  await writeFile(`${kept}.live.part`, '')
  await store.forget([object])
  const left = (await filesIn(cache)).map((name) => name.replace(/^[0-9a-f]{32}-/, ''))
  expect(left.toSorted()).toEqual(['a.csv.gz', 'a.csv.gz.live.part', 'c.csv'])
})

test('stops a download with the reason of the abort, and leaves nothing', async () => {
  const { fake, reopen, object, cache } = await holding(900)
  const controller = new AbortController()
  const reason = new Error('the user pressed Ctrl-C')
  fake.fail({ on: 'GET', after: 300, ending: 'stall' })
  const fetched = reopen({}, controller.signal).fetch(object, () => controller.abort(reason))
  await expect(fetched).rejects.toBe(reason)
  expect(fake.requests()).toEqual(['HEAD cur/a.csv.gz', 'GET cur/a.csv.gz bytes=0-899'])
  expect(await filesIn(cache)).toEqual([])
})
