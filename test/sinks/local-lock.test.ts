import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { RetryableError } from '../../src/core/errors.ts'
import { withLock } from '../../src/sinks/local-lock.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'

const now = new Date('2026-11-20T06:00:00Z')
const nothing = async () => undefined

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

/** A lake whose lock says that this process holds it. */
function lockedLake(holder: { pid: number; host: string; runId: string } | string): { lake: string; lock: string } {
  const lake = temporaryFolder()
  mkdirSync(path.join(lake, '_focal'))
  const lock = path.join(lake, '_focal', 'lock.json')
  const content = typeof holder === 'string' ? holder : JSON.stringify({ ...holder, since: '2026-11-20T01:00:00.000Z' })
  writeFileSync(lock, content)
  return { lake, lock }
}

function silenceFor(minutes: number, lock: string): void {
  const then = new Date(Date.now() - minutes * 60_000)
  utimesSync(lock, then, then)
}

async function deadProcess(): Promise<number> {
  const process = spawn('true')
  await once(process, 'exit')
  return process.pid ?? 0
}

describe('a lake that is held', () => {
  test('by another run of this process is refused, by name, and stays held', async () => {
    const lake = temporaryFolder()
    await withLock(lake, 'run-1', now, async () => {
      const error = await failure(withLock(lake, 'run-2', now, nothing))
      expect(error).toBeInstanceOf(RetryableError)
      expect(error).toMatchObject({
        message: 'another run is at work on this lake: run-1',
        hint: `Process ${process.pid} on ${hostname()} has held it since 2026-11-20T06:00:00.000Z. Wait for it (--wait does); if it has died, a run takes over once it has been silent for 10 minutes.`,
      })
      expect(JSON.parse(readFileSync(path.join(lake, '_focal', 'lock.json'), 'utf8'))).toMatchObject({ runId: 'run-1' })
    })
    expect(readdirSync(path.join(lake, '_focal'))).toEqual([])
    expect(await withLock(lake, 'run-2', now, async () => 'done')).toBe('done')
  })

  test.each([
    ['a living process of this machine', { pid: process.ppid, host: hostname(), runId: 'run-1' }],
    ['a machine that was heard of lately', { pid: 1, host: 'elsewhere', runId: 'run-1' }],
  ])('by %s is refused', async (_name, holder) => {
    const { lake, lock } = lockedLake(holder)
    silenceFor(9, lock)
    const error = await failure(withLock(lake, 'run-2', now, nothing))
    expect(error).toMatchObject({
      message: 'another run is at work on this lake: run-1',
      hint: `Process ${holder.pid} on ${holder.host} has held it since 2026-11-20T01:00:00.000Z. Wait for it (--wait does); if it has died, a run takes over once it has been silent for 10 minutes.`,
    })
    expect(readdirSync(path.join(lake, '_focal'))).toEqual(['lock.json'])
  })

  test('by a lock that cannot be read is refused', async () => {
    const { lake } = lockedLake('')
    expect(await failure(withLock(lake, 'run-2', now, nothing))).toMatchObject({
      message: 'another run is at work on this lake: unknown',
    })
  })
})

describe('a lock is taken over', () => {
  test('when its process is gone', async () => {
    const { lake } = lockedLake({ pid: await deadProcess(), host: hostname(), runId: 'run-1' })
    expect(await withLock(lake, 'run-2', now, async () => readdirSync(path.join(lake, '_focal')))).toEqual([
      'lock.json',
    ])
    expect(readdirSync(path.join(lake, '_focal'))).toEqual([])
  })

  test('when its process had the number that this one has now', async () => {
    const { lake } = lockedLake({ pid: process.pid, host: hostname(), runId: 'run-1' })
    expect(await withLock(lake, 'run-2', now, async () => 'done')).toBe('done')
  })

  test.each([
    ['another machine', { pid: 1, host: 'elsewhere', runId: 'run-1' }],
    ['this machine, whose number another process has now', { pid: process.ppid, host: hostname(), runId: 'run-1' }],
    ['nobody knows whom', '{"runId":"ru'],
  ])('when it is of %s and has been silent for long', async (_name, holder) => {
    const { lake, lock } = lockedLake(holder)
    silenceFor(11, lock)
    expect(await withLock(lake, 'run-2', now, async () => 'done')).toBe('done')
    expect(readdirSync(path.join(lake, '_focal'))).toEqual([])
  })

  test('by one run alone, of many that find it dead at the same time', async () => {
    const { lake } = lockedLake({ pid: await deadProcess(), host: hostname(), runId: 'run-1' })
    let atWork = 0
    let most = 0
    const work = async () => {
      most = Math.max(most, ++atWork)
      await new Promise((resolve) => setTimeout(resolve, 2))
      atWork -= 1
      return 'done'
    }
    const runs = Array.from({ length: 40 }, (_, index) => withLock(lake, `taker-${index}`, now, work))
    const outcomes = await Promise.all(runs.map((run) => run.catch((error: unknown) => error)))
    expect(most).toBe(1)
    expect(outcomes).toContain('done')
    const refused = outcomes.filter((outcome) => outcome !== 'done')
    for (const error of refused) expect(error).toBeInstanceOf(RetryableError)
    expect(readdirSync(path.join(lake, '_focal'))).toEqual([])
  })
})

test('the lock is released when the work fails', async () => {
  const lake = temporaryFolder()
  const error = await failure(withLock(lake, 'run-1', now, () => Promise.reject(new Error('no'))))
  expect(error).toMatchObject({ message: 'no' })
  expect(readdirSync(path.join(lake, '_focal'))).toEqual([])
})

test('a run that was taken for dead leaves the lock of its successor alone', async () => {
  const lake = temporaryFolder()
  const lock = path.join(lake, '_focal', 'lock.json')
  await withLock(lake, 'run-1', now, async () => writeFileSync(lock, JSON.stringify({ runId: 'run-2' })))
  expect(JSON.parse(readFileSync(lock, 'utf8'))).toEqual({ runId: 'run-2' })
})
