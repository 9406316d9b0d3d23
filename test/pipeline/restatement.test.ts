import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { schemaId } from '../../src/core/focus-structure.ts'
import type { RunEvent } from '../../src/pipeline/events.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'
import { dataFile, deliver, name, remove } from './tiny-bill.ts'
import { hashes, leftovers, published, workbench, type Workbench } from './workbench.ts'

const september = 'focus/billing_period=2026-09/source=tiny/focus.parquet'
const october = 'focus/billing_period=2026-10/source=tiny/focus.parquet'
const septemberHistory = (version: number) => `history/focus/billing_period=2026-09/source=tiny/${version}.parquet`

let bench: Workbench

beforeEach(() => {
  bench = workbench(temporaryFolder())
  deliver(bench.bills, { period: '2026-09', id: 'd1', charges: [{ cost: '1.5' }, { cost: '2' }] })
  deliver(bench.bills, { period: '2026-10', id: 'd1', charges: [{ cost: '10' }] })
})

const firstRun = ['2026-09 published: first delivery d1', '2026-10 published: first delivery d1']
const nothingNew = ['2026-09 up to date: delivery d1, version 1', '2026-10 up to date: delivery d1, version 1']

/** Other bytes in the same place, with nothing in the file system that tells. Reading them fails. */
function spoilUnseen(file: string): void {
  const size = readFileSync(file).length
  execFileSync('touch', ['-r', file, `${file}.time`])
  writeFileSync(file, 'x'.repeat(size))
  execFileSync('touch', ['-r', `${file}.time`, file])
}

describe('a second run', () => {
  test('says up to date, changes no byte of the lake, and leaves nothing else behind', async () => {
    expect(await bench.run()).toEqual(firstRun)
    expect(leftovers(bench)).toEqual([])
    const lake = hashes(bench.lake)
    expect(Object.keys(lake).filter((file) => !file.startsWith('_focal/runs/'))).toEqual([
      '_focal/units/tiny/2026-09.json',
      '_focal/units/tiny/2026-10.json',
      september,
      october,
      'metadata/focus/dataset.json',
      `metadata/focus/schema-${schemaId('1.2')}.json`,
    ])
    expect(await bench.run()).toEqual(nothingNew)
    expect(hashes(bench.lake)).toMatchObject(lake)
    expect(leftovers(bench)).toEqual([])
  })

  test('reads no data file', async () => {
    await bench.run()
    for (const period of ['2026-09', '2026-10']) spoilUnseen(path.join(bench.bills, dataFile({ period, id: 'd1' })))
    const before = published(bench.lake)
    expect(await bench.run()).toEqual(nothingNew)
    // The spoilt files do fail a run that reads them.
    const [failure] = await bench.run({ full: true })
    expect(failure?.split('\n')[0]).toBe('2026-09 failed: the file lacks a column that every Cost and Usage Report has')
    expect(published(bench.lake)).toEqual(before)
  })
})

