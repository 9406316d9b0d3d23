import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { expect, onTestFinished } from 'vitest'
import type { ObjectInfo, ObjectStore } from '../../src/connectors/stores/object-store.ts'
import { openStore } from '../../src/connectors/stores/open.ts'
import type { StoreTuning } from '../../src/core/stores/tuning.ts'
import { startFakeS3, type Attributes, type FakeS3 } from './fake-s3.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** The default chain of the client library reads the process environment; importing this file sets it. */
export const secrets = { id: 'AKIAFOCALFOCALFOCAL1', key: 'secret-of-the-focal-tests' }
process.env['AWS_ACCESS_KEY_ID'] = secrets.id
process.env['AWS_SECRET_ACCESS_KEY'] = secrets.key

export const policy = { attempts: 4, baseDelayMs: 100, maxDelayMs: 1000, longestWaitMs: 60_000 }

export interface Bench {
  readonly fake: FakeS3
  readonly store: ObjectStore
  readonly cache: string
  /** What was waited for between attempts, in milliseconds; nothing really waits. */
  readonly waits: number[]
  readonly reopen: (tuning?: Partial<StoreTuning>, signal?: AbortSignal) => ObjectStore
}

/** A fake S3 with small parts, and a store on `s3://acme-billing/cur` that never really waits. */
export async function bench(tuning: Partial<StoreTuning> = {}): Promise<Bench> {
  const fake = await startFakeS3()
  onTestFinished(() => fake.close())
  const cache = temporaryFolder()
  const waits: number[] = []
  const sleep = async (ms: number) => void waits.push(ms)
  const reopen = (more: Partial<StoreTuning> = {}, signal?: AbortSignal) =>
    openStore('s3://acme-billing/cur', {
      baseDirectory: '/nowhere',
      cacheDirectory: cache,
      env: { AWS_ENDPOINT_URL_S3: fake.endpoint, AWS_REGION: 'eu-central-1' },
      signal,
      tuning: { partSize: 1000, retry: policy, sleep, random: () => 0.5, ...tuning, ...more },
    })
  return { fake, store: reopen(), cache, waits, reopen }
}

/** A bench whose bucket holds `a.csv.gz` with random bytes, listed already. */
export async function holding(size: number, tuning: Partial<StoreTuning> = {}, attributes: Attributes = {}) {
  const bytes = randomBytes(size)
  const made = await bench(tuning)
  made.fake.put('cur/a.csv.gz', bytes, attributes)
  const object = await find(made.store, 'a.csv.gz')
  made.fake.requests()
  return { ...made, bytes, object }
}

export async function find(store: ObjectStore, key: string): Promise<ObjectInfo> {
  const found = (await store.list('')).objects.find((object) => object.key === key)
  return found ?? expect.fail(`${key} is not listed`)
}

/** What the promise fails with; the test fails when it does not. */
export async function failure(promise: Promise<unknown>): Promise<Error> {
  const error: unknown = await promise.then(
    () => expect.fail('it succeeded'),
    (caught: unknown) => caught,
  )
  return error instanceof Error ? error : expect.fail(`not an error: ${String(error)}`)
}

/** Names of all files in the cache, of whatever location. */
export async function filesIn(cache: string): Promise<string[]> {
  const entries = await readdir(cache, { withFileTypes: true, recursive: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
}
