import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeAwsBills } from '../../src/demo/aws/write-bills.ts'
import type { AwsLayout } from '../../src/demo/aws/layouts.ts'
import { demoClouds } from '../../src/demo/index.ts'
import { testLake } from '../cases/lake.ts'
import { focal } from '../cli/focal.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'
import { hashes, leftovers, published, sha256, workbench } from './workbench.ts'

/** Whole bills, of every kind of line item, in several files. */

const october = 'focus/billing_period=2026-10/source=tiny/focus.parquet'

async function bills(folder: string, layout: AwsLayout, delivery: 1 | 2 = 1, rowsPerFile = 400): Promise<string> {
  const written = await writeAwsBills({
    directory: folder,
    seed: 7,
    rows: 1_500,
    rowsPerFile,
    layouts: [layout],
    delivery,
  })
  return written[0]?.location ?? ''
}

describe('the same delivery gives the same bytes, three times over', () => {
  test.each(['cur-csv-gz', 'cur2-parquet', 'focus-1.2'] as const)(
    '%s, in several files, read by two threads',
    async (layout) => {
      const folder = temporaryFolder()
      const location = await bills(folder, layout)
      const dataFiles = Object.keys(hashes(location)).filter((file) =>
        /2026-?10.*-\d{5}\.|month=10.*-\d{5}\./.test(file),
      )
      expect(dataFiles.length).toBeGreaterThan(1)
      const results = new Set<string>()
      for (const round of [1, 2, 3]) {
        const bench = workbench(path.join(folder, String(round)), location)
        const [outcome] = await bench.run({ periods: { from: '2026-10', to: '2026-10' } })
        expect(outcome).toMatch(/^2026-10 published: first delivery /)
        results.add(sha256(readFileSync(path.join(bench.lake, october))))
      }
      expect(results.size).toBe(1)
    },
  )
})

test('so does a month of every cloud', async () => {
  const folder = temporaryFolder()
  const clouds = await Promise.all(demoClouds.map((load) => load()))
  for (const cloud of clouds) await cloud.write({ directory: folder, seed: 7, rows: 600, delivery: 2 })
  const sources = clouds
    .flatMap((cloud) => cloud.sources)
    .map(({ name, connector, location }) => ({
      name,
      connector,
      options: { location: path.join(folder, location) },
    }))
  const rounds = [1, 2, 3].map(async (round) => {
    const lake = testLake(path.join(folder, String(round)))
    const { troubles } = await lake.run(sources, { periods: { from: '2026-10', to: '2026-10' } })
    expect(troubles).toEqual([])
    return Object.fromEntries(lake.published())
  })
  const [first = {}, ...others] = await Promise.all(rounds)
  expect(Object.keys(first)).toHaveLength(sources.length)
  for (const other of others) expect(other).toEqual(first)
})

describe.each(['cur-csv-gz', 'cur2-parquet', 'cur2-parquet-create-new'] as const)('%s, restated', (layout) => {
  test('replaces the month as if it had been read once, keeps the old one, and says what has changed', async () => {
    const folder = temporaryFolder()
    const bench = workbench(folder, await bills(folder, layout))
    expect((await bench.record()).units.map(({ result }) => result)).toEqual(['published', 'published', 'published'])
    const before = published(bench.lake)
    const open = await bench.unit('2026-10')
    expect(open?.status).toBe('open')
    await bills(folder, layout, 2)
    const { units } = await bench.record()
    expect(units.map(({ result }) => result)).toEqual(['up to date', 'up to date', 'published'])
    const after = published(bench.lake)
    expect(after['history/focus/billing_period=2026-10/source=tiny/1.parquet']).toBe(before[october])
    for (const month of ['2026-08', '2026-09']) expect(after[partition(month)]).toBe(before[partition(month)])
    const closed = await bench.unit('2026-10')
    expect(closed?.status).toBe('closed')
    expect(closed?.superseded).toHaveLength(1)
    const { code, out } = await focal(folder, ['diff', '--source', 'tiny', '--period', '2026-10', '--json'])
    expect(code).toBe(0)
    expect(sumOfChanges(out)).toBe(billed(closed) - billed(open))
    const atOnce = workbench(path.join(folder, 'at-once'), bench.bills)
    await atOnce.run()
    expect(hashes(path.join(bench.lake, 'focus'))).toEqual(hashes(path.join(atOnce.lake, 'focus')))
    expect(leftovers(bench)).toEqual([])
  })
})

const partition = (month: string) => `focus/billing_period=${month}/source=tiny/focus.parquet`

/** In units of 1e-18, so that nothing is rounded. */
function units18(decimal: string): bigint {
  const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(decimal) ?? []
  return BigInt(`${sign}${whole}${fraction.padEnd(18, '0')}`)
}

function billed(unit: { totals: readonly { billedCost: string }[] } | undefined): bigint {
  return units18(unit?.totals[0]?.billedCost ?? '')
}

function sumOfChanges(json: string): bigint {
  const { changes } = JSON.parse(json) as { changes: { billed_change: string }[] }
  return changes.map(({ billed_change }) => units18(billed_change)).reduce((sum, change) => sum + change, 0n)
}
