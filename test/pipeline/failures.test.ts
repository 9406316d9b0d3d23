import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { RunEvent, UnitStep } from '../../src/pipeline/events.ts'
import { localSink } from '../../src/sinks/local.ts'
import type { Sink } from '../../src/sinks/sink.ts'
import { readLastRun } from '../../src/pipeline/state.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'
import { dataFile, deliver } from './tiny-bill.ts'
import { leftovers, published, workbench, type Workbench } from './workbench.ts'

let bench: Workbench

beforeEach(() => {
  bench = workbench(temporaryFolder())
  for (const period of ['2026-08', '2026-09', '2026-10'])
    deliver(bench.bills, { period, id: 'd1', charges: [{ cost: '1' }] })
})

const months = (lake: string) => Object.keys(published(lake)).map((file) => file.slice(0, 28))

describe('a unit that fails', () => {
  test('leaves its published version, and the others are published', async () => {
    await bench.run()
    const before = published(bench.lake)
    deliver(bench.bills, { period: '2026-08', id: 'd2', charges: [{ cost: '2' }] })
    deliver(bench.bills, { period: '2026-09', id: 'd2', charges: [{ cost: '1' }, { cost: '1.0.0' }] })
    deliver(bench.bills, { period: '2026-10', id: 'd2', charges: [{ cost: '4' }] })
    const record = await bench.record()
    expect(record.outcome).toBe('some failed')
    expect(record.units.map(({ period, result }) => `${period} ${result}`)).toEqual([
      '2026-08 published',
      '2026-09 failed',
      '2026-10 published',
    ])
    expect(record.units[1]?.detail).toBe(
      [
        'the value is no amount',
        `  where: tiny, 2026-09, file ${dataFile({ period: '2026-09', id: 'd2' })}, row 2, column lineItem/UnblendedCost, value "1.0.0"`,
        '  hint: Expected a plain number such as 1234.50 or 4.0E-7, without thousands separators.',
      ].join('\n'),
    )
    const september = 'focus/billing_period=2026-09/source=tiny/focus.parquet'
    expect(published(bench.lake)[september]).toBe(before[september])
    expect((await bench.unit('2026-09'))?.version).toBe(1)
    expect((await bench.unit('2026-10'))?.version).toBe(2)
    expect(leftovers(bench)).toEqual([])
    expect(await readLastRun(localSink(bench.lake))).toEqual(record)
  })

  test('is tried again by the next run, and published once it is mended', async () => {
    deliver(bench.bills, { period: '2026-09', id: 'd2', charges: [{ cost: '1', type: 'Novelty' }] })
    expect((await bench.run())[1]).toBe(
      [
        '2026-09 failed: unknown line item type (1 row)',
        `  where: tiny, 2026-09, file ${dataFile({ period: '2026-09', id: 'd2' })}, row 1, column line_item_line_item_type, value "Novelty"`,
        '  hint: Nothing is guessed about money: report the type, or update focal if AWS has added it.',
      ].join('\n'),
    )
    expect(months(bench.lake)).toEqual(['focus/billing_period=2026-08', 'focus/billing_period=2026-10'])
    deliver(bench.bills, { period: '2026-09', id: 'd3', charges: [{ cost: '1' }] })
    expect(await bench.run()).toEqual([
      '2026-08 up to date: delivery d1, version 1',
      '2026-09 published: first delivery d3',
      '2026-10 up to date: delivery d1, version 1',
    ])
  })

  test('tells so as it happens, with its place', async () => {
    deliver(bench.bills, { period: '2026-09', id: 'd2', charges: [{ cost: 'x' }] })
    const events: RunEvent[] = []
    await bench.run({}, { report: (event) => events.push(event) })
    const failed = events.find(({ type }) => type === 'unit-failed')
    expect(failed).toMatchObject({
      source: 'tiny',
      period: '2026-09',
      error: { where: { source: 'tiny', value: 'x' } },
    })
  })
})

