import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { RunRecord } from '../../src/pipeline/state.ts'
import { rulesText, writeRules } from '../pipeline/allocation-rules.ts'
import { deliver } from '../pipeline/tiny-bill.ts'
import { hashes } from '../pipeline/workbench.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'
import { temporaryFolderOfFile } from '../transforms/aws/temporary-folder.ts'
import { focal, type Outcome } from './focal.ts'

const templateFolder = temporaryFolderOfFile()
let folder: string
const run = (...args: string[]): Promise<Outcome> => focal(folder, args)

/** In each month 2 USD of payments', 3 of search's, 5 of nobody's; and 9 of a shared service, 12 in October. */
beforeAll(async () => {
  folder = templateFolder()
  writeFileSync(
    path.join(folder, 'focal.yaml'),
    `lake: ./lake\nallocation: ./allocation.yaml\nengine: { memoryLimit: 1GB, threads: 2 }\nsources:\n  - name: tiny\n    connector: aws\n    location: ./bills\n`,
  )
  writeRules(folder)
  for (const [period, shared] of [
    ['2026-09', '9'],
    ['2026-10', '12'],
  ] as const) {
    const charges = [
      { cost: '2', account: '222233334444' },
      { cost: '3', account: '333344445555' },
      { cost: '5', account: '999988887777' },
      { cost: shared, account: '222233334444', service: 'AmazonEC2' },
    ]
    deliver(path.join(folder, 'bills'), { period, id: 'd1', charges })
  }
  await first()
})

let firstRun: Outcome
async function first(): Promise<void> {
  firstRun = await run('run')
}

/** Of a test that changes something. */
function copy(): string {
  const own = temporaryFolder()
  cpSync(templateFolder(), own, { recursive: true, preserveTimestamps: true })
  return own
}

describe('run', () => {
  test('tells what it allocated below what it published', () => {
    expect(firstRun.code).toBe(0)
    expect(firstRun.out.split('\n').slice(5).join('\n'))
      .toBe(`period   allocation  rows  effective  without owner      %  currency  why
───────  ──────────  ────  ─────────  ─────────────  ─────  ────────  ────────────────
2026-09  allocated      5      19.00           5.00  26.31  USD       first allocation
2026-10  allocated      5      22.00           5.00  22.72  USD       first allocation
`)
    // Months that are allocated side by side are told as they end.
    expect(firstRun.err.trimEnd().split('\n').slice(2).toSorted()).toEqual([
      '2026-09  allocated: first allocation',
      '2026-10  allocated: first allocation',
    ])
  })

  test('ends with 3 for rules that are mistaken, with the FOCUS rows published', async () => {
    const own = copy()
    writeRules(own, { payments: '70' })
    const { code, out, err } = await focal(own, ['run'])
    expect(code).toBe(3)
    expect(out.split('\n').slice(5).join('\n'))
      .toBe(`Nothing was allocated: the shares of the split shared-fixed are 70 + 40 = 110 %
  where: file ${own}/allocation.yaml, line 17
  hint: They may add up to 100 at most; what is left below that rests with the owner of the pool.
`)
    expect(err.split('\n')[2]).toBe('allocation  failed: the shares of the split shared-fixed are 70 + 40 = 110 %')
  })

  test('ends with 4 when more is unallocated than the rules allow', async () => {
    const own = copy()
    writeRules(own, { more: ['limits: { unallocated: { warn: 10, fail: 25 } }'] })
    const { code, out } = await focal(own, ['run'])
    expect(code).toBe(4)
    expect(out.trimEnd().split('\n').slice(-2)).toEqual([
      'failed: 26.31 % of 2026-09 in USD is without who caused it, more than 25 %',
      'warning: 22.72 % of 2026-10 in USD is without who caused it, more than 10 %',
    ])
  })
})

test('allocate --json prints the run record', async () => {
  const { code, out } = await run('allocate', '--period', '2026-10', '--json')
  const { allocation, units } = JSON.parse(out) as RunRecord
  expect({ code, units }).toEqual({ code: 0, units: [] })
  expect(allocation?.months.map(({ period, result }) => `${period} ${result}`)).toEqual(['2026-10 up to date'])
})

test('status shows what is allocated, who has the rest and why', async () => {
  const { code, out } = await run('status')
  expect(code).toBe(0)
  const shown = out.slice(out.indexOf('\n\nsource  period   allocated') + 2, out.indexOf('\n\nLast run'))
  const print = /yes +1 +([0-9a-f]{8})/.exec(shown)?.[1] ?? ''
  expect(
    shown
      .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, '<time>')
      .replaceAll(print, '<rules>')
      .replaceAll(/─+/g, '─'),
  ).toBe(
    `source  period   allocated  version  rules     effective  with who caused it      %  currency  when
─  ─  ─  ─  ─  ─  ─  ─  ─  ─
tiny    2026-09  yes              1  <rules>      19.00               14.00  73.68  USD       <time>
tiny    2026-10  yes              1  <rules>      22.00               17.00  77.27  USD       <time>

period   without who caused it  owner     name      effective  currency
─  ─  ─  ─  ─  ─
2026-09  untagged               platform  platform       5.00  USD
2026-10  untagged               platform  platform       5.00  USD`,
  )
})

