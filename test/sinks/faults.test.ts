import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { describeError, RetryableError } from '../../src/core/errors.ts'
import { historyPath, type Sink } from '../../src/sinks/sink.ts'
import { failure, partition, place, publish } from './conformance.ts'
import { storeKinds, type FaultyStore, type Trouble, type Verb } from './faulty-store.ts'
import type { LakePlace } from './lake-server.ts'

/** What a network and a busy store do to a lake in a bucket. The stores are in this process, and fail on demand. */

const now = new Date('2026-11-20T06:00:00Z')
const record = '_focal/units/aws-main/2026-10.json'
const large = randomBytes(250)
const sha256OfBefore = createHash('sha256').update('before').digest('hex')

const passing: readonly Trouble[] = [
  { status: 429, code: 'TooManyRequests' },
  { status: 500, code: 'InternalError' },
  { status: 503, code: 'SlowDown' },
  { reset: 'at once' },
]
const brokenBodies: readonly Trouble[] = [
  { after: 3, ending: 'reset' },
  { after: 3, ending: 'end' },
]
const isWrite = (verb: Verb) => verb !== 'GET' && verb !== 'HEAD' && verb !== 'LIST'

describe.each(storeKinds)('a lake on $name', ({ verbs, start }) => {
  let store: FaultyStore
  let at: LakePlace
  let lake: Sink
  let waits: number[]

  beforeAll(async () => {
    store = await start()
  })
  afterAll(async () => store.lakes.close())
  beforeEach(async () => {
    at = await store.lakes.create()
    waits = []
    lake = await at.open({ sleep: async (ms) => void waits.push(ms), random: () => 0 })
    await lake.hold('run-0', now, () => publish(lake, 'before'))
    await makeHistory()
  })

  async function makeHistory(): Promise<void> {
    for (const version of [1, 2]) await at.put(historyPath(partition, version), `version ${version}`)
  }

  /** All that a run does to a lake. */
  async function restate(): Promise<void> {
    await lake.hold('run-1', now, async () => {
      await lake.keepVersion(partition, 3)
      await publish(lake, large)
      await lake.writeFile(record, '{}')
      await lake.trimHistory(partition, 2)
      await lake.readFile(record)
    })
  }

  async function expectRestated(): Promise<void> {
    expect((await at.get(place))?.equals(large)).toBe(true)
    expect((await at.get(historyPath(partition, 3)))?.toString()).toBe('before')
    expect(await at.paths()).toEqual([record, place, historyPath(partition, 2), historyPath(partition, 3)])
    expect(store.unfinished(at.address)).toEqual([])
  }

  test.each(verbs)('gets over 429, 500, 503 and a connection that is reset at %s', async (verb) => {
    for (const trouble of passing) store.fail(verb, trouble)
    await restate()
    await expectRestated()
    expect(waits).toEqual([0, 0, 0, 0])
  })

  test.each(verbs.filter(isWrite))('gets over an answer to %s that is lost', async (verb) => {
    store.fail(verb, { answer: 'lost' })
    await restate()
    // Of an upload whose beginning was not answered nobody knows; the next run ends it.
    if (verb === 'BEGIN') await lake.hold('run-2', now, async () => undefined)
    await expectRestated()
    expect(waits).toEqual([0])
  })

  test('gets over a body that breaks off, and one that ends early', async () => {
    for (const trouble of brokenBodies) store.fail('GET', trouble)
    await restate()
    await expectRestated()
    expect(waits).toEqual([0, 0])
  })

  test('waits as long as the store asks to', async () => {
    store.fail('PUT', { status: 503, code: 'SlowDown', headers: { 'retry-after': '7' } })
    await restate()
    expect(waits).toEqual([7000])
    await expectRestated()
  })

  test('gives up on requests that nobody answers, and asks again', async () => {
    lake = await at.open({ idleMs: 300, sleep: async (ms) => void waits.push(ms) })
    for (const verb of verbs) store.fail(verb, { silent: true })
    await restate()
    // Where this machine was the slow one, an upload may have begun unheard.
    await lake.hold('run-2', now, async () => undefined)
    await expectRestated()
    expect(waits.length).toBeGreaterThanOrEqual(verbs.length)
  })

  test.each(verbs.filter(isWrite))(
    'that stays down at %s keeps what was published, and takes the next run',
    async (verb) => {
      lake = await at.open({ uploadsAtOnce: 1 })
      for (let attempt = 0; attempt < 6; attempt += 1) store.fail(verb, { status: 503, code: 'SlowDown' })
      const error = await failure(restate())
      expect(error).toBeInstanceOf(RetryableError)
      expect(error?.message).toMatch(/^\S+ could not be (written to|deleted from) http:\S+: SlowDown \(503\)$/)
      expect(error).toMatchObject({
        hint: 'It was tried up to 6 times; try again later, and check the network if it goes on.',
      })
      expect(['before', large.toString('latin1')]).toContain((await at.get(place))?.toString('latin1'))
      expect(store.unfinished(at.address)).toEqual([])
      await publish(lake, 'before')
      await restate()
      await expectRestated()
    },
  )

  test('brings a file again that arrived with other bytes, and gives up after the second time', async () => {
    const reader = await at.open()
    store.fail('GET', { wrongBytes: true })
    const [found] = await reader.readable([place])
    expect(readFileSync(found ?? '', 'utf8')).toBe('before')
    for (let time = 0; time < 2; time += 1) store.fail('GET', { wrongBytes: true })
    const error = await failure((await at.open()).readable([place]))
    expect(describeError(error)).toBe(
      `${at.address}/${place} arrived twice with other bytes than were written (SHA-256 ${sha256OfBefore})\n` +
        `  where: file ${at.address}/${place}\n` +
        '  hint: Something between here and the store alters the data, or somebody wrote the object anew and kept its metadata.',
    )
  })

  test('stops an upload at an abort, and leaves nothing of it', async () => {
    const abort = new AbortController()
    const part = store.hold('PART')
    const error = await failure(
      lake.hold(
        'run-1',
        now,
        async () => {
          const publishing = publish(lake, large)
          await part.arrived
          abort.abort(new Error('enough'))
          await publishing.finally(part.release)
        },
        { signal: abort.signal },
      ),
    )
    expect(error).toMatchObject({ message: 'enough' })
    expect((await at.get(place))?.toString()).toBe('before')
    expect(store.unfinished(at.address)).toEqual([])
    expect(await lake.hold('run-2', now, async () => 'done')).toBe('done')
  })

  test('holds no credentials, and its errors tell none', async () => {
    await restate()
    for (const verb of verbs.filter((one) => one !== 'HEAD')) {
      await makeHistory()
      store.fail(verb, { status: 403, code: 'AccessDenied' })
      const error = await failure(restate().then(() => lake.listNames('_focal')))
      expect(error).toBeDefined()
      expect(`${describeError(error)} ${inspect(error, { depth: null })}`).not.toMatch(secrets)
      expect(await failure(lake.hold('again', now, async () => undefined))).toBeUndefined()
    }
    expect(store.contents()).not.toMatch(secrets)
  })
})

const secrets =
  /focaltest|AccountKey|secret-key-of-the-focal-tests|c2VjcmV0LWtleS1vZi10aGUtZm9jYWwtdGVzdHM|Signature=|SharedKey/

test.each(storeKinds)('a $name that refuses connections is named', async ({ start }) => {
  const store = await start()
  const at = await store.lakes.create()
  const lake = await at.open()
  await store.lakes.close()
  const error = await failure(lake.hold('run-1', now, async () => 'done'))
  expect(error).toBeInstanceOf(RetryableError)
  expect(error?.message.replace(/ECONNREFUSED.*/, 'ECONNREFUSED')).toContain(
    `${at.address}/_focal/lock.json could not be read from ${store.endpoint}: `,
  )
  expect(error?.message).toContain('ECONNREFUSED')
})
