import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { describeError } from '../../src/core/errors.ts'
import { historyPath, type Sink } from '../../src/sinks/sink.ts'
import { failure, partition, place, publish } from './conformance.ts'
import { storeKinds, type FaultyStore } from './faulty-store.ts'
import type { LakePlace } from './lake-server.ts'

/** Of two that write a lake in a bucket one wins, and the other is told; at whatever moment it was stopped. */

const now = new Date('2026-11-20T06:00:00Z')
const record = '_focal/units/aws-main/2026-10.json'
const lease = '_focal/lock.json'

describe.each(storeKinds)('a lake on $name', ({ start }) => {
  let store: FaultyStore
  let at: LakePlace
  let lake: Sink
  const leaseFile = async () => JSON.parse(String(await at.get(lease))) as unknown

  beforeAll(async () => {
    store = await start()
  })
  afterAll(async () => store.lakes.close())
  beforeEach(async () => {
    at = await store.lakes.create()
    lake = await at.open()
    await lake.hold('run-0', now, () => publish(lake, 'before'))
  })

  describe('whose holder says again and again that it is there', () => {
    const beats = () => store.writes.filter(({ key }) => at.address.endsWith(key.replace(`/${lease}`, ''))).length
    async function moreBeats(count: number): Promise<void> {
      const before = beats()
      await expect.poll(beats, { interval: 5, timeout: 60_000 }).toBeGreaterThanOrEqual(before + count)
    }

    test('stays held, though a beat fails now and then', async () => {
      const holder = await at.open({ beatMs: 10 })
      await holder.hold('run-1', now, async () => {
        await moreBeats(2)
        store.fail('PUT', { status: 403, code: 'AccessDenied' })
        await moreBeats(3)
        await publish(holder, 'one')
      })
      expect(await leaseFile()).toMatchObject({ runId: 'run-1', released: true })
    })

    test('is not taken back by one that was displaced', async () => {
      const holder = await at.open({ beatMs: 10 })
      await holder.hold('run-1', now, async () => {
        const successor = await at.openAfterSilence()
        await successor.hold('run-2', now, async () => {
          await moreBeats(3)
          expect(await leaseFile()).toMatchObject({ runId: 'run-2', generation: 3 })
        })
      })
      expect(await leaseFile()).toMatchObject({ runId: 'run-2', released: true })
    })
  })

  test('does not lose what somebody else wrote in the meantime', async () => {
    const commit = store.hold('COMMIT')
    const late = failure(publish(lake, 'late'))
    await commit.arrived
    await at.put(place, 'by another tool')
    commit.release()
    expect((await late)?.message).toBe(`${at.address}/${place} was written by somebody else at the same time`)
    expect((await at.get(place))?.toString()).toBe('by another tool')
  })

  describe('whose holder is stopped between its last look and its request', () => {
    const somebodyElse = (path: string) => ({
      message: `${at.address}/${path} was written by somebody else at the same time`,
      hint: 'Run again; should it go on, look for what else writes to the lake.',
    })

    test.each(['before', 'other'])(
      'does not take its partition any more (the successor published "%s")',
      async (after) => {
        const commit = store.hold('COMMIT')
        const error = await lake.hold('run-1', now, async () => {
          const late = failure(publish(lake, 'late'))
          await commit.arrived
          const successor = await at.openAfterSilence()
          await successor.hold('run-2', now, () => publish(successor, after, 'run-2'))
          commit.release()
          return late
        })
        expect(error).toMatchObject(somebodyElse(place))
        expect((await at.get(place))?.toString()).toBe(after)
      },
    )

    test('does not take its record any more', async () => {
      const error = await lake.hold('run-1', now, async () => {
        const put = store.hold('PUT')
        const late = failure(lake.writeFile(record, 'late'))
        await put.arrived
        const successor = await at.openAfterSilence()
        await successor.hold('run-2', now, () => successor.writeFile(record, 'after'))
        put.release()
        return late
      })
      expect(error?.message).toBe('the run run-1 does not hold the lake any more: it is held by nobody now')
      expect((await at.get(record))?.toString()).toBe('after')
    })

    test('does not take its copy any more', async () => {
      const copy = store.hold('COPY')
      const error = await lake.hold('run-1', now, async () => {
        const late = failure(lake.keepVersion(partition, 3))
        await copy.arrived
        const successor = await at.openAfterSilence()
        await successor.hold('run-2', now, () => publish(successor, 'after', 'run-2'))
        copy.release()
        return late
      })
      expect(error).toMatchObject(somebodyElse(place))
      expect(await at.get(historyPath(partition, 3))).toBeUndefined()
    })
  })
})

test.each(storeKinds)('a $name that takes conditions and does not look at them is refused', async ({ start }) => {
  const store = await start({ unconditional: true })
  const at = await store.lakes.create()
  const error = await failure((await at.open()).hold('run-1', now, async () => 'done'))
  expect(describeError(error)).toBe(
    `${at.address} does not honour conditional writes\n` +
      '  hint: Two runs could overwrite each other there. Use a store that knows If-None-Match and If-Match, or a local folder.',
  )
  await store.lakes.close()
})
