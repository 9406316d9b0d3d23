import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { dataFile, deliver, type Charge } from '../pipeline/tiny-bill.ts'
import { rulesText } from '../pipeline/allocation-rules.ts'
import { temporaryFolderOfFile } from '../transforms/aws/temporary-folder.ts'
import { focal } from './focal.ts'

const file = temporaryFolderOfFile()
const run = (...args: string[]) => focal(file(), args)

const keys = ['CostCenter', 'cost-center', 'costcenter']

/** Charges with the values of these keys, in their order. */
const charges: readonly (Charge & { tags: readonly string[] })[] = [
  { cost: '40', service: 'AmazonEC2', account: '222233334444', tags: ['Payments', '', ''] },
  { cost: '10', service: 'AmazonEC2', account: '222233334444', tags: ['', 'payments ', ''] },
  { cost: '25', account: '333344445555', tags: ['Search', '', 'search'] },
  { cost: '5', account: '333344445555', tags: ['nobody', '', ''] },
  { cost: '20', account: '999988887777', tags: ['', '', ''] },
  // Credits count neither way.
  { cost: '-50', type: 'Credit', account: '999988887777', tags: ['', '', ''] },
]

beforeAll(async () => {
  const bills = path.join(file(), 'bills')
  const delivery = { period: '2026-10', id: 'd1', charges }
  deliver(bills, delivery)
  const bill = path.join(bills, dataFile(delivery))
  const [header = '', ...rows] = readFileSync(bill, 'utf8').trimEnd().split('\n')
  const tagged = [
    [withoutLast(header), ...keys.map((key) => `resourceTags/user:${key}`)],
    ...rows.map((row, at) => [withoutLast(row), ...(charges[at]?.tags ?? [])]),
  ]
  writeFileSync(bill, `${tagged.map((line) => line.join(',')).join('\n')}\n`)
  writeConfig('focal.yaml', [])
  writeConfig('with-rules.yaml', ['allocation: ./allocation.yaml'])
  const byAccount = /from: .*/
  writeFileSync(
    path.join(file(), 'allocation.yaml'),
    rulesText().replace(byAccount, 'from: [Tags.CostCenter]\n    normalise: [trim, lower]'),
  )
  expect(await run('run')).toMatchObject({ code: 0 })
})

function writeConfig(name: string, more: readonly string[]): void {
  const lines = ['lake: ./lake', 'engine: { memoryLimit: 1GB, threads: 1 }', ...more]
  const source = 'sources: [{ name: tiny, connector: aws, location: ./bills }]'
  writeFileSync(path.join(file(), name), `${[...lines, source].join('\n')}\n`)
}

const withoutLast = (line: string) => line.slice(0, line.lastIndexOf(','))

const lines = (text: string) =>
  text
    .replaceAll(/─+/g, '─')
    .replaceAll(/(─ *)+/g, '─')
    .replaceAll(/ {2,}/g, '  ')

test('tells coverage by key and by team, where the rest is, how it is spelt, and what to write', async () => {
  const { code, out } = await run('tags')
  expect({ code, out: lines(out) }).toEqual({
    code: 0,
    out: `Coverage by CostCenter in 2026-10, of charges above zero:

charges  effective  % of effective  billed  % of billed  currency
─
  5  80.00  80.00  80.00  80.00  USD

By key:

key  charges  effective  % of effective  billed  % of billed  currency
─
CostCenter, cost-center, costcenter  4  80.00  80.00  80.00  80.00  USD

By CostCenter:

value  charges  effective  % of effective  billed  % of billed  currency
─
payments  2  50.00  50.00  50.00  50.00  USD
search  1  25.00  25.00  25.00  25.00  USD
nobody  1  5.00  5.00  5.00  5.00  USD
(none)  1  20.00  20.00  20.00  20.00  USD

Where most of the rest is:

source  sub account  service  charges  effective  % of its own  currency
─
tiny  999988887777  Amazon Simple Storage Service  1  20.00  100.00  USD

Spelt in more than one way:
  key  "CostCenter", "cost-center", "costcenter"
  value  "Payments", "payments "
  value  "Search", "search"

For allocation.yaml:

dimensions:
  costcenter:
  from: ["Tags.CostCenter", "Tags.cost-center", "Tags.costcenter"]
  normalise: [trim, lower]
`,
  })
})

describe('with rules', () => {
  test('measures by their first dimension: a value that is not allowed is no coverage', async () => {
    const { out } = await run('tags', '--config', 'with-rules.yaml')
    expect(lines(out.slice(out.indexOf('By team:')))).toBe(`By team:

value  charges  effective  % of effective  billed  % of billed  currency
─
payments  1  40.00  40.00  40.00  40.00  USD
search  1  25.00  25.00  25.00  25.00  USD
nobody (not allowed)  1  5.00  5.00  5.00  5.00  USD
(none)  2  30.00  30.00  30.00  30.00  USD

Where most of the rest is:

source  sub account  service  charges  effective  % of its own  currency
─
tiny  999988887777  Amazon Simple Storage Service  1  20.00  100.00  USD
tiny  222233334444  Amazon Elastic Compute Cloud  1  10.00  20.00  USD
tiny  333344445555  Amazon Simple Storage Service  1  5.00  16.66  USD

Spelt in more than one way:
  key  "CostCenter", "cost-center", "costcenter"
  value  "Payments", "payments "
  value  "Search", "search"

For allocation.yaml:

dimensions:
  team:
  from: ["Tags.CostCenter", "Tags.cost-center", "Tags.costcenter"]
  normalise: [trim, lower]
`)
  })
})

describe('--fail-under', () => {
  test.each([
    ['80', 0],
    ['80.000001', 4],
  ])('%s ends with %i where 80 % are covered', async (least, code) => {
    expect((await run('tags', '--fail-under', least)).code).toBe(code)
  })
})

test('--json has exact amounts', async () => {
  const { out } = await run('tags', '--json')
  const { coverage, keys: found, values } = JSON.parse(out) as Record<string, Record<string, unknown>[]>
  expect(coverage).toEqual([
    {
      currency: 'USD',
      charges: '5',
      total_billed: '100.000000000000000000',
      total_effective: '100.000000000000000000',
      billed: '80.000000000000000000',
      effective: '80.000000000000000000',
    },
  ])
  expect(found?.map((key) => [key['keys'], key['charges']])).toEqual([
    [['CostCenter', 'cost-center', 'costcenter'], '4'],
  ])
  expect(values?.map((value) => value['spellings'])).toEqual([
    ['Payments', 'payments '],
    ['Search', 'search'],
  ])
})

test.each([
  [
    ['--by', 'team'],
    'error: no charge of the month has a tag "team"\n  hint: The keys are CostCenter, cost-center, costcenter.\n',
  ],
  [
    ['--fail-under', '101'],
    "error: option '--fail-under <percent>' argument '101' is invalid. Expected a percentage such as 85 or 97.5.\n(focal --help shows the commands)\n",
  ],
  [
    ['--period', 'May'],
    'error: "May" is not a billing period\n  hint: Write a month as 2026-10, or a range as 2026-08..2026-10.\n',
  ],
])('%j is refused', async (args, err) => {
  expect(await run('tags', ...args)).toEqual({ code: 2, out: '', err })
})
