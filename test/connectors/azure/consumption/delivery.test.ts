import { readdir, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { askToday } from '../../../../src/connectors/azure/consumption/days.ts'
import { addToDigest } from '../../../../src/connectors/azure/consumption/page.ts'
import { RetryableError } from '../../../../src/core/errors.ts'
import { failure } from '../../../stores/s3-bench.ts'
import { bench, item, items, linesOf } from './bench.ts'

async function holding() {
  const made = await bench({ pageSize: 2 })
  made.fake.put('actualcost', '2025-01', items(3))
  made.fake.put('amortizedcost', '2025-01', items(3))
  const first = await made.source.delivery('2025-01')
  made.fake.requests()
  return { ...made, first }
}

test('asks for nothing a second time on the same day, also in another process', async () => {
  const { open, source, fake, first } = await holding()
  expect(await source.delivery('2025-01')).toEqual(first)
  expect(await (await open()).delivery('2025-01')).toEqual(first)
  expect(await linesOf(source)).toMatchObject({ 'actual.ndjson': { length: 3 } })
  expect(fake.requests()).toEqual([])
})

test('reads a month that still runs every day, and knows the same rows in another order again', async () => {
  const { source, fake, first, clock } = await holding()
  clock.today = '2025-02-04'
  fake.put('actualcost', '2025-01', items(3).toReversed())
  expect((await source.delivery('2025-01')).fingerprint).toBe(first.fingerprint)
  expect(fake.requests()).toHaveLength(4)
  expect(await linesOf(source)).toMatchObject({ 'actual.ndjson': { length: 3 } })
})

test.each([
  ['amount', 'actualcost', [...items(2), item(2, { cost: '1.26' })]],
  ['row more', 'actualcost', items(4)],
  ['row twice', 'actualcost', [...items(3), item(2)]],
  ['row less', 'amortizedcost', items(2)],
  ['row twice in place of another', 'actualcost', [item(0), item(1), item(1)]],
] as const)('sees another delivery in one %s', async (_what, metric, rows) => {
  const { source, fake, first, clock } = await holding()
  clock.today = '2025-02-04'
  fake.put(metric, '2025-01', rows)
  const second = await source.delivery('2025-01')
  expect(second.fingerprint).not.toBe(first.fingerprint)
  const error = await failure(source.fetch(first))
  expect(error).toBeInstanceOf(RetryableError)
  expect(error.message).toBe('the rows were removed from the cache before they could be used')
})

function digest(...numbers: number[]): bigint {
  const lines = numbers.map((number) => item(number))
  return addToDigest(0n, lines)
}

test('tells bills apart that hold other rows twice', () => {
  expect(digest(0, 0, 2)).not.toBe(digest(1, 1, 2))
  expect(digest(0, 1, 2)).toBe(digest(2, 0, 1))
})

test('only probes the first pages of a month that ended some time ago', async () => {
  const { source, fake, first, clock } = await holding()
  clock.today = '2025-02-12'
  await source.delivery('2025-01')
  fake.requests()

  clock.today = '2025-02-13'
  expect(await source.delivery('2025-01')).toEqual(first)
  expect(fake.requests()).toEqual(['actualcost 2025-01', 'amortizedcost 2025-01'])
  expect(await source.delivery('2025-01')).toEqual(first)
  expect(fake.requests()).toEqual([])

  clock.today = '2025-02-14'
  fake.put('amortizedcost', '2025-01', items(3, { cost: '1.5' }))
  expect((await source.delivery('2025-01')).fingerprint).not.toBe(first.fingerprint)
  expect(fake.requests()).toHaveLength(6)
})

const last = { readOn: '2025-02-12', probedOn: '2025-02-12' }
test.each([
  ['never asked', undefined, '2025-02-03', 'read'],
  ['within 10 days', { readOn: '2025-02-10', probedOn: '2025-02-10' }, '2025-02-11', 'read'],
  ['after 10 days', last, '2025-02-13', 'probe'],
  ['probed today', { ...last, probedOn: '2025-02-13' }, '2025-02-13', 'nothing'],
  ['6 days after it was read', last, '2025-02-18', 'probe'],
  ['7 days after it was read', last, '2025-02-19', 'read'],
  ['60 days after the end', last, '2025-04-02', 'read'],
  ['later, 29 days after it was read', { readOn: '2025-04-02', probedOn: '2025-04-30' }, '2025-05-01', 'probe'],
  ['later, 30 days after it was read', { readOn: '2025-04-02', probedOn: '2025-04-30' }, '2025-05-02', 'read'],
] as const)('knows what to ask about 2025-01: %s', (_when, asked, today, expected) => {
  expect(askToday('2025-01', asked, new Date(`${today}T23:59:59Z`))).toBe(expected)
})

test('does not believe that a month has lost all its rows', async () => {
  const { source, fake, first, clock } = await holding()
  clock.today = '2025-02-04'
  fake.put('amortizedcost', '2025-01', [])
  expect(await source.delivery('2025-01')).toEqual({
    ...first,
    waiting: 'Azure gives no rows for amortized.ndjson of 2025-01 any more, but gave 3 on 2025-02-03',
  })
  fake.put('amortizedcost', '2025-01', items(3))
  expect(await source.delivery('2025-01')).toEqual(first)
})

test('keeps one reading of a month, and forgets the months that are not named', async () => {
  const { source, fake, clock, cache } = await holding()
  clock.today = '2025-02-04'
  fake.put('actualcost', '2025-02', [item(0, { date: '2025-02-01' })])
  const kept = await source.delivery('2025-01')
  await source.delivery('2025-02')
  const [root = ''] = await readdir(cache)
  expect((await readdir(path.join(cache, root, '2025-01'))).toSorted()).toEqual(['2025-02-04', 'reading.json'])
  await source.forget([kept])
  expect(await readdir(path.join(cache, root))).toEqual(['2025-01'])
})

test('reads again what was deleted from the cache', async () => {
  const { source, fake, first, cache } = await holding()
  const [root = ''] = await readdir(cache)
  await rm(path.join(cache, root, '2025-01', '2025-02-03', 'amortized.ndjson'))
  expect(await source.delivery('2025-01')).toEqual(first)
  expect(fake.requests()).toEqual(['amortizedcost 2025-01', 'amortizedcost 2025-01 from 2'])
})

test('does not read a scope that another process is reading, and takes over from one that is gone', async () => {
  const { source, clock, cache, fake } = await holding()
  clock.today = '2025-02-04'
  const [root = ''] = await readdir(cache)
  const claim = path.join(cache, root, 'claim.json')
  // The process that started this one lives as long as the test does.
  await writeFile(claim, JSON.stringify({ pid: process.ppid, host: hostname() }))
  const error = await failure(source.delivery('2025-01'))
  expect(error).toBeInstanceOf(RetryableError)
  expect(error.message).toBe(`process ${process.ppid} on ${hostname()} is reading the usage details of this scope`)
  expect(fake.requests()).toEqual([])

  await writeFile(claim, JSON.stringify({ pid: process.pid, host: hostname() }))
  await source.delivery('2025-01')
  expect(fake.requests()).toHaveLength(4)
})