describe('a new delivery', () => {
  test('becomes version 2; version 1 is kept byte for byte, and the record tells of it', async () => {
    await bench.run()
    const before = published(bench.lake)
    const record1 = await bench.unit('2026-09')
    deliver(bench.bills, { period: '2026-09', id: 'd2', charges: [{ cost: '1.5' }, { cost: '2.25' }, { cost: '4' }] })
    expect(await bench.run()).toEqual([
      '2026-09 published: new delivery d2 replaces d1',
      '2026-10 up to date: delivery d1, version 1',
    ])
    const after = published(bench.lake)
    expect(after[septemberHistory(1)]).toBe(before[september])
    expect(after[october]).toBe(before[october])
    expect(after[september]).not.toBe(before[september])
    expect(Object.keys(after)).toEqual([september, october, septemberHistory(1)])
    const record = await bench.unit('2026-09')
    expect(record).toMatchObject({
      version: 2,
      rows: 3,
      delivery: { id: 'd2' },
      partition: { path: september, sha256: after[september] },
    })
    expect(record?.totals[0]?.billedCost).toBe('7.750000000000000000')
    expect(record?.superseded).toEqual([
      {
        version: 1,
        deliveryId: 'd1',
        fingerprint: record1?.delivery.fingerprint,
        publishedAt: '2026-11-20T06:00:00.000Z',
        dataUntil: '2026-09-01T00:00:00Z',
        rows: 2,
        totals: record1?.totals,
      },
    ])
    expect(leftovers(bench)).toEqual([])
  })

  test('that goes back to an older one is a version of its own, with the old bytes', async () => {
    await bench.run()
    const before = published(bench.lake)
    deliver(bench.bills, { period: '2026-09', id: 'd2', charges: [{ cost: '9' }] })
    await bench.run()
    name(bench.bills, { period: '2026-09', id: 'd1' })
    expect((await bench.run())[0]).toBe('2026-09 published: new delivery d1 replaces d2')
    expect(published(bench.lake)[september]).toBe(before[september])
    const record = await bench.unit('2026-09')
    expect(record?.version).toBe(3)
    expect(record?.superseded.map(({ version, deliveryId }) => `${version} ${deliveryId}`)).toEqual(['2 d2', '1 d1'])
  })

  test('whose files have not all arrived is waited for; the published month stays', async () => {
    await bench.run()
    const before = published(bench.lake)
    deliver(bench.bills, { period: '2026-09', id: 'd2', charges: [{ cost: '9' }] })
    remove(bench.bills, { period: '2026-09', id: 'd2' })
    expect(await bench.run()).toEqual([
      '2026-09 waiting: not complete: 1 of 1 files of the manifest are not there yet, first 20260901-20261001/d2/tiny-1.csv',
      '2026-10 up to date: delivery d1, version 1',
    ])
    expect(published(bench.lake)).toEqual(before)
  })

  test('that is written over while it is read is not published', async () => {
    await bench.run()
    const before = published(bench.lake)
    const next = { period: '2026-09', id: 'd2', charges: [{ cost: '9' }] }
    deliver(bench.bills, next)
    const overwrite = (event: RunEvent) => {
      if (event.type === 'unit-step' && event.step === 'written')
        deliver(bench.bills, { ...next, charges: [{ cost: '9' }, { cost: '1' }] })
    }
    const [outcome] = await bench.run({}, { report: overwrite })
    const file = path.join(bench.bills, dataFile(next))
    expect(outcome).toBe(
      [
        `2026-09 failed: ${file} changed while it was being read`,
        `  where: tiny, 2026-09, file ${file}`,
        '  hint: Something is still writing to it; the next run reads it once that is done.',
      ].join('\n'),
    )
    expect(published(bench.lake)).toEqual(before)
    expect((await bench.run())[0]).toBe('2026-09 published: new delivery d2 replaces d1')
    expect((await bench.unit('2026-09'))?.totals[0]?.billedCost).toBe('10.000000000000000000')
  })

  test('of an earlier version number is not mistaken for a kept one after a partition was deleted', async () => {
    await bench.run()
    rmSync(path.join(bench.lake, september))
    deliver(bench.bills, { period: '2026-09', id: 'd2', charges: [{ cost: '9' }] })
    await bench.run()
    expect((await bench.unit('2026-09'))?.version).toBe(2)
    expect(Object.keys(published(bench.lake))).toEqual([september, october])
  })
})