describe('a source that cannot be read', () => {
  test('does not stop the others', async () => {
    bench.configure({ more: ['  - { name: lost, connector: aws, location: ./nowhere }'] })
    const record = await bench.record()
    expect(record.outcome).toBe('some failed')
    expect(record.units.map(({ result }) => result)).toEqual(['published', 'published', 'published'])
    expect(record.failedSources).toEqual([
      {
        source: 'lost',
        detail: [
          'there is no folder ./nowhere',
          `  where: lost, file ${path.join(bench.folder, 'nowhere')}`,
          '  hint: Correct the location, or mount or create the folder; a relative one starts from the folder of the configuration.',
        ].join('\n'),
      },
    ])
    expect(leftovers(bench)).toEqual([])
  })

  test('fails the run when there is no other', async () => {
    rmSync(bench.bills, { recursive: true })
    expect((await bench.record()).outcome).toBe('failed')
  })

  test('of which no month could be published fails the run too', async () => {
    for (const period of ['2026-08', '2026-09', '2026-10']) {
      deliver(bench.bills, { period, id: 'd2', charges: [{ cost: 'x' }] })
    }
    expect((await bench.record()).outcome).toBe('failed')
    expect(published(bench.lake)).toEqual({})
    expect(leftovers(bench)).toEqual([])
  })

  test('over the network, since its server refuses', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(403, { 'content-type': 'application/xml' }).end('<Error><Code>AccessDenied</Code></Error>')
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    onTestFinished(() => void server.close())
    bench.configure({ more: ['  - { name: far, connector: aws, location: "s3://bills/cur" }'] })
    const world = {
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'eu-central-1',
    }
    const { outcome, failedSources, units } = await withEnvironment(world, () => bench.record())
    expect(outcome).toBe('some failed')
    expect(failedSources.map(({ source }) => source)).toEqual(['far'])
    expect(units.map(({ result }) => result)).toEqual(['published', 'published', 'published'])
  })
})

async function withEnvironment<T>(values: Record<string, string>, work: () => Promise<T>): Promise<T> {
  const before = { ...process.env }
  Object.assign(process.env, values)
  try {
    return await work()
  } finally {
    for (const name of Object.keys(values)) delete process.env[name]
    Object.assign(process.env, before)
  }
}

describe('an interrupted run that makes one month after the other', () => {
  const steps: readonly UnitStep[] = ['fetched', 'staged', 'written', 'checked']

  beforeEach(() => bench.configure({ threads: 1 }))

  test.each(steps)('at %s ends with the reason; the lake is clean and the next run goes on', async (step) => {
    const abort = new AbortController()
    const report = (event: RunEvent) => {
      if (event.type === 'unit-step' && event.period === '2026-09' && event.step === step)
        abort.abort(new Error('stop'))
    }
    await expect(bench.run({}, { signal: abort.signal, report })).rejects.toThrow('stop')
    expect(leftovers(bench)).toEqual([])
    expect(months(bench.lake)).toEqual(['focus/billing_period=2026-08'])
    expect(await bench.run()).toEqual([
      '2026-08 up to date: delivery d1, version 1',
      '2026-09 published: first delivery d1',
      '2026-10 published: first delivery d1',
    ])
  })

  test.each(['kept', 'put in place', 'recorded'] as const)(
    'at %s still puts the month in place and records it',
    async (step) => {
      await bench.run()
      deliver(bench.bills, { period: '2026-09', id: 'd2', charges: [{ cost: '5' }] })
      deliver(bench.bills, { period: '2026-10', id: 'd2', charges: [{ cost: '5' }] })
      const abort = new AbortController()
      const report = (event: RunEvent) => {
        if (event.type === 'unit-step' && event.period === '2026-09' && event.step === step)
          abort.abort(new Error('stop'))
      }
      await expect(bench.run({}, { signal: abort.signal, report })).rejects.toThrow('stop')
      expect((await bench.unit('2026-09'))?.version).toBe(2)
      expect(await bench.unit('2026-09')).not.toHaveProperty('publishing')
      expect((await bench.unit('2026-10'))?.version).toBe(1)
      expect(leftovers(bench)).toEqual([])
    },
  )

  test('while the version before is kept still puts the month in place and records it', async () => {
    await bench.run()
    deliver(bench.bills, { period: '2026-09', id: 'd2', charges: [{ cost: '5' }] })
    const abort = new AbortController()
    const lakeOf = (own: Sink): Sink => ({
      ...own,
      async keepVersion(partition, version) {
        await own.keepVersion(partition, version)
        abort.abort(new Error('stop'))
      },
    })
    await expect(bench.run({}, { signal: abort.signal, lakeOf })).rejects.toThrow('stop')
    expect((await bench.unit('2026-09'))?.version).toBe(2)
    expect(await bench.unit('2026-09')).not.toHaveProperty('publishing')
    expect(leftovers(bench)).toEqual([])
  })

  test('while the engine is at work', async () => {
    const abort = new AbortController()
    const report = (event: RunEvent) => {
      if (event.type === 'unit-step' && event.step === 'staged') setImmediate(() => abort.abort(new Error('stop')))
    }
    await expect(bench.run({}, { signal: abort.signal, report })).rejects.toThrow('stop')
    expect(leftovers(bench)).toEqual([])
    expect(published(bench.lake)).toEqual({})
  })
})

