import { spawn, type ChildProcess } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deliver, name, type Charge } from './tiny-bill.ts'
import { leftovers, published, records, workbench, type Workbench } from './workbench.ts'

/**
 * Runs that are killed at every point worth naming, while somebody reads the lake the whole time. Two months are made at
 * a time, so that either may be the first.
 */

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'focal-crash-')))
/** By the delivery that they hold the most of. */
const bills = { 1: path.join(folder, 'bills-1'), 2: path.join(folder, 'bills-2') }
const child = (script: string) => new URL(script, import.meta.url).pathname
let reader: Reader

/** Each month has its own power of ten, so that a sum tells which versions it was made of. */
const charges = (...costs: number[]): Charge[] => costs.map((cost) => ({ cost: String(cost) }))
const first = { '2026-08': charges(1, 2), '2026-09': charges(10, 20), '2026-10': charges(100, 200) }
const second = { '2026-09': charges(10, 20, 40), '2026-10': charges(100, 200, 400) }

const october = 'focus/billing_period=2026-10/source=tiny/focus.parquet'
const steps = ['fetched', 'staged', 'written', 'checked', 'kept', 'put in place', 'recorded'] as const
const units = ['2026-09', '2026-10'] as const
const points = [
  { at: { type: 'run-started' } },
  ...units.flatMap((period) => [
    { at: { type: 'unit-planned', period } },
    { at: { type: 'unit-bytes', period } },
    { at: { type: 'unit-begun', period } },
    ...steps.map((step) => ({ at: { type: 'unit-step', period, step } })),
  ]),
  // In the middle of reading, writing and checking, wherever it is by then.
  { at: { type: 'unit-step', period: '2026-09', step: 'fetched' }, afterMs: 40 },
  { at: { type: 'unit-step', period: '2026-09', step: 'staged' }, afterMs: 3 },
  { at: { type: 'unit-step', period: '2026-10', step: 'staged' }, afterMs: 8 },
  { at: { type: 'unit-step', period: '2026-10', step: 'written' }, afterMs: 30 },
  { at: { type: 'run-recorded' } },
].map(({ at, ...rest }) => ({ name: Object.values(at).join(' '), at, afterMs: 0, ...rest }))

beforeAll(async () => {
  const started = path.join(folder, 'bills-0')
  deliver(started, { period: '2026-08', id: 'd1', charges: first['2026-08'] })
  await workbench(path.join(folder, 'lake-0'), started).run()
  cpSync(started, bills[1], { recursive: true })
  for (const period of units) deliver(bills[1], { period, id: 'd1', charges: first[period] })
  await startFrom('lake-0', 'lake-1', bills[1]).run()
  cpSync(bills[1], bills[2], { recursive: true })
  for (const period of units) deliver(bills[2], { period, id: 'd2', charges: second[period] })
  await startFrom('lake-1', 'lake-2', bills[2]).run()
  reader = startReader()
})
afterAll(async () => {
  await reader.stop()
  rmSync(folder, { recursive: true, force: true })
})

// One month's steps are enough here: both months' are in the restatement.
const firstPoints = points.filter((point) => point.afterMs === 0 && !point.name.includes('2026-10'))
test.each(firstPoints)('a first publication, killed at $name, $afterMs ms later', async ({ at, afterMs }) => {
  const bench = startFrom('lake-0', 'killed', bills[1])
  const answers = await whileReading(bench, async () => {
    expect(await killedRun(bench, at, afterMs)).toBe('SIGKILL')
    await bench.run()
  })
  expectSame(bench, 'lake-1')
  expectLegal(answers, ['3 in 2 rows', '33 in 4 rows', '303 in 4 rows', '333 in 6 rows'])
})

test.each(points)('a restatement, killed at $name, $afterMs ms later', async ({ at, afterMs }) => {
  const bench = startFrom('lake-1', 'killed', bills[2])
  const answers = await whileReading(bench, async () => {
    expect(await killedRun(bench, at, afterMs)).toBe('SIGKILL')
    await bench.run()
  })
  expectSame(bench, 'lake-2')
  expectLegal(answers, ['333 in 6 rows', '373 in 7 rows', '733 in 7 rows', '773 in 8 rows'])
})

