import { readdir, readFile, rm, unlink } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { bench, failure, partNames, queryFiles, tableId } from './bench.ts'

const rowsOf = 'SELECT resource.name AS name FROM files ORDER BY export_time'
const november = Array.from({ length: 1000 }, (_, n) => n).filter((n) => n % 10 !== 9)
const restriction =
  "invoice.month = '202511' AND export_time >= TIMESTAMP '2025-11-02 03:04:05.000001+00'" +
  " AND export_time <= TIMESTAMP '2025-11-02 03:04:05.000999+00'"
const session =
  'session of projects/acme, 28 fields of projects/acme/datasets/billing/tables/gcp_billing_export_resource_v1_01AB_CD, 4 streams, '
const unavailable = { code: 14, details: 'the test takes the server away' }

/** The requests to the Storage Read API among all. */
function streamsOf(requests: string[]): string[] {
  return requests.filter((line) => line.startsWith('stream ')).toSorted()
}

test('reads every row once, by streams side by side, and tells as many bytes as were announced', async () => {
  const { fake, fetchNovember } = await bench(1000, { metadata: { numRows: '1000', numBytes: '500000' } })
  const { files, told } = await fetchNovember()
  expect(fake.requests().slice(3).toSorted()).toEqual([
    `${session}${restriction} AND _PARTITIONTIME >= TIMESTAMP '2025-11-02 00:00:00.000000+00' AND _PARTITIONTIME <= TIMESTAMP '2025-11-02 00:00:00.000000+00'`,
    'stream 0 from 0',
    'stream 1 from 0',
  ])
  expect(partNames(files)).toEqual([
    '0000-000000000000-000000000300.parquet',
    '0000-000000000300-000000000200.parquet',
    '0001-000000000000-000000000300.parquet',
    '0001-000000000300-000000000100.parquet',
  ])
  expect(await queryFiles(files, rowsOf)).toEqual(november.map((n) => ({ name: `vm-${n}` })))
  expect(told).toBe(450_000)
})

test('bounds no partitions while rows are in none yet, nor in a table that is not partitioned by them', async () => {
  const streamed = await bench(1000)
  await streamed.fake.run("UPDATE export SET _PARTITIONTIME = NULL WHERE resource.name = 'vm-3'")
  expect(await queryFiles((await streamed.fetchNovember()).files, rowsOf)).toHaveLength(900)
  expect(streamed.fake.requests()[3]).toBe(`${session}${restriction}`)

  const copied = await bench(1000, { metadata: { timePartitioning: { type: 'DAY', field: 'export_time' } } })
  expect(await queryFiles((await copied.fetchNovember()).files, rowsOf)).toHaveLength(900)
  expect(copied.fake.requests()[3]).toBe(`${session}${restriction}`)
})

test('reads no row that came after the watermark', async () => {
  const { fake, open } = await bench(100)
  const source = await open()
  const delivery = await source.delivery('2025-11')
  await fake.run(
    `INSERT INTO export BY NAME SELECT * REPLACE (TIMESTAMPTZ '2025-12-04 00:00:00+00' AS export_time) FROM export`,
  )
  expect(await queryFiles(await source.fetch(delivery), 'SELECT count(*) AS rows FROM files')).toEqual([{ rows: '90' }])
})

test('reads nothing again that is there, and deletes what is not to be kept', async () => {
  const { fake, cacheDirectory, fetchNovember } = await bench(1000)
  const first = await fetchNovember()
  fake.requests()
  const second = await fetchNovember()
  expect(second.files).toEqual(first.files)
  expect(fake.requests()).toHaveLength(3)
  const [folder = ''] = await readdir(cacheDirectory)
  await second.source.fetch(await second.source.delivery('2025-10'))
  expect(await readdir(path.join(cacheDirectory, folder))).toHaveLength(2)
  await second.source.forget([first.delivery])
  expect(await readdir(path.join(cacheDirectory, folder))).toEqual([first.delivery.fingerprint.slice(0, 32)])
})

