import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { localSink } from '../../src/sinks/local.ts'
import { readUnit } from '../../src/pipeline/state.ts'
import { leftovers, published, records } from '../pipeline/workbench.ts'
import { billKey, faultBench, period, restatedTotal, runIn, upload, writeBills, type World } from './bench.ts'
import { billStores, type BillStore, type StoreName } from './bill-store.ts'
import { documented, faults, type Fault } from './table.ts'

/**
 * What stores and networks do to a run, one after the other: the source at fault fails alone or not at all, nothing is
 * published by halves, and the next run makes of the lake what an undisturbed one would have.
 */

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'focal-faults-')))
const bills = path.join(folder, 'bills')
const [before, after] = ['1', '2'].map((name) => path.join(bills, name)) as [string, string]
const counted = { tried: 0, gotOver: 0, failedAlone: 0, mended: 0 }

beforeAll(() => writeBills(bills))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  const { tried, gotOver, failedAlone, mended } = counted
  console.info(
    `faults of stores: ${tried} tried, ${gotOver} got over, ${failedAlone} failed their own source alone; the next run completed ${mended} of ${tried}`,
  )
})

describe.each(Object.keys(billStores) as StoreName[])('a source in %s', (name) => {
  const model = (step: string) => path.join(folder, name, step)
  const lakeOf = (step: string) => path.join(model(step), 'lake')

  beforeAll(async () => {
    const store = await billStores[name]()
    const publishModel = async (step: string, near: string, base: string, sources?: readonly string[]) => {
      const bench = faultBench(model(step), { far: store.location, near, lake: lakeOf(base) })
      expect((await runIn(bench, { env: store.env, sources })).outcome).toBe('done')
    }
    upload(store, before)
    await publishModel('before', before, 'nothing')
    upload(store, after)
    await publishModel('near restated', after, 'before', ['near'])
    await publishModel('after', after, 'near restated')
    await store.close()
    for (const source of ['far', 'near']) {
      const unit = await readUnit(localSink(lakeOf('after')), source, period)
      expect(unit?.totals).toMatchObject([{ billedCost: restatedTotal, rows: 3 }])
    }
  })

  test.each(faults.filter(({ store }) => store === name))('$at: $what', async (fault) => {
    counted.tried += 1
    const survives = fault.says === undefined
    const store = await billStores[name]()
    onTestFinished(() => store.close())
    upload(store, before)
    upload(store, after)
    const own = path.join(folder, 'faulty')
    rmSync(own, { recursive: true, force: true })
    const bench = faultBench(own, {
      far: store.location,
      near: after,
      lake: lakeOf(survives ? 'near restated' : 'before'),
    })

    const waits: number[] = []
    const { units, failedSources, outcome } = await runIn(bench, disturbed(fault, store, waits))
    const told = Object.fromEntries([...units, ...failedSources].map(({ source, detail }) => [source, detail]))
    expect(told['near']).toBe(survives ? 'delivery d2, version 2' : 'new delivery d2 replaces d1')
    if (survives) {
      expect(told['far']).toBe('new delivery d2 replaces d1')
      expect({ outcome, waits }).toEqual({ outcome: 'done', waits: fault.waits ?? [0] })
      counted.gotOver += 1
    } else {
      expect(generalised(told['far'] ?? '', fault, store)).toBe(messageOf(fault))
      expect(outcome).toBe('some failed')
      const [kept, made] = [partitions(lakeOf('before')), partitions(lakeOf('after'))]
      expect(partitions(bench.lake)).toEqual({ far: kept['far'], near: made['near'] })
      counted.failedAlone += 1
    }
    expect(leftovers(bench)).toEqual([])

    if (fault.data !== undefined) upload(store, after)
    expect((await runIn(bench, store)).outcome).toBe('done')
    expect(published(bench.lake)).toEqual(published(lakeOf('after')))
    expect(records(bench.lake)).toEqual(records(lakeOf('after')))
    expect(leftovers(bench)).toEqual([])
    counted.mended += 1
  })
})

/** The world of a run that has the fault: at once, or as soon as it goes about to bring the source's data. */
function disturbed({ at, troubles = [], data, endpoint, tuning }: Fault, store: BillStore, waits: number[]): World {
  const disturb = () => {
    for (const trouble of troubles) store.fail(trouble)
    const bytes = readFileSync(path.join(after, billKey))
    if (data === 'replaced') store.put(billKey, Buffer.concat([bytes, bytes]))
  }
  if (at === 'looking') disturb()
  if (data === 'cut short') store.put(billKey, cutShort(readFileSync(path.join(after, billKey), 'utf8')))
  return {
    env: endpoint === undefined ? store.env : { ...store.env, AWS_ENDPOINT_URL_S3: endpoint },
    tuning: { ...tuning, sleep: async (ms) => void waits.push(ms) },
    report(event) {
      if (at === 'bringing' && event.type === 'unit-planned' && event.source === 'far') disturb()
    },
  }
}

/** In the middle of its last row. */
function cutShort(bill: string): Buffer {
  const lastRow = bill.trimEnd().lastIndexOf('\n') + 1
  const [id, invoice, type] = bill.slice(lastRow).split(',')
  return Buffer.from(`${bill.slice(0, lastRow)}${[id, invoice, type].join(',')}\n`)
}

/** What was said, in the words of the table: addresses, sums and counts that differ from run to run are named. */
function generalised(said: string, { endpoint }: Fault, store: BillStore): string {
  return (
    said
      .replaceAll(`${store.location}/${billKey}`, '<bill>')
      .replaceAll(store.location, '<location>')
      .replaceAll(endpoint ?? store.endpoint, '<endpoint>')
      .replaceAll(`cur/${billKey}`, 'cur/<key>')
      .replaceAll(billKey, '<key>')
      .replace(/MD5 \S+==/g, 'MD5 <sum>')
      .replace(/ended \d+ bytes/, 'ended <n> bytes')
      // A machine without any name server says so in this way.
      .replace('EAI_AGAIN', 'ENOTFOUND')
  )
}

function messageOf({ at, says = '', hint, data }: Fault): string {
  const inFile = data === 'cut short' ? '<key>, line 4' : '<bill>'
  const where = at === 'looking' ? 'far, file <location>' : `far, ${period}, file ${inFile}`
  return [says, `  where: ${where}`, ...(hint === undefined ? [] : [`  hint: ${hint}`])].join('\n')
}

/** What readers see of each source. */
function partitions(lake: string): Record<string, string | undefined> {
  const files = published(lake)
  const file = (source: string) => files[`focus/billing_period=${period}/source=${source}/focus.parquet`]
  return { far: file('far'), near: file('near') }
}

test('docs/faults.md has every fault of this table, and no other', () => {
  const text = readFileSync(new URL('../../docs/faults.md', import.meta.url), 'utf8')
  const rows = text.split('\n').filter((line) => /^\| (S3|Cloud Storage|Blob Storage) /.test(line))
  const cells = rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', '')),
  )
  expect(cells).toEqual(faults.map(documented))
})
