import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { writeJobRecord } from '../../src/jobs/record.ts'
import { localSink } from '../../src/sinks/local.ts'
import { deliver } from '../pipeline/tiny-bill.ts'
import { endingWith, watchedLake, type WatchedLake } from './watched-lake.ts'

/** What people hear of nights that go well and of nights that do not: each thing once, and that it is over. */

const month = (lake: WatchedLake, period: string, id: string, ...costs: string[]) =>
  deliver(lake.bills, { period, id, charges: costs.map((cost) => ({ cost })) })

test('a night that fails is told once, and so is the one that mends it', async () => {
  const lake = await watchedLake()
  month(lake, '2026-09', 'd1', '1000')
  month(lake, '2026-10', 'd1', '10')
  expect(await lake.night('2026-10-02')).toMatchObject({ code: 0, titles: [], lines: ['focal run'] })

  month(lake, '2026-10', 'd2', '10', 'ten')
  const failed = await lake.night('2026-10-03')
  expect({ code: failed.code, titles: failed.titles }).toEqual({
    code: 3,
    titles: [
      'run-failed: nightly: some of it failed, the rest is published',
      'unknown-value: tiny has something that focal has not met there before',
    ],
  })
  expect(failed.notices.map(({ lines }) => lines)).toEqual([
    ['tiny 2026-10: the value is no amount', 'focal run ended with 3'],
    ['the value is no amount: column lineItem/UnblendedCost, value "ten"'],
  ])
  expect((await lake.night('2026-10-03')).titles).toEqual([])

  month(lake, '2026-10', 'd3', '10', '10')
  const mended = await lake.night('2026-10-03')
  expect({ code: mended.code, titles: mended.titles }).toEqual({
    code: 0,
    titles: ['run-recovered: nightly is well again: every step went through'],
  })
  expect(mended.notices[0]).toMatchObject({ over: true, lines: ['It began 2026-10-03 06:00 UTC.'] })
})

test('a failure that becomes another is told again, and one that comes back too', async () => {
  const lake = await watchedLake()
  month(lake, '2026-10', 'd1', 'one')
  expect((await lake.night('2026-10-02')).titles[0]).toBe('run-failed: nightly failed')
  month(lake, '2026-09', 'd1', 'one')
  expect((await lake.night('2026-10-03')).titles).toEqual(['run-failed: nightly failed'])
  for (const period of ['2026-09', '2026-10']) month(lake, period, 'd2', '1')
  await lake.night('2026-10-04')
  month(lake, '2026-10', 'd3', 'one')
  expect((await lake.night('2026-10-04')).titles).toEqual([
    'run-failed: nightly: some of it failed, the rest is published',
  ])
})

test('a source that brings nothing new is told once, and so is that it does again', async () => {
  const lake = await watchedLake()
  month(lake, '2026-10', 'd1', '10')
  expect((await lake.night('2026-10-02')).titles).toEqual([])
  const stale = await lake.night('2026-10-05')
  expect(stale.titles).toEqual(['source-stale: tiny brings nothing new: its data ends 2026-10-01 00:00 UTC'])
  expect(stale.notices[0]?.lines).toEqual([
    'newest usage 2026-10-01 00:00 UTC, 4 days old; more than 72 hours is taken for stale',
  ])
  expect((await lake.night('2026-10-06')).titles).toEqual([])
  month(lake, '2026-11', 'd1', '10')
  expect((await lake.night('2026-11-02')).titles).toEqual(['run-recovered: tiny is no longer stale'])
})

test('a month that was over and changed by more than the threshold is told, in numbers', async () => {
  const lake = await watchedLake(['restatedBy: 5'])
  month(lake, '2026-10', 'd1', '1000')
  month(lake, '2026-11', 'd1', '10')
  await lake.night('2026-11-02')

  month(lake, '2026-10', 'd2', '1000', '30')
  month(lake, '2026-11', 'd2', '10', '500')
  // Three percent, and a month that is still going on.
  expect((await lake.night('2026-11-03')).titles).toEqual([])
  month(lake, '2026-10', 'd3', '1000', '30', '30.5')
  const restated = await lake.night('2026-11-03')
  expect(restated.titles).toEqual([
    'month-restated: tiny restated 2026-10: billed 1060.5 USD instead of 1000 (+6.05 %)',
  ])
  expect(restated.notices[0]).toMatchObject({
    severity: 'warning',
    lines: ['Version 3 of the month, delivery d3, closed.'],
    hint: 'focal diff --source tiny --period 2026-10 shows what changed.',
  })
  expect((await lake.night('2026-11-03')).titles).toEqual([])
})

