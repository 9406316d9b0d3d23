import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { RetryableError } from '../../src/core/errors.ts'
import { historyPath, partitionPath, readJson, writeJson, type Sink } from '../../src/sinks/sink.ts'
import type { LakePlace, LakeServer } from './lake-server.ts'

export const partition = { dataset: 'focus', period: '2026-10', source: 'aws-main' }
export const place = partitionPath(partition)
const now = new Date('2026-11-20T06:00:00Z')

/** Writes a partition aside and puts it in place, as a run does. */
export async function publish(lake: Sink, content: Buffer | string, runId = 'run-1'): Promise<void> {
  const aside = await lake.asidePath(runId, partition)
  writeFileSync(aside, content)
  await lake.publish(partition, aside)
}

/** What a promise fails with; undefined when it does not. */
export async function failure(work: Promise<unknown>): Promise<Error | undefined> {
  return work.then(
    () => undefined,
    (error: unknown) => error as Error,
  )
}

const nothing = async () => undefined

/** What every lake does, wherever it lies. */
export function lakeConformance(where: string, start: () => Promise<LakeServer>): void {
  describe(`a lake ${where}`, () => {
    let server: LakeServer
    let at: LakePlace
    let lake: Sink
    const text = async (path: string) => (await at.get(path))?.toString('utf8')

    beforeAll(async () => {
      server = await start()
    })
    afterAll(async () => server.close())
    beforeEach(async () => {
      at = await server.create()
      lake = await at.open()
    })

    describe('partitions', () => {
      test('a partition is what was written aside, and nothing else is near it', async () => {
        await publish(lake, 'one')
        await publish(lake, 'two')
        expect(await text(place)).toBe('two')
        await lake.clearAside()
        expect(await at.paths()).toEqual([place])
      })

      test('a large one arrives to the byte, over a larger one too', async () => {
        const large = randomBytes(at.severalParts)
        await publish(lake, large)
        expect((await at.get(place))?.equals(large)).toBe(true)
        await publish(lake, large.subarray(0, at.severalParts - 7))
        expect((await at.get(place))?.equals(large.subarray(0, at.severalParts - 7))).toBe(true)
      })

      test('the same content can be published again', async () => {
        await publish(lake, 'one')
        await publish(lake, 'one')
        expect(await text(place)).toBe('one')
      })

      test('is as published, missing, or another file', async () => {
        expect(await lake.partitionState(partition, 3)).toBe('missing')
        await publish(lake, 'one')
        expect(await lake.partitionState(partition, 3)).toBe('as published')
        await at.put(place, 'no')
        expect(await lake.partitionState(partition, 3)).toBe('another file')
      })

      test('two sinks see one lake', async () => {
        await publish(lake, 'one')
        const other = await at.open()
        expect(await other.partitionState(partition, 3)).toBe('as published')
        await publish(other, 'three')
        expect(await lake.partitionState(partition, 5)).toBe('as published')
      })
    })

    describe('history', () => {
      test('keeps the published bytes', async () => {
        await publish(lake, 'one')
        await lake.keepVersion(partition, 1)
        await publish(lake, 'two')
        expect(await text(historyPath(partition, 1))).toBe('one')
        expect(await text(place)).toBe('two')
      })

      test('keeping a version again changes nothing; a stale file of that number gives way', async () => {
        await publish(lake, 'one')
        await lake.keepVersion(partition, 1)
        await lake.keepVersion(partition, 1)
        await at.put(historyPath(partition, 2), 'of a lake whose records were lost')
        await publish(lake, 'two')
        await lake.keepVersion(partition, 2)
        expect(await text(historyPath(partition, 1))).toBe('one')
        expect(await text(historyPath(partition, 2))).toBe('two')
        await lake.clearAside()
        expect(await at.paths()).toEqual([place, historyPath(partition, 1), historyPath(partition, 2)])
      })

      test('there is nothing to keep of a partition that is gone', async () => {
        await lake.keepVersion(partition, 1)
        expect(await at.paths()).toEqual([])
      })

      test('is trimmed by number, not by name, and only of versions', async () => {
        for (const version of [1, 2, 9, 10, 11]) await at.put(historyPath(partition, version), String(version))
        const note = historyPath(partition, 1).replace('1.parquet', 'note.txt')
        await at.put(note, 'kept')
        await lake.trimHistory(partition, 2)
        expect(await at.paths()).toEqual([historyPath(partition, 10), historyPath(partition, 11), note])
      })

      test('of a partition without any is trimmed to nothing', async () => {
        await lake.trimHistory(partition, 2)
        expect(await at.paths()).toEqual([])
      })
    })

    describe('what is read', () => {
      test('lies on this machine, under its path in the lake; what is not there is undefined', async () => {
        const large = randomBytes(at.severalParts)
        await publish(lake, large)
        const old = historyPath(partition, 1)
        const [found, missing] = await (await at.open()).readable([place, old])
        expect(found?.endsWith(`/${place}`)).toBe(true)
        expect(readFileSync(found ?? '').equals(large)).toBe(true)
        expect(missing).toBeUndefined()
      })

      test('is what the lake holds now', async () => {
        const other = await at.open()
        for (const content of ['one', 'two', 'two', 'six']) {
          await publish(lake, content)
          const [found] = await other.readable([place])
          expect(readFileSync(found ?? '', 'utf8')).toBe(content)
        }
      })

      test('may be empty', async () => {
        await publish(lake, '')
        const [found] = await (await at.open()).readable([place])
        expect(readFileSync(found ?? '', 'utf8')).toBe('')
      })
    })

    describe('small files', () => {
      test('are there whole, and indented for people', async () => {
        await writeJson(lake, '_focal/units/a/2026-10.json', { rows: 1 })
        await writeJson(lake, '_focal/units/a/2026-10.json', { rows: 2 })
        expect(await text('_focal/units/a/2026-10.json')).toBe('{\n  "rows": 2\n}\n')
        expect(await readJson(lake, '_focal/units/a/2026-10.json')).toEqual({ rows: 2 })
      })

      test('take any bytes, and names with spaces and signs', async () => {
        const bytes = randomBytes(2000)
        const odd = 'reports/2026-10/Größe & Preis + 100% (1).xlsx'
        await lake.writeFile(odd, bytes)
        expect((await lake.readFile(odd))?.equals(bytes)).toBe(true)
        expect(await lake.listNames('reports/2026-10')).toEqual(['Größe & Preis + 100% (1).xlsx'])
      })

      test('that are not there are undefined', async () => {
        expect(await readJson(lake, '_focal/units/a/2026-10.json')).toBeUndefined()
        expect(await lake.listNames('_focal/units/a')).toEqual([])
      })

      test('are listed by name with the folders beside them, over several pages', async () => {
        for (const name of ['b/x.json', 'd.json', 'a.json', 'b/y.json', 'c/x.json']) {
          await lake.writeFile(`_focal/units/${name}`, '{}')
        }
        await lake.writeFile('_focal/units-of-another.json', '{}')
        expect(await lake.listNames('_focal/units')).toEqual(['a.json', 'b', 'c', 'd.json'])
        expect(await lake.listNames('_focal/units/b')).toEqual(['x.json', 'y.json'])
      })
    })

    describe('a lake that is held', () => {
      test('is refused to another run, by name, until it is released', async () => {
        const other = await at.open()
        const error = await lake.hold('run-1', now, () => failure(other.hold('run-2', now, nothing)))
        expect(error).toBeInstanceOf(RetryableError)
        expect(error).toMatchObject({ message: 'another run is at work on this lake: run-1' })
        expect((error as RetryableError).hint).toMatch(
          `Process ${process.pid} on ${hostname()} has held it since 2026-11-20T06:00:00.000Z. Wait for it (--wait does)`,
        )
        expect(await other.hold('run-2', now, async () => 'done')).toBe('done')
      })

      test('is released when the work fails', async () => {
        const error = await failure(lake.hold('run-1', now, () => Promise.reject(new Error('no'))))
        expect(error).toMatchObject({ message: 'no' })
        expect(await lake.hold('run-2', now, async () => 'done')).toBe('done')
      })

      test('is waited for, when that is wanted; who is waited for is told once', async () => {
        const told: string[] = []
        const waited = Promise.withResolvers<void>()
        const onWait = ({ message }: Error) => {
          told.push(message)
          waited.resolve()
        }
        const other = await at.open({ pollMs: 10 })
        let second: Promise<string> | undefined
        await lake.hold('run-1', now, async () => {
          second = other.hold('run-2', now, async () => 'done', { wait: true, onWait })
          await waited.promise
        })
        expect(await second).toBe('done')
        expect(told).toEqual(['another run is at work on this lake: run-1'])
      })

      test('is waited for no longer than until an abort', async () => {
        const other = await at.open()
        const abort = new AbortController()
        const onWait = () => abort.abort(new Error('enough'))
        const waiting = { wait: true, onWait, signal: abort.signal }
        const error = await lake.hold('run-1', now, () => failure(other.hold('run-2', now, nothing, waiting)))
        expect(error).toMatchObject({ message: 'enough' })
      })

      test('is had by one run at a time, of many that want it at once', async () => {
        let most = 0
        let atWork = 0
        const work = async () => {
          most = Math.max(most, ++atWork)
          await new Promise((resolve) => setTimeout(resolve, 2))
          atWork -= 1
          return 'done'
        }
        const sinks = await Promise.all(Array.from({ length: 6 }, () => at.open()))
        const runs = sinks.map((sink, index) => sink.hold(`run-${index}`, now, work))
        const outcomes = await Promise.all(runs.map((run) => run.catch((error: unknown) => error)))
        expect(most).toBe(1)
        expect(outcomes).toContain('done')
        for (const outcome of outcomes.filter((one) => one !== 'done')) expect(outcome).toBeInstanceOf(RetryableError)
      })
    })

    describe('a lake whose holder died', () => {
      const lease = (holder: object) => JSON.stringify({ since: now.toISOString(), generation: 3, ...holder })

      test('on this machine is taken over at once', async () => {
        const dead = spawn('true')
        await once(dead, 'exit')
        await at.put('_focal/lock.json', lease({ runId: 'run-1', pid: dead.pid, host: hostname() }))
        expect(await lake.hold('run-2', now, async () => 'done')).toBe('done')
      })

      test('on another machine is refused as long as it may be alive, and taken over after that', async () => {
        await at.put('_focal/lock.json', lease({ runId: 'run-1', pid: 1, host: 'elsewhere' }))
        expect(await failure(lake.hold('run-2', now, nothing))).toMatchObject({
          message: 'another run is at work on this lake: run-1',
        })
        const late = await at.openAfterSilence()
        expect(await late.hold('run-2', now, async () => 'done')).toBe('done')
      })
    })

    describe('a holder that was taken for dead', () => {
      const steps: [string, (lake: Sink) => Promise<unknown>][] = [
        ['publish', (sink) => publish(sink, 'late')],
        ['keep a version', (sink) => sink.keepVersion(partition, 1)],
        ['trim the history', (sink) => sink.trimHistory(partition, 1)],
        ['write a record', (sink) => sink.writeFile('_focal/units/a/2026-10.json', 'late')],
      ]
      test.each(steps)(
        'cannot %s when it wakes up, and leaves the lease of its successor alone',
        async (_name, step) => {
          await publish(lake, 'before')
          for (const version of [1, 2]) await at.put(historyPath(partition, version), String(version))
          await lake.hold('run-1', now, async () => {
            const successor = await at.openAfterSilence()
            await successor.hold('run-2', now, async () => {
              await publish(successor, 'after', 'run-2')
              const before = await at.paths()
              expect(await failure(step(lake))).toMatchObject({
                message: 'the run run-1 does not hold the lake any more: run-2 has taken it over',
                hint: 'It had been silent for too long: a machine that slept, a network that was down. It published nothing since; run again.',
              })
              expect((await at.paths()).filter((path) => !path.startsWith('_focal/tmp/'))).toEqual(
                before.filter((path) => !path.startsWith('_focal/tmp/')),
              )
            })
          })
          expect(await text(place)).toBe('after')
          expect(await lake.hold('run-3', now, async () => 'done')).toBe('done')
        },
      )

      test('cannot publish after its successor has gone, either', async () => {
        const error = await lake.hold('run-1', now, async () => {
          const successor = await at.openAfterSilence()
          await successor.hold('run-2', now, () => publish(successor, 'after', 'run-2'))
          return failure(publish(lake, 'late'))
        })
        expect(error).toMatchObject({
          message: 'the run run-1 does not hold the lake any more: it is held by nobody now',
        })
        expect(await text(place)).toBe('after')
      })
    })
  })
}