test('resumes each stream at its own row after a break', async () => {
  const { fake, fetchNovember } = await bench(1000)
  fake.fail(
    { on: 'rows', stream: 0, after: 250, ending: unavailable },
    { on: 'rows', stream: 0, after: 40, ending: { code: 13, details: 'Received RST_STREAM with code 2' } },
    { on: 'rows', stream: 1, after: 30, ending: unavailable },
  )
  const { files } = await fetchNovember()
  expect(streamsOf(fake.requests())).toEqual([
    'stream 0 from 0',
    'stream 0 from 250',
    'stream 0 from 290',
    'stream 1 from 0',
    'stream 1 from 30',
  ])
  expect(await queryFiles(files, rowsOf)).toEqual(november.map((n) => ({ name: `vm-${n}` })))
})

test('survives more breaks than attempts, as long as each attempt gets further', async () => {
  const { fake, fetchNovember } = await bench(1000, { streams: 1 })
  for (let broken = 0; broken < 8; broken += 1) fake.fail({ on: 'rows', after: 100, ending: unavailable })
  const { files } = await fetchNovember()
  expect(streamsOf(fake.requests())).toEqual(Array.from({ length: 9 }, (_, n) => `stream 0 from ${n * 100}`))
  expect(await queryFiles(files, rowsOf)).toHaveLength(900)
})

test('gives up on a stream that gets no further, and the next run goes on where it was', async () => {
  const { fake, fetchNovember } = await bench(1000, { streams: 1 })
  for (const after of [250, 0, 0, 0]) fake.fail({ on: 'rows', after, ending: unavailable })
  expect(await failure(fetchNovember())).toEqual({
    name: 'RetryableError',
    message: `${tableId} could not be read: the test takes the server away`,
    where: {},
    hint: "It was tried up to 3 times; try again later, and look at the project's BigQuery quotas if it goes on.",
  })
  fake.requests()
  const { files } = await fetchNovember()
  expect(fake.requests().slice(3)).toEqual(['stream 0 from 250'])
  expect(partNames(files)).toEqual([
    '0000-000000000000-000000000250.parquet',
    '0000-000000000250-000000000350.parquet',
    '0000-000000000600-000000000300.parquet',
  ])
  expect(await queryFiles(files, rowsOf)).toEqual(november.map((n) => ({ name: `vm-${n}` })))
})

test('begins anew when BigQuery has forgotten the session', async () => {
  const { fake, fetchNovember } = await bench(1000, { streams: 1 })
  for (const after of [250, 0, 0, 0]) fake.fail({ on: 'rows', after, ending: unavailable })
  await failure(fetchNovember())
  fake.forgetSessions()
  fake.requests()
  const { files } = await fetchNovember()
  expect(streamsOf(fake.requests())).toEqual(['stream 0 from 0', 'stream 0 from 250'])
  expect(await queryFiles(files, rowsOf)).toEqual(november.map((n) => ({ name: `vm-${n}` })))
})

test('begins anew when the session is about to end, or its note cannot be read', async () => {
  const { fake, cacheDirectory, fetchNovember } = await bench(1000, { streams: 1 })
  const { delivery } = await fetchNovember()
  const folder = path.join(cacheDirectory, (await readdir(cacheDirectory))[0] ?? '', delivery.fingerprint.slice(0, 32))
  const note = path.join(folder, 'reading.json')
  const { expires } = JSON.parse(await readFile(note, 'utf8')) as { expires: number }
  expect(expires).toBeGreaterThan(Date.now() + 5 * 60 * 60_000)
  await unlink(path.join(folder, '0000-000000000300-000000000300.parquet'))
  await rm(note)
  fake.requests()
  const { files } = await fetchNovember()
  expect(streamsOf(fake.requests())).toEqual(['stream 0 from 0'])
  expect(await queryFiles(files, rowsOf)).toHaveLength(900)
})

test('reads a stream that falls silent on from where it was', async () => {
  const { fake, fetchNovember } = await bench(1000, { streams: 1 })
  fake.fail({ on: 'rows', after: 450, ending: 'stall' })
  const { files } = await fetchNovember({}, { idleMs: 500 })
  expect(streamsOf(fake.requests())).toEqual(['stream 0 from 0', 'stream 0 from 450'])
  expect(await queryFiles(files, rowsOf)).toHaveLength(900)
})