describe('query', () => {
  test('has a view of what is allocated', async () => {
    const sql =
      "SELECT x_Target, sum(BilledCost) AS billed FROM allocated WHERE billing_period = '2026-10' GROUP BY 1 ORDER BY 1"
    expect((await run('query', '--format', 'csv', sql)).out).toBe(`x_Target,billed
payments,9.200000000000000000
platform,5.000000000000000000
search,7.800000000000000000
`)
  })

  test('has closed months as they were booked, and every month as it would be today', async () => {
    const own = copy()
    mkdirSync(path.join(own, 'lake/_focal/closed'))
    writeFileSync(path.join(own, 'lake/_focal/closed/2026-09.json'), '{}')
    writeRules(own, { payments: '50', search: '50' })
    expect((await focal(own, ['allocate'])).code).toBe(0)
    const costs = async (view: string) => {
      const sql = `SELECT billing_period, sum(EffectiveCost)::DECIMAL(9, 2) AS cost FROM ${view} WHERE x_Target = 'payments' GROUP BY 1 ORDER BY 1`
      return (await focal(own, ['query', '--format', 'csv', sql])).out.split('\n').slice(1, -1)
    }
    expect(await costs('allocated')).toEqual(['2026-09,7.40', '2026-10,8.00'])
    expect(await costs('as_booked')).toEqual(['2026-09,7.40'])
    expect(await costs('restated')).toEqual(['2026-09,6.50', '2026-10,8.00'])
  })
})

describe('allocate explain', () => {
  test('draws a tree from what a target owes to the rules and charges', async () => {
    expect(await run('allocate', 'explain', '--target', 'payments', '--period', '2026-10')).toEqual({
      code: 0,
      out: `payments 2026-10: 9.20 USD effective
├─ 7.20  78.26 %  from pool shared by shared-fixed, placed there by rule shared; 60.00 % of 12.00; share 6/10
│  └─ 7.20  tiny 222233334444, Amazon Elastic Compute Cloud: 1 charge, such as --charge tiny:3
└─ 2.00  21.73 %  directly by rule teams
   └─ 2.00  tiny 222233334444, Amazon Simple Storage Service: 1 charge, such as --charge tiny:0
`,
      err: '',
    })
  })

  test('draws the steps of one charge', async () => {
    expect((await run('allocate', 'explain', '--charge', 'tiny:3', '--period', '2026-10')).out)
      .toBe(`tiny:3 of 2026-10: Amazon Elastic Compute Cloud
  Amazon Elastic Compute Cloud, 222233334444, 2026-10-01 00:00:00+00
  tags {"CostCenter":"platform"}

12.00 USD effective
└─ 12.00 to pool shared by rule shared
   ├─ 7.20 to payments (Payments) by shared-fixed; share 6/10
   └─ 4.80 to search by shared-fixed; share 4/10
`)
    expect(
      (await run('allocate', 'explain', '--charge', 'tiny:2', '--period', '2026-10')).out
        .split('\n')
        .slice(4)
        .join('\n'),
    ).toBe(`5.00 USD effective
└─ 5.00 to pool unallocated by no rule
   └─ 5.00 rests with its owner platform; reason: untagged
`)
  })

  test('--json has the ways with their charges', async () => {
    const { out } = await run('allocate', 'explain', '--target', 'search', '--period', '2026-10', '--json')
    const { ways } = JSON.parse(out) as {
      ways: { pools: string[]; rules: string[]; effective: string; origins: object[] }[]
    }
    expect(
      ways.map(({ pools, rules, effective, origins }) => ({ pools, rules, effective, origins: origins.length })),
    ).toEqual([
      { pools: ['shared'], rules: ['shared', 'shared-fixed'], effective: '4.800000000000000000', origins: 1 },
      { pools: [], rules: ['teams'], effective: '3.000000000000000000', origins: 1 },
    ])
  })

  test.each([
    [
      ['--target', 'payment'],
      'error: nothing of 2026-10 is allocated to "payment"\n  hint: The targets are payments, platform, search.\n',
    ],
    [
      ['--charge', 'tiny:9'],
      'error: tiny has no charge 9 in 2026-10\n  hint: Rows count from 0; `focal query "SELECT source, x_OriginRow FROM allocated"` lists them.\n',
    ],
    [
      ['--charge', 'tiny'],
      'error: "tiny" does not name a charge\n  hint: Write the source and the x_OriginRow of the charge, such as payer:412.\n',
    ],
    [[], 'error: name either a target or a charge\n  hint: Such as --target payments, or --charge payer:412.\n'],
  ])('%j is refused', async (args, err) => {
    expect(await run('allocate', 'explain', '--period', '2026-10', ...args)).toEqual({ code: 2, out: '', err })
  })
})

