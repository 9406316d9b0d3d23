import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { focal } from '../cli/focal.ts'
import type { LakePlace, LakeServer } from '../sinks/lake-server.ts'
import { realBlobLakes, realGcsLakes, realS3Lakes } from '../sinks/real-lakes.ts'
import { findAzurite } from '../stores/azurite.ts'
import { findGcsServer } from '../stores/gcs-server.ts'
import { findVersitygw } from '../stores/versitygw.ts'
import { deliver, type Charge } from './tiny-bill.ts'
import { published, records, sha256, timeless, workbench } from './workbench.ts'

/** A lake in a bucket of a real server is the same lake, byte for byte, whatever happens to the runs that write it. */

const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'focal-buckets-')))
const bills = path.join(folder, 'bills')
const restated = path.join(folder, 'bills-restated')

/** Each month has its own power of ten, so that a sum tells which versions it was made of. */
const first = { '2026-09': charges(10, 20), '2026-10': charges(100, 200) }
const second = { '2026-09': charges(10, 20, 40), '2026-10': charges(100, 200, 400) }
const legal = ['330 in 4 rows', '370 in 5 rows', '730 in 5 rows', '770 in 6 rows']

/** What a local lake holds before and after the restatement. */
const local = { before: {} as Content, after: {} as Content }

interface Content {
  readonly published: Record<string, string>
  readonly records: unknown
}

beforeAll(async () => {
  for (const [period, list] of Object.entries(first)) deliver(bills, { period, id: 'd1', charges: list })
  cpSync(bills, restated, { recursive: true })
  for (const [period, list] of Object.entries(second)) deliver(restated, { period, id: 'd2', charges: list })
  const before = workbench(path.join(folder, 'local'), bills)
  await before.run()
  local.before = { published: published(before.lake), records: records(before.lake) }
  const after = workbench(before.folder, restated)
  await after.run()
  local.after = { published: published(after.lake), records: records(after.lake) }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function charges(...costs: number[]): Charge[] {
  return costs.map((cost) => ({ cost: String(cost) }))
}

interface Kill {
  readonly at: object
  readonly afterMs?: number
}

const step = (period: string, name: string) => ({ type: 'unit-step', period, step: name })

inBucketsOf('S3 (versitygw)', findVersitygw(), realS3Lakes, [
  { at: step('2026-09', 'kept'), afterMs: 10 },
  { at: step('2026-09', 'put in place') },
  { at: step('2026-10', 'kept') },
])
inBucketsOf('Blob Storage (Azurite)', findAzurite(), realBlobLakes, [{ at: step('2026-09', 'put in place') }])
inBucketsOf('Cloud Storage (fake-gcs-server)', findGcsServer(), realGcsLakes, [
  { at: step('2026-10', 'kept'), afterMs: 10 },
])

function inBucketsOf(
  name: string,
  binary: string | undefined,
  start: (binary: string) => Promise<LakeServer>,
  kills: readonly Kill[],
): void {
  if (binary === undefined) {
    test.skipIf(process.env['CI'] !== 'true')(`${name} is at hand (tools/test-servers.sh installs it)`, () => {
      expect.fail(`CI requires a server of ${name}: run tools/test-servers.sh first`)
    })
    return
  }
  describe(`a lake on ${name}`, () => {
    let server: LakeServer
    let lake: BucketLake
    beforeAll(async () => {
      server = await start(binary)
      lake = bucketLake(await server.create(), server.env)
    })
    afterAll(async () => server.close())

    test('has the bytes of a local one', async () => {
      lake.read(bills)
      const { code, err } = await lake.focal('run')
      const line = (month: string, total: number) =>
        `tiny ${month}  published version 1: 2 rows, ${total}.00 USD billed`
      expect({ code, err }).toEqual({
        code: 0,
        err: `${[line('2026-09', 30), line('2026-10', 300)].join('\n')}\n`,
      })
      expect(await lake.published()).toEqual(local.before.published)
      expect(await lake.records()).toEqual(local.before.records)
    })

    test('shows a reader whole months alone, while runs restate it and are killed, and ends as if nothing had happened', async () => {
      lake.read(restated)
      const reader = await startReader(lake)
      for (const kill of kills) expect(await killedRun(lake, kill)).toBe('SIGKILL')
      const { code } = await lake.focal('run')
      const seen = await reader.stop()
      expect(code).toBe(0)
      expect(seen.filter((answer) => !legal.includes(answer))).toEqual([])
      expect([seen[0], seen.at(-1)]).toEqual([legal[0], legal.at(-1)])
      expect(await lake.published()).toEqual(local.after.published)
      expect(await lake.records()).toEqual(local.after.records)
      expect(
        (await lake.place.paths()).filter((file) => !/^(focus|history|metadata|_focal\/(units|runs))\//.test(file)),
      ).toEqual([])
    })
  })
}

/** A configuration of which only the address of the lake tells that it is in a bucket. */
interface BucketLake {
  readonly place: LakePlace
  readonly configFile: string
  readonly env: Readonly<Record<string, string>>
  /** Lets the one source read these bills. */
  read(bills: string): void
  focal(...args: string[]): ReturnType<typeof focal>
  published(): Promise<Record<string, string>>
  records(): Promise<unknown>
}

function bucketLake(place: LakePlace, env: Readonly<Record<string, string>>): BucketLake {
  const own = mkdtempSync(path.join(folder, 'bucket-'))
  const configFile = path.join(own, 'focal.yaml')
  const read = async (names: readonly string[]) =>
    Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, (await place.get(name)) ?? Buffer.of()] as const)),
    )
  return {
    place,
    configFile,
    env,
    // On one thread, so that October follows September.
    read: (location) =>
      writeFileSync(
        configFile,
        `lake: ${place.address}\nengine: { memoryLimit: 1GB, threads: 1 }\nsources:\n  - name: tiny\n    connector: aws\n    location: ${location}\n`,
      ),
    focal: (...args) => focal(own, args, { env: { ...env } }),
    async published() {
      const files = await read((await place.paths()).filter((file) => /^(focus|history)\//.test(file)))
      return Object.fromEntries(Object.entries(files).map(([file, bytes]) => [file, sha256(bytes)]))
    },
    async records() {
      const units = '_focal/units/'
      const files = await read((await place.paths()).filter((file) => file.startsWith(units)))
      const parsed = Object.entries(files).map(([file, bytes]) => [
        file.slice(units.length),
        JSON.parse(bytes.toString('utf8'), timeless) as unknown,
      ])
      return Object.fromEntries(parsed) as unknown
    },
  }
}

const script = (name: string) => new URL(name, import.meta.url).pathname

async function killedRun({ configFile, env }: BucketLake, { at, afterMs = 0 }: Kill): Promise<string> {
  const run = spawn(process.execPath, [script('interrupted-run.ts'), configFile, JSON.stringify(at), String(afterMs)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code, signal] = (await once(run, 'exit')) as [number | null, NodeJS.Signals | null]
  return signal ?? `exit code ${code}`
}

async function startReader({ configFile, env }: BucketLake): Promise<{ stop(): Promise<string[]> }> {
  const reader = spawn(process.execPath, [script('bucket-reader.ts'), configFile], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let told = ''
  reader.stdout.setEncoding('utf8')
  const [word] = (await once(reader.stdout, 'data')) as [string]
  expect(word).toBe('reading\n')
  reader.stdout.on('data', (text: string) => (told += text))
  return {
    async stop() {
      const closed = once(reader, 'close')
      reader.stdin.end()
      await closed
      return JSON.parse(told) as string[]
    },
  }
}