describe('an interrupted run that makes two months at a time', () => {
  test.each(['fetched', 'staged', 'written', 'checked', 'kept', 'put in place', 'recorded'] as const)(
    'when one is %s leaves each as it was or as it is to be, and the next run goes on',
    async (step) => {
      await bench.run()
      const charges = [{ cost: '5' }]
      for (const period of ['2026-09', '2026-10']) deliver(bench.bills, { period, id: 'd2', charges })
      const abort = new AbortController()
      const report = (event: RunEvent) => {
        if (event.type === 'unit-step' && event.period === '2026-10' && event.step === step)
          abort.abort(new Error('stop'))
      }
      await expect(bench.run({}, { signal: abort.signal, report })).rejects.toThrow('stop')
      expect(leftovers(bench)).toEqual([])
      const interrupted = await Promise.all(['2026-09', '2026-10'].map((period) => bench.unit(period)))
      for (const unit of interrupted) {
        expect(unit).not.toHaveProperty('publishing')
        expect(unit?.totals[0]?.billedCost).toBe(unit?.version === 2 ? '5.000000000000000000' : '1.000000000000000000')
      }
      const october = interrupted[1]?.version
      expect(october).toBe(['kept', 'put in place', 'recorded'].includes(step) ? 2 : 1)
      expect((await bench.run())[2]).toBe(
        october === 2 ? '2026-10 up to date: delivery d2, version 2' : '2026-10 published: new delivery d2 replaces d1',
      )
      expect((await bench.unit('2026-09'))?.version).toBe(2)
    },
  )
})

describe('two configurations in one folder', () => {
  test('with lakes of their own do not clear each other’s scratch files', async () => {
    const other = path.join(bench.folder, 'other.yaml')
    writeFileSync(other, `lake: ./other-lake\nsources: [{ name: tiny, connector: aws, location: ${bench.bills} }]\n`)
    const { loadConfig } = await import('../../src/config/config.ts')
    const { run } = await import('../../src/pipeline/run.ts')
    const config = await loadConfig(other, {})
    let second: Promise<unknown> | undefined
    const start = (event: RunEvent) => {
      if (event.type !== 'unit-step' || event.step !== 'staged') return
      second ??= run(
        { config, lake: localSink(config.lake), runId: 'other', now: () => new Date(), report: () => undefined },
        {},
      )
    }
    const lines = await bench.run({}, { report: start })
    expect(lines).toEqual(['2026-08', '2026-09', '2026-10'].map((period) => `${period} published: first delivery d1`))
    expect(await second).toMatchObject({ outcome: 'done' })
    expect(leftovers(bench)).toEqual([])
  })
})

test('what a run that died left behind is cleared by the next one', async () => {
  for (const folder of ['_focal/tmp/dead', 'focus']) mkdirSync(path.join(bench.lake, folder), { recursive: true })
  writeFileSync(path.join(bench.lake, '_focal/tmp/dead/focus-tiny-2026-08.parquet'), 'half')
  await bench.run()
  expect(existsSync(path.join(bench.lake, '_focal/tmp'))).toBe(false)
  expect(readdirSync(path.join(bench.folder, '.focal')).toSorted()).toEqual(['cache', 'scratch'])
})
