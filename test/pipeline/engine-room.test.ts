import { describe, expect, test } from 'vitest'
import { engineRoom, type Engine, type EngineRoom } from '../../src/pipeline/engine-room.ts'

const engine: Engine = { memoryLimit: '4GB', threads: 3 }
const share: Engine = { memoryLimit: '1333MB', threads: 1 }

const small = 2_000_000
const large = 2_000_001

/** Units in a room, by name: which are at work, on what, and which wait. */
function watched(room: EngineRoom) {
  const atWork = new Map<string, { engine: Engine; end: () => void; fail: (error: Error) => void }>()
  return {
    working: () => Object.fromEntries([...atWork].map(([name, { engine: own }]) => [name, own])),
    begin: (name: string, bytes: number) =>
      room.begin(bytes, async (own) => {
        const { promise, resolve, reject } = Promise.withResolvers<void>()
        atWork.set(name, { engine: own, end: resolve, fail: reject })
        await promise.finally(() => atWork.delete(name))
        return name
      }),
    end: (name: string) => atWork.get(name)?.end(),
    fail: (name: string, error: Error) => atWork.get(name)?.fail(error),
  }
}

/** Long enough for whatever may begin to have begun. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 20))

describe('a room for three', () => {
  test('small units work side by side, each on a thread and a third of the memory; a fourth waits for a place', async () => {
    const units = watched(engineRoom(engine))
    const { done } = await units.begin('first', small)
    await units.begin('second', small)
    await units.begin('third', small)
    const fourth = units.begin('fourth', small)
    await settled()
    expect(units.working()).toEqual({ first: share, second: share, third: share })
    units.end('second')
    await fourth
    expect(units.working()).toEqual({ first: share, third: share, fourth: share })
    units.end('first')
    expect(await done).toBe('first')
  })

  test('a large one waits until it is alone and gets everything; what follows waits for it', async () => {
    const units = watched(engineRoom(engine))
    await units.begin('first', small)
    const second = units.begin('second', large)
    await settled()
    expect(units.working()).toEqual({ first: share })
    units.end('first')
    await second
    expect(units.working()).toEqual({ second: engine })
    const third = units.begin('third', small)
    await settled()
    expect(units.working()).toEqual({ second: engine })
    units.end('second')
    await third
    expect(units.working()).toEqual({ third: share })
  })

  test('one that fails gives up its place, and its error is that of what it does', async () => {
    const units = watched(engineRoom(engine))
    const { done } = await units.begin('first', large)
    const second = units.begin('second', large)
    units.fail('first', new Error('no space'))
    await expect(done).rejects.toThrow('no space')
    await second
    expect(units.working()).toEqual({ second: engine })
  })
})

test.each([
  ['one thread', { memoryLimit: '4GB', threads: 1 }],
  ['memory for one', { memoryLimit: '900 MiB', threads: 8 }],
  ['memory for less', { memoryLimit: '200MB', threads: 8 }],
])('with %s, each gets everything, and the next begins when it is done', async (_name, own) => {
  const units = watched(engineRoom(own))
  const first = units.begin('first', small)
  let isOver = false
  void first.then(() => (isOver = true))
  await settled()
  expect(units.working()).toEqual({ first: own })
  expect(isOver).toBe(false)
  units.end('first')
  const { done } = await first
  expect(await done).toBe('first')
})

test.each([
  ['1GB', '500MB'],
  ['1 GiB', '536MB'],
  ['2000MB', '1000MB'],
  ['0.96tb', '480000MB'],
  ['1.5GB', '750MB'],
])('half of %s is %s', async (memoryLimit, half) => {
  const units = watched(engineRoom({ memoryLimit, threads: 2 }))
  await units.begin('first', small)
  expect(units.working()).toEqual({ first: { memoryLimit: half, threads: 1 } })
})
