import { spawn } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test, vi } from 'vitest'
import { RetryableError } from '../../../../src/core/errors.ts'
import { failure } from '../../../stores/s3-bench.ts'
import { bench, enrollment, item, items, linesOf } from './bench.ts'
import { refusal } from './fake-consumption.ts'

const api = 'https://management.azure.com'

test('goes on at the last page after a failure, in another process too', async () => {
  const { source, open, fake, cache } = await bench({ pageSize: 2 })
  fake.put('actualcost', '2025-01', items(7))
  fake.put('amortizedcost', '2025-01', items(1))
  const broken = refusal(500, 'InternalServerError')
  const pages = [0, 2].map((from) => ({ status: 200, body: pageOf(items(7), from) }))
  fake.fail(...pages, broken, broken, broken)
  await failure(source.delivery('2025-01'))
  fake.requests()

  // What a killed process had written of the next page, without coming to enter it in the journal.
  const file = await find(cache, 'actual.ndjson')
  await writeFile(file, `${await readFile(file, 'utf8')}{"id": "half a`)

  const lines = await linesOf(await open())
  expect(fake.requests()).toEqual(['actualcost 2025-01 from 4', 'actualcost 2025-01 from 6', 'amortizedcost 2025-01'])
  expect(lines['actual.ndjson']).toEqual(items(7).map(asWritten))

  const whole = await bench({ pageSize: 100 })
  whole.fake.put('actualcost', '2025-01', items(7))
  whole.fake.put('amortizedcost', '2025-01', items(1))
  expect((await source.delivery('2025-01')).fingerprint).toBe((await whole.source.delivery('2025-01')).fingerprint)
})

test('goes on at the last page after it was killed', async () => {
  const { fake, cache, open } = await bench({ pageSize: 2 })
  fake.put('actualcost', '2025-01', items(7))
  fake.fail(...[0, 2, 4].map((from) => ({ status: 200, body: pageOf(items(7), from) })), { silent: true })
  const program = path.join(import.meta.dirname, 'read-month.ts')
  const child = spawn(process.execPath, [program, fake.address, cache, enrollment, '2025-01'], { stdio: 'inherit' })
  const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)))
  await vi.waitFor(() => expect(fake.urls).toHaveLength(4), { timeout: 30_000, interval: 20 })
  child.kill('SIGKILL')
  expect(await ended).toBe('SIGKILL')
  fake.requests()

  expect((await linesOf(await open()))['actual.ndjson']).toEqual(items(7).map(asWritten))
  expect(fake.requests()).toEqual(['actualcost 2025-01 from 6', 'amortizedcost 2025-01'])
})

test('begins a metric anew when the link of an earlier process has expired', async () => {
  const { source, open, fake } = await bench({ pageSize: 2 })
  fake.put('actualcost', '2025-01', items(3))
  const broken = refusal(500, 'InternalServerError')
  fake.fail({ status: 200, body: pageOf(items(3), 0) }, broken, broken, broken)
  await failure(source.delivery('2025-01'))
  fake.requests()
  fake.fail(refusal(400, 'InvalidSkipToken'))
  expect((await linesOf(await open()))['actual.ndjson']).toEqual(items(3).map(asWritten))
  expect(fake.requests()).toEqual([
    'actualcost 2025-01 from 2',
    'actualcost 2025-01',
    'actualcost 2025-01 from 2',
    'amortizedcost 2025-01',
  ])
})

test('stops at links that lead in a circle, and begins anew the next time', async () => {
  const { source, fake } = await bench({ pageSize: 2 })
  fake.put('actualcost', '2025-01', items(2))
  const self = `${api}/${enrollment}/providers/Microsoft.Consumption/usageDetails?metric=actualcost&$skiptoken=0`
  const circle = { status: 200, body: `{"value": [${item(0)}], "nextLink": "${self}"}` }
  fake.fail(circle, circle)
  const error = await failure(source.delivery('2025-01'))
  expect(error).toBeInstanceOf(RetryableError)
  expect(error.message).toBe('Azure links a page that was read before as the next one')
  expect((await linesOf(source))['actual.ndjson']).toEqual(items(2).map(asWritten))
})

function pageOf(rows: string[], from: number): string {
  const next = `${api}/${enrollment}/providers/Microsoft.Consumption/usageDetails?metric=actualcost&$filter=${encodeURIComponent("properties/usageStart ge '2025-01-01' and properties/usageEnd le '2025-01-31'")}&$skiptoken=${from + 2}`
  return `{"value": [${rows.slice(from, from + 2).join(', ')}], "nextLink": "${next}"}`
}

function asWritten(row: string): string {
  return row.replaceAll(/([:,]) /g, '$1').replace('1.25', '"1.25"')
}

async function find(folder: string, name: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true })
  return path.join(folder, entries.find((entry) => path.basename(entry) === name) ?? 'nowhere')
}
