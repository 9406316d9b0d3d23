import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { gcp } from '../../../src/connectors/gcp/index.ts'
import { openFiles } from '../../../src/connectors/gcp/location.ts'
import type { GcpPlace } from '../../../src/connectors/gcp/options.ts'
import { openStore } from '../../../src/connectors/stores/open.ts'
import { describeError } from '../../../src/core/errors.ts'
import { rowsAsCsv, testLake } from '../../cases/lake.ts'

function workspace() {
  const root = mkdtempSync(path.join(tmpdir(), 'focal-gcp-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const bill = path.join(root, 'bill')
  mkdirSync(path.join(bill, 'more'), { recursive: true })
  return { root, bill, context: { cacheDirectory: path.join(root, 'cache'), baseDirectory: root, env: {} } }
}

const line = (month: string, cost: number, more: object = {}) =>
  `${JSON.stringify({
    billing_account_id: 'A-1',
    service: { id: 'S', description: 'Compute Engine' },
    sku: { id: 'K', description: 'E2 Instance Core running in Frankfurt' },
    usage_start_time: '2025-01-10 08:00:00 UTC',
    usage_end_time: '2025-01-10 09:00:00 UTC',
    export_time: '2025-01-10 14:00:00 UTC',
    cost,
    currency: 'USD',
    usage: { amount: 3600, unit: 'seconds', amount_in_pricing_units: 1, pricing_unit: 'hour' },
    invoice: { month },
    cost_type: 'regular',
    ...more,
  })}\n`

async function look(place: ReturnType<typeof workspace>) {
  const fetched: string[] = []
  const store = openStore('./bill', place.context)
  const counting: typeof store = {
    ...store,
    fetch(object, progress) {
      fetched.push(object.key)
      return store.fetch(object, progress)
    },
  }
  const source = openFiles(counting, place.context)
  const periods = await source.periods()
  const deliveries = await Promise.all(periods.map((period) => source.delivery(period)))
  return { source, fetched, deliveries: new Map(deliveries.map((delivery) => [delivery.period, delivery])) }
}

describe('a folder of extracted files', () => {
  test('holds for each invoice month the files that have a row of it', async () => {
    const place = workspace()
    writeFileSync(path.join(place.bill, 'a.json'), line('202501', 1) + line('202502', 2))
    writeFileSync(path.join(place.bill, 'more', 'b.jsonl'), line('202502', 3))
    writeFileSync(path.join(place.bill, 'more', 'empty.json'), '')
    writeFileSync(path.join(place.bill, '_notes.json'), 'not a file of the export')
    const { deliveries, source } = await look(place)
    expect(
      [...deliveries.values()].map(({ period, layout, files }) => [period, layout, files.map(({ key }) => key)]),
    ).toEqual([
      ['2025-01', 'extracted files, json', ['a.json']],
      ['2025-02', 'extracted files, json and jsonl', ['a.json', 'more/b.jsonl']],
    ])
    expect(await source.delivery('2025-03')).toMatchObject({
      waiting: 'not complete: no row of 2025-03 yet',
      files: [],
    })
  })

  test('is read once: what is known of a file is remembered by its content', async () => {
    const place = workspace()
    writeFileSync(path.join(place.bill, 'a.json'), line('202501', 1))
    const first = await look(place)
    expect(first.fetched).toEqual(['a.json'])
    renameSync(path.join(place.bill, 'a.json'), path.join(place.bill, 'more', 'z.json'))
    const second = await look(place)
    expect(second.fetched).toEqual([])
    expect(second.deliveries.get('2025-01')?.fingerprint).toBe(first.deliveries.get('2025-01')?.fingerprint)
  })

  test('tells the first of the files that cannot be read, and remembers the others', async () => {
    const place = workspace()
    const bad = { slow: line('202501', 1).repeat(20_000) + line('none', 1), quick: line('never', 1) }
    writeFileSync(path.join(place.bill, 'a.json'), bad.slow)
    writeFileSync(path.join(place.bill, 'b.json'), bad.quick)
    writeFileSync(path.join(place.bill, 'c.json'), line('202501', 3))
    const error = await look(place).catch(describeError)
    expect(error).toBe(
      [
        'the row says no invoice month',
        '  where: file a.json, row 20001, column invoice.month, value "none"',
        '  hint: Expected a month such as 202511. Is this a billing export of Google Cloud? Move other files out of the folder.',
      ].join('\n'),
    )
    for (const [file, cost] of [
      ['a.json', 1],
      ['b.json', 2],
    ] as const)
      writeFileSync(path.join(place.bill, file), line('202501', cost))
    expect((await look(place)).fetched).toEqual(['a.json', 'b.json'])
  })

  test('changes the month that new rows are of, and no other', async () => {
    const place = workspace()
    writeFileSync(path.join(place.bill, 'a.json'), line('202501', 1) + line('202502', 2))
    writeFileSync(path.join(place.bill, 'b.json'), line('202503', 3))
    const before = await look(place)
    writeFileSync(path.join(place.bill, 'late.json'), line('202502', 4))
    copyFileSync(path.join(place.bill, 'b.json'), path.join(place.bill, 'more', 'copy-of-b.json'))
    const after = await look(place)
    expect(after.fetched).toEqual(['late.json'])
    const changed = [...after.deliveries.keys()].filter(
      (period) => before.deliveries.get(period)?.fingerprint !== after.deliveries.get(period)?.fingerprint,
    )
    expect(changed).toEqual(['2025-02'])
  })
})

describe('a run', () => {
  test('restates the month that late rows are of, and reads a file that was loaded twice once', async () => {
    const { root, bill } = workspace()
    const lake = testLake(root)
    const source = { name: 'bill', connector: 'gcp', options: { location: './bill', billingAccountName: 'Acme' } }
    writeFileSync(path.join(bill, 'a.json'), line('202501', 1) + line('202502', 2))
    writeFileSync(path.join(bill, 'b.json'), line('202502', 3))
    const results = async () =>
      (await lake.run([source])).record.units.map(({ period, result }) => `${period} ${result}`)
    expect(await results()).toEqual(['2025-01 published', '2025-02 published'])
    expect(await results()).toEqual(['2025-01 up to date', '2025-02 up to date'])
    appendFileSync(path.join(bill, 'late.json'), line('202501', 0.5, { export_time: '2025-02-03 01:00:00 UTC' }))
    copyFileSync(path.join(bill, 'b.json'), path.join(bill, 'z.json'))
    expect(await results()).toEqual(['2025-01 published', '2025-02 up to date'])
    // The same rows in a file of other bytes make a new delivery, whose rows are the same.
    writeFileSync(path.join(bill, 'c.json'), line('202502', 3) + line('202502', 2))
    expect(await results()).toEqual(['2025-01 up to date', '2025-02 published'])
    expect(await rowsAsCsv(lake, 'bill', ['BillingPeriodStart', 'BilledCost', 'x_SourceFile'])).toBe(
      [
        'BillingPeriodStart,BilledCost,x_SourceFile',
        '2025-01-01T08:00:00Z,0.5,late.json',
        '2025-01-01T08:00:00Z,1,a.json',
        '2025-02-01T08:00:00Z,2,a.json',
        '2025-02-01T08:00:00Z,3,b.json',
        '',
      ].join('\n'),
    )
  })
})

const opening = (options: Partial<GcpPlace>) =>
  gcp.open({ api: 'auto', maxBytes: 1, ...options }, workspace().context).then(
    () => 'opened',
    (error: unknown) => describeError(error),
  )

describe('a source that names', () => {
  test('neither a table nor a location is refused', async () => {
    expect(await opening({})).toBe(
      'the source names no export\n  hint: Write either table: project.dataset.table, or location: a folder of files extracted from it.',
    )
  })

  test('both is refused', async () => {
    expect(await opening({ table: 'a.b.c', location: './bill' })).toBe(
      'the source names two exports\n  hint: Write either table: project.dataset.table, or location: a folder of files extracted from it.',
    )
  })
})
