import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Storage } from '@google-cloud/storage'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openStore } from '../../src/connectors/stores/open.ts'
import { describeError, RetryableError, UserError } from '../../src/core/errors.ts'
import { conformance, type StoreUnderTest } from './conformance.ts'
import { startFakeGcs, type FakeGcs } from './fake-gcs.ts'
import { findGcsServer, startGcsServer } from './gcs-server.ts'

const partSize = 100
const tuning = { partSize, pageSize: 2, sleep: async () => undefined }

interface Server {
  readonly endpoint: string
  readonly bucket: string
  put(key: string, bytes: Buffer): Promise<void>
  remove(key: string): Promise<void>
  close(): Promise<void>
}

async function storesOn(server: Server, pageSize = tuning.pageSize): Promise<StoreUnderTest> {
  const caches = await mkdtemp(path.join(tmpdir(), 'focal-test-'))
  const env = { STORAGE_EMULATOR_HOST: server.endpoint }
  return {
    partSize,
    async create() {
      const prefix = `exports/${randomUUID()}`
      const cacheDirectory = path.join(caches, randomUUID())
      const options = { baseDirectory: '/nowhere', cacheDirectory, env, tuning: { ...tuning, pageSize } }
      const url = (key: string) => `gs://${server.bucket}/${prefix}/${key}`
      return {
        put: (key, bytes) => server.put(`${prefix}/${key}`, bytes),
        remove: (key) => server.remove(`${prefix}/${key}`),
        open: (signal) => openStore(`gs://${server.bucket}/${prefix}`, { ...options, signal }),
        missing: {
          store: openStore('gs://no-such-bucket/cur', options),
          message: `there is no bucket "no-such-bucket" at ${server.endpoint}`,
        },
        changed: (key) => `${url(key)} was replaced while it was being downloaded; the next run reads the new delivery`,
        removed: (key) => `${url(key)} was removed after it was listed; the next run reads what is there then`,
      }
    },
    async close() {
      await rm(caches, { recursive: true })
      await server.close()
    },
  }
}

conformance('Google Cloud Storage, as the fake plays it,', async () => {
  const fake = await startFakeGcs()
  return storesOn({
    ...fake,
    put: async (key, bytes) => fake.put(key, bytes),
    remove: async (key) => fake.remove(key),
  })
})

const binary = findGcsServer()
if (binary === undefined) {
  test.skipIf(process.env['CI'] !== 'true')('a server of Cloud Storage is at hand (tools/test-servers.sh)', () => {
    expect.fail('CI requires fake-gcs-server: run tools/test-servers.sh first')
  })
} else {
  conformance('Google Cloud Storage, as a real server plays it,', () => startRealServer(binary))
}

async function startRealServer(file: string): Promise<StoreUnderTest> {
  const bucket = 'acme-billing'
  const server = await startGcsServer(file)
  await server.create(bucket)
  const storage = new Storage({ apiEndpoint: server.endpoint, useAuthWithCustomEndpoint: false, projectId: 'none' })
  const real: Server = {
    endpoint: server.endpoint,
    bucket,
    put: (key, bytes) => storage.bucket(bucket).file(key).save(bytes, { resumable: false }),
    async remove(key) {
      await storage.bucket(bucket).file(key).delete()
    },
    close: () => server.close(),
  }
  // In one page: this server tells a folder that spans two of them twice, which Google does not.
  return storesOn(real, 1000)
}

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: unknown) => error,
  )

describe('a bucket with troubles', () => {
  let server: FakeGcs
  beforeAll(async () => {
    server = await startFakeGcs()
  })
  afterAll(async () => server.close())

  async function open() {
    const cacheDirectory = await mkdtemp(path.join(tmpdir(), 'focal-test-'))
    onTestFinished(() => rm(cacheDirectory, { recursive: true, force: true }))
    const env = { STORAGE_EMULATOR_HOST: server.endpoint }
    return openStore(`gs://${server.bucket}/bill`, { baseDirectory: '/nowhere', cacheDirectory, env, tuning })
  }
  test('a server that is busy is asked again', async () => {
    server.put('bill/a.json', Buffer.from('{}'))
    server.fail(
      { on: 'LIST', status: 503, reason: 'backendError' },
      { on: 'LIST', status: 429, reason: 'rateLimitExceeded' },
    )
    const { objects } = await (await open()).list('')
    expect(objects.map(({ key }) => key)).toEqual(['a.json'])
  })

  test('a body that is cut off or breaks goes on where it ended', async () => {
    const bytes = randomBytes(150)
    server.put('bill/b.json', bytes)
    const store = await open()
    const object = await store.stat('b.json')
    server.requests.length = 0
    server.fail({ on: 'GET', after: 30, ending: 'end' }, { on: 'GET', after: 0, ending: 'reset' })
    if (object === undefined) throw new Error('not there')
    expect(await readFile(await store.fetch(object))).toEqual(bytes)
    // What had arrived is not asked for again.
    expect(server.requests.filter((request) => request === 'GET bill/b.json 0-99')).toHaveLength(1)
    expect(server.requests).toContain('GET bill/b.json 30-99')
  })

  test('bytes that are not those of the checksum are fetched again', async () => {
    const bytes = randomBytes(50)
    server.put('bill/c.json', bytes)
    const store = await open()
    const object = await store.stat('c.json')
    if (object === undefined) throw new Error('not there')
    server.fail({ on: 'GET', wrongBytes: true })
    const told: number[] = []
    expect(await readFile(await store.fetch(object, (more) => told.push(more)))).toEqual(bytes)
    expect(told).toEqual([50, -50, 50])
  })

  test('a permission that lacks is named', async () => {
    server.fail({ on: 'LIST', status: 403, reason: 'forbidden' })
    const error = await refusal((await open()).list(''))
    expect(error).toBeInstanceOf(UserError)
    expect(describeError(error)).toBe(
      `gs://acme-billing/bill may not be listed\n  where: file gs://acme-billing/bill\n  hint: Grant storage.objects.list on the bucket (as roles/storage.objectViewer does) to the credentials in use.`,
    )
  })

  test('a quota that stays exceeded is given up', async () => {
    server.fail(...Array.from({ length: 6 }, () => ({ on: 'LIST', status: 429, reason: 'rateLimitExceeded' }) as const))
    const error = await refusal((await open()).list(''))
    expect(error).toBeInstanceOf(RetryableError)
    expect(describeError(error)).toBe(
      `gs://acme-billing/bill could not be read from ${server.endpoint}: rateLimitExceeded (429)\n  where: file gs://acme-billing/bill\n  hint: It was tried up to 6 times; try again later, and check the network if it goes on.`,
    )
  })

  test('a location without a bucket is refused', () => {
    expect(() => openStore('gs://', { baseDirectory: '/', cacheDirectory: '/nowhere', env: {} })).toThrow(
      new UserError('"gs://" names no bucket', { hint: 'Write gs://bucket/prefix.' }),
    )
  })
})
