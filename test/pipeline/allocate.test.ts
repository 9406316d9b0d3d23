import { cpSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readAllocation } from '../../src/pipeline/allocate-record.ts'
import { runAllocation, type AllocationRequest } from '../../src/pipeline/allocate.ts'
import type { RunEvent } from '../../src/pipeline/events.ts'
import type { RunRecord } from '../../src/pipeline/state.ts'
import { openSession } from '../../src/core/duckdb.ts'
import { localSink } from '../../src/sinks/local.ts'
import type { Sink } from '../../src/sinks/sink.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'
import { temporaryFolderOfFile } from '../transforms/aws/temporary-folder.ts'
import { writeRules } from './allocation-rules.ts'
import { deliver } from './tiny-bill.ts'
import { hashes, leftovers, workbench, type Workbench } from './workbench.ts'

const payments = '222233334444'
const search = '333344445555'
const nobody = '999988887777'

const partition = (period: string, dataset = 'allocated') =>
  `${dataset}/billing_period=${period}/source=tiny/${dataset}.parquet`

const templateFolder = temporaryFolderOfFile()
let template: Workbench
let bench: Workbench

/** Two months, published and allocated. Each test works on a copy. */
beforeAll(async () => {
  template = prepared(templateFolder())
  bench = template
  deliverMonth('2026-09', 'd1')
  deliverMonth('2026-10', 'd1')
  expect((await template.record()).outcome).toBe('done')
})

beforeEach(() => {
  bench = prepared(temporaryFolder())
  cpSync(template.bills, bench.bills, { recursive: true, preserveTimestamps: true })
  cpSync(template.lake, bench.lake, { recursive: true })
})

function prepared(folder: string): Workbench {
  const made = workbench(folder)
  made.configure({ top: ['allocation: ./allocation.yaml'] })
  writeRules(made.folder)
  return made
}

/** As if the configuration had named no rules so far. */
function forgetAllocation(): void {
  for (const made of ['allocated', '_focal/allocated']) rmSync(path.join(bench.lake, made), { recursive: true })
}

/** 2 USD of payments', 3 of search's, 5 of nobody's, and 10.01 of the shared service. */
function deliverMonth(period: string, id: string, shared = '10.01'): void {
  const charges = [
    { cost: '2', account: payments },
    { cost: '3', account: search },
    { cost: '5', account: nobody },
    { cost: shared, account: payments, service: 'AmazonEC2' },
  ]
  deliver(bench.bills, { period, id, charges })
}

let runs = 0

interface Surroundings {
  readonly report?: (event: RunEvent) => void
  readonly signal?: AbortSignal
  readonly lakeOf?: (lake: Sink) => Sink
}

/** `focal allocate`, as its commands run it. */
async function allocate(request: AllocationRequest = {}, around: Surroundings = {}): Promise<RunRecord> {
  const { report = () => undefined, signal, lakeOf = (lake) => lake } = around
  runs += 1
  const config = await bench.config()
  return runAllocation(
    {
      config,
      lake: lakeOf(localSink(config.lake)),
      runId: `allocate-${process.pid}-${runs}`,
      now: () => new Date('2026-11-20T07:00:00Z'),
      report,
      signal,
    },
    request,
  )
}

const told = ({ allocation }: RunRecord) =>
  allocation?.failed ?? allocation?.months.map(({ period, result, detail }) => `${period} ${result}: ${detail}`)

const runAll = async () => told(await bench.record())

async function record(period: string, dataset: 'allocated' | 'restated' = 'allocated') {
  return readAllocation(localSink(bench.lake), dataset, 'tiny', period)
}

/** What each target owes, by reason, read by an independent query. */
async function owed(period: string, dataset = 'allocated'): Promise<string[]> {
  const session = await openSession({
    memoryLimit: '500MB',
    threads: 1,
    tempDirectory: path.join(bench.folder, 'spill'),
  })
  try {
    const rows = await session.rows<{ line: string }>(`
      SELECT concat_ws(' ', x_Target, sum(EffectiveCost)::DECIMAL(18, 4), x_AllocationReason) AS line
      FROM read_parquet('${path.join(bench.lake, partition(period, dataset))}')
      GROUP BY x_Target, x_AllocationReason ORDER BY line`)
    return rows.map(({ line }) => line)
  } finally {
    session.close()
  }
}

const lakeFiles = (pattern: RegExp) =>
  Object.fromEntries(Object.entries(hashes(bench.lake)).filter(([file]) => pattern.test(file)))