test('asks a stream that ended early for the rest', async () => {
  const { fake, fetchNovember } = await bench(1000)
  fake.fail({ on: 'rows', stream: 0, after: 350, ending: 'end' })
  const { files } = await fetchNovember()
  expect(streamsOf(fake.requests())).toEqual([
    'stream 0 from 0',
    'stream 0 from 350',
    'stream 1 from 0',
    'stream 1 from 400',
  ])
  expect(await queryFiles(files, rowsOf)).toEqual(november.map((n) => ({ name: `vm-${n}` })))
})

test('takes a read past the end for the end', async () => {
  const { fake, fetchNovember } = await bench(1000)
  fake.fail(
    { on: 'rows', stream: 0, after: 350, ending: 'end' },
    { on: 'rows', stream: 1, after: 400, ending: 'end' },
    { on: 'rows', stream: 1, after: 0, ending: { code: 11, details: 'there are 400 rows in the stream' } },
  )
  expect(await queryFiles((await fetchNovember()).files, rowsOf)).toHaveLength(900)
})

test('publishes nothing when rows are missing', async () => {
  const { fake, fetchNovember } = await bench(1000, { streams: 1 })
  for (const after of [450, 0, 0]) fake.fail({ on: 'rows', after, ending: 'end' })
  expect(await failure(fetchNovember())).toEqual({
    name: 'RetryableError',
    message: `2025-11 of ${tableId} has 900 rows, but its streams ended after 450`,
    where: {},
    hint: 'They were asked 3 times for the rest; run again.',
  })
})

test('publishes nothing when the month has more rows than were counted', async () => {
  const { fake, open } = await bench(1000)
  const source = await open()
  const delivery = await source.delivery('2025-11')
  await fake.run("INSERT INTO export SELECT * FROM export WHERE resource.name = 'vm-3'")
  expect(await failure(source.fetch(delivery))).toEqual({
    name: 'RetryableError',
    message: `2025-11 of ${tableId} has 901 rows now, 900 when they were counted`,
    where: {},
    hint: 'The table was written to in between; run again.',
  })
  expect(await queryFiles(await (await open()).fetch(await (await open()).delivery('2025-11')), rowsOf)).toHaveLength(
    901,
  )
})

test('does not read a delivery that is no longer the newest', async () => {
  const { fake, open } = await bench(100)
  const delivery = await (await open()).delivery('2025-11')
  await fake.run("DELETE FROM export WHERE resource.name = 'vm-3'")
  expect(await failure((await open()).fetch(delivery))).toEqual({
    name: 'RetryableError',
    message: `2025-11 of ${tableId} has other rows than when it was looked at; the next run reads them`,
    where: {},
    hint: undefined,
  })
})

test('reads no row when that would cost more than maxBytes', async () => {
  const { fake, fetchNovember } = await bench(100, { estimatedBytes: 2_500_001 })
  expect(await failure(fetchNovember({ maxBytes: 2_500_000 }))).toEqual({
    name: 'UserError',
    message: `${tableId} takes 2,500,001 bytes to read 2025-11; maxBytes allows 2,500,000`,
    where: {},
    hint: 'Set maxBytes of the source to at least 2500001, if reading that much is worth its price.',
  })
  expect(streamsOf(fake.requests())).toEqual([])
})

test('lets another project pay, when the source says so', async () => {
  const { fake, fetchNovember } = await bench(100)
  await fetchNovember({ project: 'payer' })
  expect(fake.requests()[3]).toMatch(
    /^session of projects\/payer, 28 fields of projects\/acme\/datasets\/billing\/tables\/gcp_billing_export_resource_v1_01AB_CD,/,
  )
})

test('an abort ends the reading and its reason is what is thrown', async () => {
  const { fake, open } = await bench(1000)
  const abort = new AbortController()
  fake.fail(
    { on: 'rows', stream: 0, after: 100, ending: 'stall' },
    { on: 'rows', stream: 1, after: 100, ending: 'stall' },
  )
  const source = await open({}, {}, abort.signal)
  const delivery = await source.delivery('2025-11')
  let pieces = 0
  const fetched = source.fetch(delivery, () => {
    pieces += 1
    if (pieces === 2) abort.abort(new Error('Ctrl-C'))
  })
  await expect(fetched).rejects.toThrow('Ctrl-C')
})