test('a restatement whose file is as long as the old one, killed again and again', async () => {
  const own = path.join(folder, 'bills-same-length')
  cpSync(bills[1], own, { recursive: true })
  deliver(own, { period: '2026-10', id: 'd2', charges: charges(100, 700) })
  await startFrom('lake-1', 'lake-same-length', own).run()
  const [old, made] = ['lake-1', 'lake-same-length'].map(
    (lake) => statSync(path.join(folder, lake, 'lake', october)).size,
  )
  expect(made).toBe(old)
  const bench = startFrom('lake-1', 'killed', own)
  const answers = await whileReading(bench, async () => {
    for (const step of ['put in place', 'kept', 'put in place']) {
      await killedRun(bench, { type: 'unit-step', period: '2026-10', step }, 0)
    }
    await bench.run()
  })
  expectSame(bench, 'lake-same-length')
  expectLegal(answers, ['333 in 6 rows', '833 in 6 rows'])
})

test('a restatement, killed when it was in place but not recorded, and withdrawn since', async () => {
  const own = path.join(folder, 'bills-withdrawn')
  cpSync(bills[2], own, { recursive: true })
  const bench = startFrom('lake-1', 'killed', own)
  bench.configure({ threads: 1 })
  const before = published(bench.lake)
  const answers = await whileReading(bench, async () => {
    await killedRun(bench, { type: 'unit-step', period: '2026-09', step: 'put in place' }, 0)
    for (const period of units) name(own, { period, id: 'd1' })
    expect(await bench.run()).toEqual([
      '2026-08 up to date: delivery d1, version 1',
      '2026-09 published: a run died while it put version 2 in place',
      '2026-10 up to date: delivery d1, version 1',
    ])
  })
  const partition = 'billing_period=2026-09/source=tiny'
  expect(published(bench.lake)).toEqual({
    ...before,
    [`history/focus/${partition}/1.parquet`]: before[`focus/${partition}/focus.parquet`],
  })
  expectLegal(answers, ['333 in 6 rows', '373 in 7 rows'], '333 in 6 rows')
})

/** A workbench whose lake is a copy of another's. */
function startFrom(model: string, copy: string, source: string): Workbench {
  const target = path.join(folder, copy)
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target)
  cpSync(path.join(folder, model, 'lake'), path.join(target, 'lake'), { recursive: true })
  return workbench(target, source)
}

async function killedRun({ configFile }: Workbench, at: object, afterMs: number): Promise<string> {
  const process = spawn(
    globalThis.process.execPath,
    [child('interrupted-run.ts'), configFile, JSON.stringify(at), String(afterMs)],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  const [code, signal] = (await once(process, 'exit')) as [number | null, NodeJS.Signals | null]
  return signal ?? `exit code ${code}`
}

/** As if nothing had happened, but for times and run ids. */
function expectSame(bench: Workbench, undisturbed: string): void {
  const lake = path.join(folder, undisturbed, 'lake')
  expect(published(bench.lake)).toEqual(published(lake))
  expect(records(bench.lake)).toEqual(records(lake))
  expect(leftovers(bench)).toEqual([])
}

interface Answers {
  readonly seen: readonly string[]
  readonly errors: readonly string[]
}

/**
 * Every answer is what the lake held before or after a month was put in place; the reader has seen it as it
 * was at first, `legal[0]`, and as it was at last.
 */
function expectLegal({ seen, errors }: Answers, legal: readonly string[], atLast = legal.at(-1)): void {
  expect(errors).toEqual([])
  expect(seen.filter((answer) => !legal.includes(answer))).toEqual([])
  expect(seen[0]).toBe(legal[0])
  expect(seen).toContain(atLast)
}

interface Reader {
  /** Starts over on another lake; gives the answers that the last one gave. '' rests. */
  turnTo(lake: string): Promise<Answers | undefined>
  stop(): Promise<void>
}

async function whileReading({ lake }: Workbench, work: () => Promise<void>): Promise<Answers> {
  await reader.turnTo(lake)
  await work()
  const answers = await reader.turnTo('')
  if (answers === undefined) throw new Error('the reader gave no answer')
  return answers
}

function startReader(): Reader {
  const process: ChildProcess = spawn(globalThis.process.execPath, [child('lake-reader.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  if (process.stdout === null) throw new Error('the reader has no output')
  const lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]()
  const nextLine = async () => JSON.parse((await lines.next()).value as string) as unknown
  return {
    async turnTo(lake) {
      process.stdin?.write(`${lake}\n`)
      const line = await nextLine()
      return line === 'reading' ? undefined : (line as Answers)
    },
    async stop() {
      const exit = once(process, 'exit')
      process.stdin?.end()
      await exit
    },
  }
}