describe('the same delivery is published again', () => {
  test('when asked for: a new version with the same bytes', async () => {
    await bench.run()
    const before = published(bench.lake)
    expect(await bench.run({ full: true })).toEqual([
      '2026-09 published: asked for again (--full)',
      '2026-10 published: asked for again (--full)',
    ])
    const after = published(bench.lake)
    expect(after[september]).toBe(before[september])
    expect(after[october]).toBe(before[october])
    expect(after[septemberHistory(1)]).toBe(before[september])
    expect((await bench.unit('2026-09'))?.version).toBe(2)
  })

  test('when a setting changes what its rows say', async () => {
    await bench.run()
    const changed = ['2026-09', '2026-10'].map((period) => `${period} published: focal or its settings have changed`)
    bench.configure({ source: ['tagKeys: [CostCenter]'] })
    expect(await bench.run()).toEqual(changed)
    bench.configure({ top: ['focusVersion: "1.3"'], source: ['tagKeys: [CostCenter]'] })
    expect(await bench.run()).toEqual(changed)
    expect((await bench.unit('2026-09'))?.focusVersion).toBe('1.3')
    expect(await bench.run()).toEqual([
      '2026-09 up to date: delivery d1, version 3',
      '2026-10 up to date: delivery d1, version 3',
    ])
  })

  test('in every month that the export holds, when the FOCUS version changes: one lake has one set of columns', async () => {
    await bench.run()
    bench.configure({ top: ['periods: 1', 'focusVersion: "1.0"'] })
    expect(await bench.run()).toEqual([
      '2026-09 published: focal or its settings have changed',
      '2026-10 published: focal or its settings have changed',
    ])
    expect(await bench.run()).toEqual(['2026-10 up to date: delivery d1, version 2'])
  })

  test('but not when only its place, the engine or the history has changed', async () => {
    await bench.run()
    const copy = path.join(bench.folder, 'moved')
    execFileSync('cp', ['-r', bench.bills, copy])
    const text = readFileSync(bench.configFile, 'utf8')
    writeFileSync(
      bench.configFile,
      `${text.replace(bench.bills, copy).replace('threads: 2', 'threads: 1')}historyVersions: 3\n`,
    )
    expect(await bench.run()).toEqual(nothingNew)
  })

  test('when its partition was deleted: the same bytes, and no other month is touched', async () => {
    await bench.run()
    const before = published(bench.lake)
    rmSync(path.join(bench.lake, path.dirname(september)), { recursive: true })
    expect(await bench.run()).toEqual([
      '2026-09 published: its partition is missing from the lake',
      '2026-10 up to date: delivery d1, version 1',
    ])
    expect(published(bench.lake)).toEqual(before)
  })

  test('when its partition was cut short', async () => {
    await bench.run()
    const before = published(bench.lake)
    truncateSync(path.join(bench.lake, september), 100)
    expect((await bench.run())[0]).toBe('2026-09 published: its partition is not the file that was published')
    expect(published(bench.lake)).toEqual(before)
  })
})

test('history keeps the newest versions only, as many as the configuration says', async () => {
  bench.configure({ top: ['historyVersions: 2'] })
  const bytes: string[] = []
  for (const id of ['d1', 'd2', 'd3', 'd4']) {
    deliver(bench.bills, { period: '2026-09', id, charges: [{ cost: id.slice(1) }] })
    await bench.run({ periods: { from: '2026-09', to: '2026-09' } })
    bytes.push(published(bench.lake)[september] ?? '')
  }
  expect(published(bench.lake)).toEqual({
    [september]: bytes[3],
    [septemberHistory(2)]: bytes[1],
    [septemberHistory(3)]: bytes[2],
  })
  expect((await bench.unit('2026-09'))?.superseded.map(({ version }) => version)).toEqual([3, 2])
})

describe('open and closed', () => {
  test.each([
    { invoiced: true, today: '2026-11-01', status: 'closed' },
    { invoiced: true, today: '2026-10-31', status: 'open' },
    { invoiced: false, today: '2026-11-20', status: 'open' },
  ])('a bill read on $today, invoiced: $invoiced, is $status', async ({ invoiced, today, status }) => {
    deliver(bench.bills, { period: '2026-10', id: 'd2', charges: [{ cost: '1' }], invoiced })
    await bench.run({}, { today })
    expect((await bench.unit('2026-10'))?.status).toBe(status)
  })

  test('credits without an invoice do not keep a month open', async () => {
    const charges = [{ cost: '-1', type: 'Credit' }]
    deliver(bench.bills, { period: '2026-10', id: 'd2', charges, invoiced: false })
    await bench.run()
    expect((await bench.unit('2026-10'))?.status).toBe('closed')
  })
})

describe('what is looked at', () => {
  test('the newest months only, unless others are asked for', async () => {
    bench.configure({ top: ['periods: 1'] })
    expect(await bench.run()).toEqual(['2026-10 published: first delivery d1'])
    expect(await bench.run({ periods: { from: '2026-01', to: '2026-09' } })).toEqual([
      '2026-09 published: first delivery d1',
    ])
    expect(await bench.run({ periods: { from: '2026-01', to: '2026-08' } })).toEqual([])
  })

  test('a dry run tells the plan and makes nothing', async () => {
    expect(await bench.run({ dryRun: true })).toEqual([
      '2026-09 published: would publish: first delivery d1',
      '2026-10 published: would publish: first delivery d1',
    ])
    expect(existsSync(bench.lake)).toBe(false)
    expect(leftovers(bench)).toEqual([])
  })
})
