import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { localSink } from '../../src/sinks/local.ts'
import { readUnit } from '../../src/pipeline/state.ts'
import { bin } from '../cli/focal.ts'
import { deliver } from '../pipeline/tiny-bill.ts'
import { leftovers, published, records } from '../pipeline/workbench.ts'
import { billKey, faultBench, period, restatedTotal, runIn, upload, writeBills, type FaultBench } from './bench.ts'
import { billStores, type BillStore } from './bill-store.ts'

/** What the machine does to a run: memory and disk that are full, and the end of the process. */

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'focal-machine-')))
const bills = path.join(folder, 'bills')
const [first, restated] = ['1', '2'].map((name) => path.join(bills, name)) as [string, string]
let store: BillStore

beforeAll(async () => {
  writeBills(bills)
  store = await billStores.S3()
  upload(store, restated)
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

const totalOf = async ({ lake }: FaultBench, source: string) =>
  (await readUnit(localSink(lake), source, period))?.totals.map(({ billedCost }) => billedCost)

test('DuckDB out of memory: nothing changes, and each source says so', async () => {
  const own = path.join(folder, 'memory')
  const bench = faultBench(own, { far: first, near: first })
  await runIn(bench, { env: {} })
  const before = published(bench.lake)
  // Of 20 MB not even the tables of reference can be made; 40 MB end while the bill is read.
  for (const memoryLimit of ['20MB', '40MB']) {
    faultBench(own, { far: restated, near: restated, engine: `{ memoryLimit: ${memoryLimit}, threads: 1 }` })
    const { outcome, units } = await runIn(bench, { env: {} })
    expect(outcome).toBe('failed')
    expect(units.map(({ detail }) => detail)).toEqual(
      ['far', 'near'].map(
        (source) =>
          `the engine ran out of memory\n  where: ${source}, ${period}, file ${billKey}\n` +
          '  hint: Raise engine.memoryLimit, or lower engine.threads.',
      ),
    )
    expect(published(bench.lake)).toEqual(before)
    expect(leftovers(bench)).toEqual([])
  }
  faultBench(own, { far: restated, near: restated })
  expect((await runIn(bench, { env: {} })).outcome).toBe('done')
  for (const source of ['far', 'near']) expect(await totalOf(bench, source)).toEqual([restatedTotal])
})

describe('SIGKILL of a run that reads from a bucket', () => {
  const undisturbed = path.join(folder, 'undisturbed')
  beforeAll(async () => {
    await runIn(faultBench(undisturbed, { far: store.location, near: restated }), store)
  })

  test.each([
    ['while a month is brought', { type: 'unit-bytes', source: 'far' }],
    ['between two sources', { type: 'unit-published' }],
  ])('%s', async (_when, at) => {
    const own = path.join(folder, 'killed')
    rmSync(own, { recursive: true, force: true })
    const bench = faultBench(own, { far: store.location, near: restated })
    expect(await killedRun(bench, at)).toBe('SIGKILL')
    expect((await runIn(bench, store)).outcome).toBe('done')
    const lake = path.join(undisturbed, 'lake')
    expect(published(bench.lake)).toEqual(published(lake))
    expect(records(bench.lake)).toEqual(records(lake))
    expect(leftovers(bench)).toEqual([])
  })
})

async function killedRun({ configFile }: FaultBench, at: object): Promise<string> {
  const script = new URL('../pipeline/interrupted-run.ts', import.meta.url).pathname
  const env = { ...process.env, ...store.env }
  const run = spawn(process.execPath, [script, configFile, JSON.stringify(at)], { env, stdio: 'ignore' })
  const [code, signal] = (await once(run, 'exit')) as [number | null, NodeJS.Signals | null]
  return signal ?? `exit code ${code}`
}

test('the half of a record that a killed run left is cleared by the next', async () => {
  const bench = faultBench(path.join(folder, 'half-record'), { far: first, near: first })
  const runs = path.join(bench.lake, '_focal/runs')
  mkdirSync(runs, { recursive: true })
  writeFileSync(path.join(runs, 'killed.json.tmp'), '{"runId":')
  expect((await runIn(bench, { env: {} })).outcome).toBe('done')
  expect(leftovers(bench)).toEqual([])
})

function canMount(): boolean {
  try {
    execFileSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs -o size=64k tmpfs /mnt'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** That of the lake and of the staging are in test/transforms/aws/full-disk.test.ts. */
describe.skipIf(!canMount())('a disk that is full (skipped where file systems cannot be mounted)', () => {
  test('with what a bucket holds', async () => {
    const large = path.join(folder, 'large')
    const charges = Array.from({ length: 8000 }, () => ({ cost: '0.000001' }))
    deliver(large, { period, id: 'd3', charges })
    const bucket = await billStores.S3()
    upload(bucket, large)
    const bench = faultBench(path.join(folder, 'full'), { far: bucket.location, near: restated })
    const { code, messages } = await runOnSmallDisk(bench, bucket)
    expect(messages.replace(/file \S+/, 'file <cache>')).toBe(
      `far ${period}  failed: no space left for downloads (ENOSPC)\n` +
        `    where: far, ${period}, file <cache>\n` +
        '    hint: Make room there, or move the cache to a larger disk.\n' +
        `near ${period}  published version 1: 3 rows, 7.123 USD billed\n`,
    )
    expect(code).toBe(3)
    expect(Object.keys(published(bench.lake))).toEqual([`focus/billing_period=${period}/source=near/focus.parquet`])
    expect((await runIn(bench, bucket)).outcome).toBe('done')
    expect(await totalOf(bench, 'far')).toEqual(['0.008000000000000000'])
    await bucket.close()
  })
})

/** By the real command, for its exit code, with a working folder of 1 MB. */
async function runOnSmallDisk({ folder: own }: FaultBench, { env }: BillStore) {
  mkdirSync(path.join(own, '.focal'))
  const script = [
    'mount -t tmpfs -o size=1m tmpfs .focal',
    '"$NODE" "$FOCAL" run > output 2> messages && echo 0 > code || echo $? > code',
  ]
  const world = { ...process.env, ...env, NODE: process.execPath, FOCAL: bin }
  await new Promise<void>((resolve, reject) => {
    execFile('unshare', ['-rm', 'sh', '-ec', script.join('\n')], { cwd: own, env: world }, (error) =>
      error ? reject(error) : resolve(),
    )
  })
  const read = (name: string) => readFileSync(path.join(own, name), 'utf8')
  return { code: Number(read('code')), messages: read('messages') }
}