test('allocate simulate tells who would pay more or less, and writes nothing', async () => {
  writeFileSync(path.join(folder, 'new.yaml'), rulesText({ payments: '10', search: '40' }))
  const before = hashes(path.join(folder, 'lake'))
  const { code, out } = await run('allocate', 'simulate', '--rules', 'new.yaml')
  expect({ code, out }).toEqual({
    code: 0,
    out: `EffectiveCost by these rules, and what would change:

period   target    name       now   then  change  currency
───────  ────────  ────────  ────  ─────  ──────  ────────
2026-10  payments  Payments  9.20   3.20   -6.00  USD
2026-10  platform  platform  5.00  11.00    6.00  USD
2026-10  search    search    7.80   7.80    0.00  USD

2026-10 USD: with who caused it 77.27 % now, 50.00 % then
`,
  })
  expect(hashes(path.join(folder, 'lake'))).toEqual(before)
})

describe('allocate diff', () => {
  test('explains the month against the one before', async () => {
    expect((await run('allocate', 'diff', '--period', '2026-10')).out).toBe(`EffectiveCost of 2026-09 against 2026-10:

target    2026-09  price  volume   mix  correction   tag  rule  driver  2026-10  currency
────────  ───────  ─────  ──────  ────  ──────────  ────  ────  ──────  ───────  ────────
payments     7.40   1.80    0.00  0.00        0.00  0.00  0.00    0.00     9.20  USD
platform     5.00   0.00    0.00  0.00        0.00  0.00  0.00    0.00     5.00  USD
search       6.60   1.20    0.00  0.00        0.00  0.00  0.00    0.00     7.80  USD
`)
  })

  test('explains a version against an earlier one: what the provider restated, and what the rules moved', async () => {
    const own = copy()
    const charges = [
      { cost: '2', account: '222233334444' },
      { cost: '3', account: '333344445555' },
      { cost: '6', account: '999988887777' },
      { cost: '12', account: '222233334444', service: 'AmazonEC2' },
    ]
    deliver(path.join(own, 'bills'), { period: '2026-10', id: 'd2', charges })
    writeRules(own, { payments: '50', search: '50' })
    expect((await focal(own, ['run'])).code).toBe(0)
    const { out } = await focal(own, ['allocate', 'diff', '--period', '2026-10', '--against', '1'])
    expect(out).toBe(`EffectiveCost of 2026-10 version 1 against 2026-10:

target    2026-10 version 1  price  volume   mix  correction   tag   rule  driver  2026-10  currency
────────  ─────────────────  ─────  ──────  ────  ──────────  ────  ─────  ──────  ───────  ────────
payments               9.20   0.00    0.00  0.00        0.00  0.00  -1.20    0.00     8.00  USD
platform               5.00   0.00    0.00  0.00        1.00  0.00   0.00    0.00     6.00  USD
search                 7.80   0.00    0.00  0.00        0.00  0.00   1.20    0.00     9.00  USD
`)
  })

  test.each([
    [['--against', '7'], 'error: version 7 of 2026-10 is not kept\n  hint: Kept are none.\n'],
    [['--against', '2026-01'], 'error: nothing of 2026-01 is allocated\n  hint: `focal status` lists what is.\n'],
    [
      ['--against', 'May'],
      'error: "May" is neither a version nor a billing period\n  hint: Write --against 2 for a version of the month, or --against 2026-09 for another month.\n',
    ],
  ])('%j is refused', async (args, err) => {
    expect(await run('allocate', 'diff', '--period', '2026-10', ...args)).toEqual({ code: 2, out: '', err })
  })
})

test('a configuration without rules is told how to name them', async () => {
  const own = temporaryFolder()
  writeFileSync(
    path.join(own, 'focal.yaml'),
    readFileSync(path.join(folder, 'focal.yaml'), 'utf8').replace(/allocation:.*\n/, ''),
  )
  expect(await focal(own, ['allocate'])).toEqual({
    code: 2,
    out: '',
    err: `error: the configuration names no allocation rules\n  where: file focal.yaml\n  hint: Add allocation: ./allocation.yaml to it; docs/allocation.md shows how rules are written.\n`,
  })
  expect((await focal(own, ['allocate', 'explain', '--target', 'a', '--period', '2026-10'])).err).toBe(
    'error: nothing is allocated yet\n  hint: Name the rules as allocation: in the configuration, then run `focal allocate`.\n',
  )
})