test('a step that ends with 4 is a check that did not hold, and is over when it does', async () => {
  const lake = await watchedLake()
  const found = await lake.night('2026-10-02', endingWith(0, 4))
  expect({ code: found.code, titles: found.titles }).toEqual({
    code: 4,
    titles: ['check-failed: nightly: a check did not hold'],
  })
  expect(found.notices[0]?.lines).toEqual(['focal 4 says so (exit code 4)'])
  expect((await lake.night('2026-10-03', endingWith(0, 0))).titles).toEqual([
    'run-recovered: nightly: every check holds again',
  ])
})

test("one job's failure is not over because another went well", async () => {
  const lake = await watchedLake()
  expect((await lake.night('2026-10-02', endingWith(1))).titles).toEqual(['run-failed: nightly failed'])
  expect((await lake.night('2026-10-02', { ...endingWith(0), name: 'other' })).titles).toEqual([])
})

test('a run that never ended is told by the next, once', async () => {
  const lake = await watchedLake()
  const died = { job: 'nightly', dueAt: '2026-10-01T06:00:00.000Z', startedAt: '2026-10-01T06:00:02.000Z' }
  await writeJobRecord(localSink(lake.lake), died)
  expect((await lake.night('2026-10-02', endingWith(0))).titles).toEqual([
    'run-failed: nightly died: its run of 2026-10-01 06:00 UTC never ended',
  ])
  expect((await lake.night('2026-10-02', endingWith(0))).titles).toEqual([])
})

test('a run that somebody stopped is made up for, and is no news', async () => {
  const lake = await watchedLake()
  const at = '2026-10-01T06:00:00.000Z'
  await writeJobRecord(localSink(lake.lake), { job: 'nightly', dueAt: at, startedAt: at, stoppedAt: at })
  expect((await lake.night('2026-10-02', endingWith(0))).titles).toEqual([])
})

test('a job lets out the kinds that it names', async () => {
  const lake = await watchedLake()
  const quiet = { ...endingWith(1), notify: ['source-stale'] }
  expect((await lake.night('2026-10-02', quiet)).titles).toEqual([])
  // Taken for told: who turns it on later hears what is new from then on.
  expect((await lake.night('2026-10-02', endingWith(1))).titles).toEqual([])
})

test('an incident that a job opened is resolved, also when the job lets nothing else out', async () => {
  const lake = await watchedLake()
  const channel = `{ name: duty, type: pagerduty, routingKey: '\${DUTY}', url: '${lake.hook.url}' }`
  lake.configure({ top: [`notify: { channels: [${channel}] }`] })
  await lake.night('2026-10-02', { ...endingWith(1), notify: ['run-failed'] })
  await lake.night('2026-10-02', { ...endingWith(0), notify: ['run-failed'] })
  expect(lake.hook.bodies()).toMatchObject([
    { event_action: 'trigger', dedup_key: 'focal/run-failed:nightly' },
    { event_action: 'resolve', dedup_key: 'focal/run-failed:nightly' },
  ])
})

test('what dies between the outbox and its note is told once', async () => {
  const lake = await watchedLake()
  expect((await lake.night('2026-10-02', endingWith(1))).titles).toHaveLength(1)
  // As if the process had died before it could note what it had told.
  rmSync(path.join(lake.lake, '_focal/notify.json'))
  expect((await lake.night('2026-10-02', endingWith(1))).titles).toEqual([])
})

test('what cannot be sent stays in the outbox and goes out with the next job', async () => {
  const lake = await watchedLake()
  lake.hook.answer({ status: 404, body: 'no_team' })
  const first = await lake.night('2026-10-02', endingWith(1))
  expect(first.lines.at(-1)).toBe('hook could not be told yet: nightly failed (the service answered 404: no_team)')
  expect((await lake.night('2026-10-03', endingWith(1))).titles).toEqual(first.titles)
  expect((await lake.night('2026-10-04', endingWith(1))).titles).toEqual([])
})

test('a lake that cannot be written is told without the outbox', async () => {
  const lake = await watchedLake()
  // A file where the lake's own folder belongs.
  writeFileSync(lake.lake, '')
  const { code, titles, lines } = await lake.night('2026-10-02')
  expect(code).not.toBe(0)
  expect(titles).toEqual(['run-failed: nightly failed'])
  expect(lines.at(-1)).toBe('told hook: nightly failed')
  expect(existsSync(path.join(lake.lake, '_focal'))).toBe(false)
})

test('without channels nothing is written for them', async () => {
  const lake = await watchedLake()
  lake.configure({})
  await lake.night('2026-10-02', endingWith(1))
  expect(readdirSync(path.join(lake.lake, '_focal'))).toEqual(['jobs'])
})
