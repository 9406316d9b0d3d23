import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { scopeOptions } from '../../../../src/connectors/azure/consumption/index.ts'
import { openSession } from '../../../../src/core/duckdb.ts'
import { temporaryFolder } from '../../../stores/temporary-folder.ts'
import { bench, customerAgreement, enrollment, item, items, linesOf, subscription } from './bench.ts'
import { refusal } from './fake-consumption.ts'

test('offers the newest months, the current one included, without a request', async () => {
  const { source, fake } = await bench()
  const months = await source.periods()
  expect(months).toHaveLength(13)
  expect([months[0], months[11], months[12]]).toEqual(['2024-02', '2025-01', '2025-02'])
  expect(fake.requests()).toEqual([])
})

test('brings every page of both metrics, in the order of the API', async () => {
  const { source, fake } = await bench({ pageSize: 2 })
  fake.put('actualcost', '2025-01', items(5))
  fake.put('amortizedcost', '2025-01', items(3))
  const delivery = await source.delivery('2025-01')
  expect(fake.requests()).toEqual([
    'actualcost 2025-01',
    'actualcost 2025-01 from 2',
    'actualcost 2025-01 from 4',
    'amortizedcost 2025-01',
    'amortizedcost 2025-01 from 2',
  ])
  expect(delivery).toMatchObject({ period: '2025-01', layout: 'usage details, legacy' })
  expect(delivery.waiting).toBeUndefined()
  expect(delivery.files.map(({ key, size }) => [key, size])).toEqual([
    ['actual.ndjson', 475],
    ['amortized.ndjson', 285],
  ])
  let told = 0
  await source.fetch(delivery, (bytes) => {
    told += bytes
  })
  expect(told).toBe(760)
  const { 'actual.ndjson': actual = [], 'amortized.ndjson': amortized = [] } = await linesOf(source)
  expect(actual.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(['u0', 'u1', 'u2', 'u3', 'u4'])
  expect(amortized[2]).toBe(
    '{"id":"u2","kind":"legacy","properties":{"date":"2025-01-15T00:00:00.0000000Z","cost":"1.25"}}',
  )
  expect(fake.requests()).toEqual([])
})

test('asks a legacy scope by filter, with what is left out unless asked for', async () => {
  const { source, fake } = await bench()
  await source.delivery('2024-02')
  expect(fake.urls[0]).toBe(
    `https://management.azure.com/${enrollment}/providers/Microsoft.Consumption/usageDetails?api-version=2021-10-01` +
      '&metric=actualcost&$expand=meterDetails%2CadditionalInfo' +
      '&$filter=properties%2FusageStart%20ge%20%272024-02-01%27%20and%20properties%2FusageEnd%20le%20%272024-02-29%27',
  )
})

test('asks a modern scope by dates', async () => {
  const { source, fake } = await bench({ scope: customerAgreement, kind: 'modern' })
  fake.put('actualcost', '2025-01', items(1, { kind: 'modern' }))
  expect((await source.delivery('2025-01')).layout).toBe('usage details, modern')
  expect(fake.urls[0]).toBe(
    `https://management.azure.com/${customerAgreement}/providers/Microsoft.Consumption/usageDetails` +
      '?api-version=2021-10-01&metric=actualcost&startDate=2025-01-01&endDate=2025-01-31',
  )
})

test.each([
  ['that passes the filter over', false],
  ['that refuses the filter', true],
])('finds out that a subscription is modern, of one %s', async (_how, strict) => {
  const { source, fake } = await bench({ scope: subscription, kind: 'modern', currentMonth: '2025-02', strict })
  fake.put('actualcost', '2025-01', items(1, { kind: 'modern' }))
  fake.put('actualcost', '2025-02', items(1, { kind: 'modern', date: '2025-02-02' }))
  fake.put('amortizedcost', '2025-01', items(1, { kind: 'modern' }))
  expect((await source.delivery('2025-01')).layout).toBe('usage details, modern')
  expect(fake.requests()).toEqual(['actualcost 2025-02', 'actualcost 2025-01', 'amortizedcost 2025-01'])
})

test('takes an empty month of a legacy subscription for empty, not for the current one', async () => {
  const { source, fake } = await bench({ scope: subscription, currentMonth: '2025-02' })
  fake.put('actualcost', '2025-02', items(1, { date: '2025-02-02' }))
  const delivery = await source.delivery('2025-01')
  expect(delivery.layout).toBe('usage details')
  expect(delivery.files.map(({ size }) => size)).toEqual([0, 0])
  expect(await linesOf(source)).toEqual({ 'actual.ndjson': [], 'amortized.ndjson': [] })
})

test('takes an answer without content for an empty page', async () => {
  const { source, fake } = await bench()
  fake.fail({ status: 204 }, { status: 204 })
  expect((await source.delivery('2025-01')).files.map(({ size }) => size)).toEqual([0, 0])
  expect(fake.requests()).toEqual(['actualcost 2025-01', 'amortizedcost 2025-01'])
})

test('follows the links through odd tokens exactly as they are', async () => {
  const { source, fake } = await bench()
  const link = `https://management.azure.com/${enrollment}/providers/Microsoft.Consumption/usageDetails?metric=actualcost&sessiontoken=0:11&$skiptoken=AQ%3d%3d%7c2+x`
  fake.fail({ status: 200, body: `{"value": [${item(0)}], "nextLink": "${link}"}` })
  await source.delivery('2025-01')
  expect(fake.urls[1]).toBe(link)
})

test('keeps each digit, unknown fields, nesting and text, so that DuckDB reads them as they were written', async () => {
  const { source, fake } = await bench()
  const row =
    '{"id": "x", "kind": "legacy", "etag": null, "tags": {"2": "two", "a\\"b": "ü €"}, "properties": {"cost": 0.12345678901234567890123,' +
    ' "quantity": 3.6e-05, "big": 12345678901234567890, "neg": -0.0, "new": {"list": [1.0, true]}, "additionalInfo": "{\\"VCPUs\\": 1}"}}'
  fake.put('actualcost', '2025-01', [row])
  const { 'actual.ndjson': lines } = await linesOf(source)
  expect(lines).toEqual([
    '{"id":"x","kind":"legacy","etag":null,"tags":{"2":"two","a\\"b":"ü €"},"properties":{"cost":"0.12345678901234567890123",' +
      '"quantity":"3.6e-05","big":"12345678901234567890","neg":"-0.0","new":{"list":["1.0",true]},"additionalInfo":"{\\"VCPUs\\": 1}"}}',
  ])
  const [actual] = await source.fetch(await source.delivery('2025-01'))
  const session = await openSession({ memoryLimit: '256MB', threads: 1, tempDirectory: temporaryFolder() })
  try {
    await session.set('file', actual?.path ?? '')
    const [read] = await session.rows(
      "SELECT properties->>'cost' AS cost, tags->>'2' AS tag FROM read_json(getvariable('file'), columns = {properties: 'JSON', tags: 'JSON'})",
    )
    expect(read).toEqual({ cost: '0.12345678901234567890123', tag: 'two' })
  } finally {
    session.close()
  }
})

const samples = path.join(import.meta.dirname, '../../../../../shared/samples/azure/usagedetails_rest')
test.skipIf(!existsSync(samples))("brings Microsoft's own example answers with the digits they have", async () => {
  for (const name of readdirSync(samples)) {
    const text = await readFile(path.join(samples, name), 'utf8')
    const { source, fake } = await bench()
    const period = /"date": "(\d{4}-\d\d)/.exec(text)?.[1] ?? ''
    fake.fail({ status: 200, body: text })
    const [line = ''] = (await linesOf(source, period))['actual.ndjson'] ?? []
    const { properties } = JSON.parse(line) as { properties: Record<string, unknown> }
    const numbers = [...text.matchAll(/"(\w+)": (-?\d[\d.e+-]*)/g)]
    expect(numbers.length).toBeGreaterThan(3)
    for (const [, field = '', written] of numbers) expect(properties[field]).toBe(written)
  }
})

test.each([
  ['/subscriptions/abc/', 'subscriptions/abc'],
  ['subscriptions/abc/resourceGroups/my (first) group', 'subscriptions/abc/resourceGroups/my (first) group'],
  [`/${customerAgreement}`, customerAgreement],
])('takes the scope %s', (given, scope) => {
  expect(scopeOptions.parse({ scope: given })).toEqual({ scope, months: 13 })
})

test.each([
  'abc',
  '',
  'subscriptions/',
  `${enrollment}/providers/Microsoft.Billing/billingPeriods/202501`,
  'subscriptions/a/../b',
  'subscriptions/a?x=1',
])('refuses the scope %j', (scope) => {
  const { error } = scopeOptions.safeParse({ scope })
  expect(error?.issues[0]).toMatchObject({
    path: ['scope'],
    message:
      'expected subscriptions/<id>, or providers/Microsoft.Billing/billingAccounts/<id> or below, without a billing period',
  })
})

test('says how far it is in a long month, and what it waits for', async () => {
  const { source, fake, notices } = await bench({ pageSize: 2 })
  fake.put('actualcost', '2025-01', items(120))
  fake.put('amortizedcost', '2025-01', items(2))
  fake.fail(refusal(429, 'TooManyRequests', { 'Retry-After': '9' }))
  fake.fail(refusal(429, 'TooManyRequests', { 'x-ms-ratelimit-microsoft.consumption-retry-after': '60' }))
  await source.delivery('2025-01')
  expect(notices).toEqual([
    'Azure asks for a wait of 60 s',
    '2025-01: 50 rows of actual cost so far',
    '2025-01: 100 rows of actual cost so far',
  ])
})
