import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dataFile, deliver, name } from './tiny-bill.ts'
import { hashes, leftovers, workbench, type Workbench } from './workbench.ts'

/**
 * Whatever happens to an export and to the runs on it, in whatever order: after a run that ends well, the lake is
 * what a first run over the newest complete deliveries would make of them.
 */

const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'focal-model-')))
const months = ['2026-09', '2026-10'] as const

/** Each delivery says something else, in a partition as long as the others of its month. */
const bills: readonly (readonly string[])[] = [
  ['10', '20'],
  ['10', '30'],
  ['10', '70'],
]
type Month = (typeof months)[number]

/** Bytes of the partition that a first run makes of a bill: `2026-09 0` and so on. */
const fresh = new Map<string, string>()

beforeAll(async () => {
  const sizes: number[] = []
  for (const index of bills.keys()) {
    const bench = workbench(path.join(root, `fresh-${index}`))
    for (const month of months) deliverBill(bench, month, index)
    await bench.run()
    const made = hashes(path.join(bench.lake, 'focus'))
    for (const month of months) sizes.push(statSync(path.join(bench.lake, 'focus', partition(month))).size)
    for (const month of months) fresh.set(`${month} ${index}`, made[partition(month)] ?? '')
  }
  expect(new Set(fresh.values()).size).toBe(months.length * bills.length)
  expect(new Set(sizes).size).toBe(months.length)
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

function partition(month: Month): string {
  return `billing_period=${month}/source=tiny/focus.parquet`
}

function deliverBill({ bills: folder }: Workbench, period: Month, index: number): void {
  const charges = (bills[index] ?? []).map((cost) => ({ cost }))
  deliver(folder, { period, id: `bill-${index}`, charges })
}

interface MonthState {
  /** The bill that the manifest names. */
  delivered: number
  /** Whether its file is there. */
  complete: boolean
  /** The bill that a run has published. */
  published: number | undefined
}

interface Model {
  readonly month: Record<Month, MonthState>
  /** Bills that were delivered once: their files are there to go back to. */
  readonly known: Set<string>
}

type Step = fc.AsyncCommand<Model, Workbench>

/** A new delivery, or one that was there before. */
class Deliver implements Step {
  readonly month: Month
  readonly bill: number
  constructor(month: Month, bill: number) {
    this.month = month
    this.bill = bill
  }
  check = (model: Readonly<Model>) => model.month[this.month].complete
  async run(model: Model, bench: Workbench) {
    const key = `${this.month} ${this.bill}`
    if (model.known.has(key)) name(bench.bills, { period: this.month, id: `bill-${this.bill}` })
    else deliverBill(bench, this.month, this.bill)
    model.known.add(key)
    model.month[this.month].delivered = this.bill
  }
  toString = () => `deliver ${this.month} bill ${this.bill}`
}

/** The file of the delivery goes missing, or is back. */
class Toggle implements Step {
  readonly month: Month
  constructor(month: Month) {
    this.month = month
  }
  check = () => true
  async run(model: Model, bench: Workbench) {
    const state = model.month[this.month]
    const file = path.join(bench.bills, dataFile({ period: this.month, id: `bill-${state.delivered}` }))
    if (state.complete) renameSync(file, `${file}.lost`)
    else renameSync(`${file}.lost`, file)
    state.complete = !state.complete
  }
  toString = () => `lose or restore the file of ${this.month}`
}

/** Somebody deletes a partition. */
class DeletePartition implements Step {
  readonly month: Month
  constructor(month: Month) {
    this.month = month
  }
  check = (model: Readonly<Model>) =>
    model.month[this.month].published !== undefined && model.month[this.month].complete
  async run(_model: Model, bench: Workbench) {
    rmSync(path.join(bench.lake, 'focus', partition(this.month)), { force: true })
  }
  toString = () => `delete the partition of ${this.month}`
}

/** A month is delivered, and the run that would publish it is killed at a step. */
class DieAt implements Step {
  readonly delivery: Deliver
  readonly step: string
  constructor(delivery: Deliver, step: string) {
    this.delivery = delivery
    this.step = step
  }
  check = (model: Readonly<Model>) => this.delivery.check(model)
  async run(model: Model, bench: Workbench) {
    await this.delivery.run(model, bench)
    const script = new URL('interrupted-run.ts', import.meta.url).pathname
    const at = JSON.stringify({ type: 'unit-step', period: this.delivery.month, step: this.step })
    const child = spawn(process.execPath, [script, bench.configFile, at], { stdio: 'ignore' })
    await once(child, 'exit')
  }
  toString = () => `${this.delivery.toString()}, run killed at ${this.step}`
}

/** The provider goes back to what the last whole run has published. */
class Withdraw implements Step {
  readonly month: Month
  constructor(month: Month) {
    this.month = month
  }
  check = (model: Readonly<Model>) =>
    model.month[this.month].complete && model.month[this.month].published !== undefined
  async run(model: Model, bench: Workbench) {
    await new Deliver(this.month, model.month[this.month].published ?? 0).run(model, bench)
  }
  toString = () => `withdraw the delivery of ${this.month}`
}

class Run implements Step {
  readonly full: boolean
  constructor(full: boolean) {
    this.full = full
  }
  check = () => true
  async run(model: Model, bench: Workbench) {
    const { outcome, units } = await bench.record({ full: this.full })
    expect(outcome).toBe('done')
    for (const month of months) {
      const state = model.month[month]
      const result = units.find(({ period }) => period === month)?.result
      if (state.complete) state.published = state.delivered
      else expect(result).toBe('waiting')
    }
    expectFresh(model, bench)
    expect(leftovers(bench)).toEqual([])
  }
  toString = () => (this.full ? 'run --full' : 'run')
}

/** Of a month whose delivery is incomplete, a run that was killed may have published more than the model knows. */
function expectFresh(model: Model, bench: Workbench): void {
  const made = hashes(path.join(bench.lake, 'focus'))
  for (const month of months) {
    const { complete, published } = model.month[month]
    const bytes = made[partition(month)]
    if (complete) expect(bytes).toBe(fresh.get(`${month} ${published}`))
    else if (bytes !== undefined) expect([...fresh.values()]).toContain(bytes)
  }
}

const month = fc.constantFrom(...months)
const delivery = fc.tuple(month, fc.nat(bills.length - 1)).map(([at, bill]) => new Deliver(at, bill))
const step = fc.constantFrom('fetched', 'written', 'kept', 'put in place', 'put in place', 'recorded')
const dieAt = fc.tuple(delivery, step).map(([made, at]) => new DieAt(made, at))
const withdraw = month.map((at) => new Withdraw(at))
const commands = [
  delivery,
  dieAt,
  dieAt,
  withdraw,
  withdraw,
  month.map((at) => new Toggle(at)),
  month.map((at) => new DeletePartition(at)),
  fc.boolean().map((full) => new Run(full)),
]

let histories = 0
const atFirst = (): MonthState => ({ delivered: 0, complete: true, published: undefined })

/** Begins and ends with a whole run. */
async function live(history: Iterable<Step>): Promise<void> {
  histories += 1
  const bench = workbench(path.join(root, `history-${histories}`))
  for (const at of months) deliverBill(bench, at, 0)
  const model = { month: { '2026-09': atFirst(), '2026-10': atFirst() }, known: new Set(months.map((at) => `${at} 0`)) }
  await fc.asyncModelRun(() => ({ model, real: bench }), [new Run(false), ...history, new Run(false)])
}

/** Chance would seldom come to these. */
test.each<[string, Step[]]>([
  [
    'withdrawn after it was put in place',
    [new DieAt(new Deliver('2026-09', 1), 'put in place'), new Withdraw('2026-09')],
  ],
  [
    'put in place twice, never recorded',
    [new DieAt(new Deliver('2026-10', 1), 'put in place'), new DieAt(new Deliver('2026-10', 2), 'put in place')],
  ],
  [
    'put in place, then deleted, then withdrawn',
    [new DieAt(new Deliver('2026-09', 1), 'put in place'), new DeletePartition('2026-09'), new Withdraw('2026-09')],
  ],
])('a delivery that was %s', async (_name, history) => live(history))

test('after any history, the lake is what a first run would make', { timeout: 600_000 }, async () => {
  const history = fc.commands(commands, { maxCommands: 10, size: 'max' })
  await fc.assert(fc.asyncProperty(history, live), { numRuns: 6 })
})