describe('a run', () => {
  test('allocates what it has published, and records what was proven', async () => {
    forgetAllocation()
    expect(await runAll()).toEqual(['2026-09 allocated: first allocation', '2026-10 allocated: first allocation'])
    expect(await owed('2026-10')).toEqual(['payments 8.0060', 'platform 5.0000 untagged', 'search 7.0040'])
    const made = await record('2026-10')
    expect(made).toMatchObject({
      version: 1,
      focus: { version: 1, sha256: (await bench.unit('2026-10'))?.partition.sha256 },
      partition: { path: partition('2026-10'), sha256: hashes(bench.lake)[partition('2026-10')] },
      proof: {
        charges: 4,
        measures: ['BilledCost', 'EffectiveCost', 'ListCost', 'ContractedCost', 'ConsumedQuantity', 'PricingQuantity'],
      },
      resting: [{ currency: 'USD', reason: 'untagged', owner: 'platform', ownerName: 'platform', rows: 1 }],
      superseded: [],
    })
    expect(made?.totals.map(({ currency, rows, effectiveCost }) => [currency, rows, effectiveCost])).toEqual([
      ['USD', 5, '20.010000000000000000'],
    ])
  })

  test('that has nothing to do allocates nothing again and changes no byte of what is published', async () => {
    const before = lakeFiles(/^(focus|allocated|history|_focal\/(units|allocated))\//)
    const print = (await record('2026-10'))?.ruleSet.print.slice(0, 8)
    expect(await runAll()).toEqual([`2026-09 up to date: rules ${print}`, `2026-10 up to date: rules ${print}`])
    expect(lakeFiles(/^(focus|allocated|history|_focal\/(units|allocated))\//)).toEqual(before)
  })

  test('that restates a month allocates that month anew and keeps the version before', async () => {
    const before = hashes(bench.lake)
    deliverMonth('2026-10', 'd2', '20')
    expect((await runAll())?.slice(1)).toEqual(['2026-10 allocated: rows have changed'])
    const after = hashes(bench.lake)
    expect(after[partition('2026-09')]).toBe(before[partition('2026-09')])
    expect(after['history/allocated/billing_period=2026-10/source=tiny/1.parquet']).toBe(before[partition('2026-10')])
    expect(await owed('2026-10')).toEqual(['payments 14.0000', 'platform 5.0000 untagged', 'search 11.0000'])
    expect((await record('2026-10'))?.superseded.map(({ version }) => version)).toEqual([1])
  })

  test('publishes FOCUS rows although the rules are mistaken, and leaves what was allocated', async () => {
    const before = lakeFiles(/^allocated\//)
    writeRules(bench.folder, { payments: '70', search: '40' })
    deliverMonth('2026-10', 'd2', '20')
    const run = await bench.record()
    expect(run.outcome).toBe('some failed')
    expect(run.units.map(({ period, result }) => `${period} ${result}`)).toEqual([
      '2026-09 up to date',
      '2026-10 published',
    ])
    expect(told(run)).toBe(`the shares of the split shared-fixed are 70 + 40 = 110 %
  where: file ${bench.folder}/allocation.yaml, line 17
  hint: They may add up to 100 at most; what is left below that rests with the owner of the pool.`)
    expect(lakeFiles(/^allocated\//)).toEqual(before)
  })

  test('allocates a month anew when another source has rows of it', async () => {
    const other = path.join(bench.folder, 'other-bills')
    deliver(other, { period: '2026-10', id: 'd1', charges: [{ cost: '4', account: search }] })
    bench.configure({
      top: ['allocation: ./allocation.yaml'],
      more: ['  - { name: other, connector: aws, location: ./other-bills }'],
    })
    expect((await runAll())?.slice(1)).toEqual(['2026-10 allocated: a source is not allocated yet'])
    expect(await owed('2026-10')).toEqual(['payments 8.0060', 'platform 5.0000 untagged', 'search 7.0040'])
    expect((await runAll())?.[1]).toMatch(/^2026-10 up to date: /)
  })

  test('without rules allocates nothing', async () => {
    forgetAllocation()
    bench.configure({})
    expect((await bench.record()).allocation).toBeUndefined()
    expect(lakeFiles(/allocated/)).toEqual({})
  })
})

describe('allocating alone', () => {
  test('a rule change re-allocates without fetching or normalising', async () => {
    const focus = lakeFiles(/^(focus|_focal\/units)\//)
    rmSync(bench.bills, { recursive: true })
    writeRules(bench.folder, { payments: '50', search: '50' })
    const events: RunEvent[] = []
    const run = await allocate({}, { report: (event) => events.push(event) })
    expect(told(run)).toEqual([
      '2026-09 allocated: the rules, a driver or focal have changed',
      '2026-10 allocated: the rules, a driver or focal have changed',
    ])
    expect(run).toMatchObject({ outcome: 'done', units: [] })
    expect(events.map(({ type }) => type)).toEqual([
      'run-started',
      'allocation-month',
      'allocation-month',
      'run-recorded',
    ])
    expect(await owed('2026-10')).toEqual(['payments 7.0050', 'platform 5.0000 untagged', 'search 8.0050'])
    expect(lakeFiles(/^(focus|_focal\/units)\//)).toEqual(focus)
  })

  test('again gives the same bytes, and is no new version', async () => {
    const before = lakeFiles(/^(allocated|history)\//)
    expect(told(await allocate({ full: true, periods: { from: '2026-10', to: '2026-10' } }))).toEqual([
      '2026-10 allocated: asked for again (--full)',
    ])
    expect(lakeFiles(/^(allocated|history)\//)).toEqual(before)
    expect((await record('2026-10'))?.version).toBe(1)
  })

  test('looks at every month of the lake; a nightly run at the newest and at those whose rows are newer', async () => {
    bench.configure({ top: ['allocation: ./allocation.yaml', 'periods: 1'] })
    forgetAllocation()
    expect(await runAll()).toEqual(['2026-10 allocated: first allocation'])
    await bench.record({ periods: { from: '2026-09', to: '2026-09' } })
    writeRules(bench.folder, { payments: '50', search: '50' })
    expect(await runAll()).toEqual(['2026-10 allocated: the rules, a driver or focal have changed'])
    expect(told(await allocate())?.slice(0, 1)).toEqual([
      '2026-09 allocated: the rules, a driver or focal have changed',
    ])
  })

  test.each([
    ['was deleted', (file: string) => rmSync(file)],
    ['was cut short', (file: string) => truncateSync(file, 100)],
  ])('makes a partition again that %s', async (_what, spoil) => {
    const before = lakeFiles(/^(allocated|history)\//)
    spoil(path.join(bench.lake, partition('2026-10')))
    expect(told(await allocate())?.slice(1)).toEqual([
      '2026-10 allocated: a partition is not the file that was published',
    ])
    expect(lakeFiles(/^(allocated|history)\//)).toEqual(before)
  })

  test('completes what a run that died left: the version is not used twice', async () => {
    const file = path.join(bench.lake, '_focal/allocated/tiny/2026-10.json')
    const published = JSON.parse(readFileSync(file, 'utf8')) as object
    writeFileSync(file, JSON.stringify({ ...published, publishing: 2 }))
    expect(told(await allocate())?.slice(1)).toEqual([
      '2026-10 allocated: a run died while it put a partition in place',
    ])
    expect(await record('2026-10')).toMatchObject({ version: 2 })
    expect(await record('2026-10')).not.toHaveProperty('publishing')
  })

  test('fails the months whose FOCUS partition is gone, and allocates the others', async () => {
    rmSync(path.join(bench.lake, 'focus/billing_period=2026-09/source=tiny/focus.parquet'))
    writeRules(bench.folder, { payments: '50', search: '50' })
    const run = await allocate()
    expect(run.outcome).toBe('some failed')
    expect(told(run)).toEqual([
      `2026-09 failed: a partition is missing from the lake
  where: tiny, 2026-09, file focus/billing_period=2026-09/source=tiny/focus.parquet
  hint: Run \`focal run\` first: it makes the partition again.`,
      '2026-10 allocated: the rules, a driver or focal have changed',
    ])
  })
})

describe('two months at a time', () => {
  const full: AllocationRequest = { full: true }
  const rulesChanged = 'the rules, a driver or focal have changed'

  test('are both at work before either is done, and told in their order', async () => {
    const atWork = new Set<string>()
    const both = Promise.withResolvers<void>()
    const meeting = (lake: Sink): Sink => ({
      ...lake,
      async asidePath(runId, aside) {
        atWork.add(aside.period)
        if (atWork.size === 2) both.resolve()
        await both.promise
        return lake.asidePath(runId, aside)
      },
    })
    expect(told(await allocate(full, { lakeOf: meeting }))).toEqual([
      '2026-09 allocated: asked for again (--full)',
      '2026-10 allocated: asked for again (--full)',
    ])
  })

  test('give the bytes that one at a time gives', async () => {
    bench.configure({ threads: 1, top: ['allocation: ./allocation.yaml'] })
    const before = lakeFiles(/^(allocated|history)\//)
    forgetAllocation()
    await allocate()
    expect(lakeFiles(/^(allocated|history)\//)).toEqual(before)
  })

  test.each(['2026-09', '2026-10'])(
    'that are interrupted when %s is done are as they were or as they are to be, and the next run goes on',
    async (done) => {
      writeRules(bench.folder, { payments: '50', search: '50' })
      const abort = new AbortController()
      const report = (event: RunEvent) => {
        if (event.type === 'allocation-month' && event.period === done) abort.abort(new Error('stop'))
      }
      const other = done === '2026-09' ? '2026-10' : '2026-09'
      await expect(allocate({}, { report, signal: abort.signal })).rejects.toThrow('stop')
      const lines = { old: ['payments 8.0060', 'search 7.0040'], new: ['payments 7.0050', 'search 8.0050'] }
      const [payer, , finder] = await owed(other)
      expect([lines.old, lines.new]).toContainEqual([payer, finder])
      expect((await record(done))?.version).toBe(2)
      const isNew = payer === lines.new[0]
      expect((await record(other))?.version).toBe(isNew ? 2 : 1)
      expect(leftovers(bench).filter((name) => name !== 'allocated')).toEqual([])
      const expected = { [done]: 'up to date', [other]: isNew ? 'up to date' : 'allocated' }
      const { allocation } = await allocate()
      expect(Object.fromEntries(allocation?.months.map(({ period, result }) => [period, result]) ?? [])).toEqual(
        expected,
      )
      expect(await owed(other)).toEqual(['payments 7.0050', 'platform 5.0000 untagged', 'search 8.0050'])
    },
  )

  test('of which one fails allocate the other', async () => {
    rmSync(path.join(bench.lake, 'focus/billing_period=2026-10/source=tiny/focus.parquet'))
    writeRules(bench.folder, { payments: '50', search: '50' })
    const { outcome, allocation } = await allocate()
    expect(outcome).toBe('some failed')
    expect(allocation?.months.map(({ period, result }) => `${period} ${result}`)).toEqual([
      '2026-09 allocated',
      '2026-10 failed',
    ])
    expect(allocation?.months[0]?.detail).toBe(rulesChanged)
  })
})

/** As `focal close` does. */
function close(period: string): void {
  mkdirSync(path.join(bench.lake, '_focal/closed'), { recursive: true })
  writeFileSync(path.join(bench.lake, `_focal/closed/${period}.json`), '{}')
}

describe('a closed month', () => {
  test('keeps what it was booked with; what it would be today is restated beside it', async () => {
    close('2026-09')
    const booked = lakeFiles(/^(allocated|_focal\/allocated)\/.*2026-09/)
    const print = (await record('2026-09'))?.ruleSet.print.slice(0, 8)
    expect((await runAll())?.[0]).toBe(`2026-09 up to date: rules ${print}`)
    expect(lakeFiles(/restated/)).toEqual({})

    writeRules(bench.folder, { payments: '50', search: '50' })
    expect(await runAll()).toEqual([
      '2026-09 restated: the rules, a driver or focal have changed',
      '2026-10 allocated: the rules, a driver or focal have changed',
    ])
    expect(lakeFiles(/^(allocated|_focal\/allocated)\/.*2026-09/)).toEqual(booked)
    expect(await owed('2026-09')).toEqual(['payments 8.0060', 'platform 5.0000 untagged', 'search 7.0040'])
    expect(await owed('2026-09', 'restated')).toEqual(['payments 7.0050', 'platform 5.0000 untagged', 'search 8.0050'])
  })

  test('that is opened again is allocated by the rules of today', async () => {
    close('2026-09')
    writeRules(bench.folder, { payments: '50', search: '50' })
    await runAll()
    rmSync(path.join(bench.lake, '_focal/closed/2026-09.json'))
    expect((await runAll())?.[0]).toBe('2026-09 allocated: the rules, a driver or focal have changed')
    expect(await owed('2026-09')).toEqual(['payments 7.0050', 'platform 5.0000 untagged', 'search 8.0050'])
  })
})

const limits = (warn: string, fail: string) => ({ more: [`limits: { unallocated: { warn: ${warn}, fail: ${fail} } }`] })

describe('limits', () => {
  // 5 of 20.01 USD is 24.98 %.
  test.each([
    ['24', '25', [{ period: '2026-10', currency: 'USD', severity: 'warn', percent: '24.98', limit: '24' }]],
    ['10', '24.9', [{ period: '2026-10', currency: 'USD', severity: 'fail', percent: '24.98', limit: '24.9' }]],
    ['24.99', '30', []],
  ])('of %s to warn and %s to fail', async (warn, fail, breaches) => {
    writeRules(bench.folder, limits(warn, fail))
    const run = await bench.record({ periods: { from: '2026-10', to: '2026-10' } })
    expect(run.allocation?.breaches).toEqual(breaches)
    // As long as it lasts, not only in the night in which it came about.
    expect((await allocate({ periods: { from: '2026-10', to: '2026-10' } })).allocation?.breaches).toEqual(breaches)
  })
})
