import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import type { RunRecord, UnitRecord } from '../../src/pipeline/state.ts'
import { deliver } from '../pipeline/tiny-bill.ts'
import { twoMonths, type TwoMonths } from './two-months.ts'

let made: TwoMonths
let folder: string
const run = (...args: string[]) => made.run(...args)

beforeEach(() => {
  made = twoMonths()
  folder = made.folder
})

describe('status', () => {
  test('says that there is nothing yet', async () => {
    expect(await run('status')).toEqual({ code: 0, out: 'Nothing is published yet: `focal run` does it.\n', err: '' })
  })

  test('lists what is published, and what failed last', async () => {
    await run('run')
    made.spoilSeptember()
    await run('run')
    const { code, out, err } = await run('status')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const timeless = out.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, '<time>').replace(/Last run \S+:/, 'Last run <id>')
    expect(timeless.replace(/, \d+\.\d s/, ', <seconds>').replaceAll(/─+/g, '─')).toBe(
      `source  period   month   version  delivery  rows  billed  effective  currency  published
─  ─  ─  ─  ─  ─  ─  ─  ─  ─
tiny    2026-09  closed        1  d1           2   21.50      21.50  USD       <time>
tiny    2026-10  closed        1  d1           2   21.50      21.50  USD       <time>

tiny 2026-09: 2 rows read, 2 kept as they are
tiny 2026-10: 2 rows read, 2 kept as they are

tiny: newest usage <time> UTC; the configuration says that 2026-10 was its last month

Last run <id> some failed, <seconds>
  failed tiny 2026-09: the value is no amount
`,
    )
  })

  test('--json has the whole records', async () => {
    await run('run')
    const { code, out } = await run('status', '--json')
    const { units, lastRun } = JSON.parse(out) as { units: UnitRecord[]; lastRun: RunRecord }
    expect(code).toBe(0)
    expect(units.map(({ source, period, version }) => [source, period, version])).toEqual([
      ['tiny', '2026-09', 1],
      ['tiny', '2026-10', 1],
    ])
    expect(units[0]?.controls).toEqual([
      { measure: 'BilledCost', basis: 'sum of unblended cost', expected: '21.5', actual: '21.5' },
      {
        measure: 'EffectiveCost',
        basis: 'usage and fees as billed, commitments by what they covered and what went unused',
        expected: '21.5',
        actual: '21.5',
      },
    ])
    expect(lastRun.outcome).toBe('done')
  })
})

const diff = () => run('diff', '--source', 'tiny', '--period', '2026-10')

describe('diff', () => {
  test('prints what a restatement changed, by service and sub account', async () => {
    await run('run')
    expect((await diff()).out).toBe('tiny 2026-10 has only been published once (version 1).\n')
    const charges = [
      { cost: '1.5' },
      { cost: '1020.25', service: 'AmazonEC2', account: '333344445555' },
      { cost: '-3' },
    ]
    deliver(made.bills, { period: '2026-10', id: 'd2', charges })
    await run('run')
    expect(await diff()).toEqual({
      code: 0,
      out: `tiny 2026-10: version 1 → 2
delivery d1 → d2
rows 2 → 3
billed 21.50 → 1,018.75 USD

service                         sub account  rows before  rows after  billed before  billed after    change  effective change  currency
─────────────────────────────  ────────────  ───────────  ──────────  ─────────────  ────────────  ────────  ────────────────  ────────
Amazon Elastic Compute Cloud   333344445555            1           1          20.00      1,020.25  1,000.25          1,000.25  USD
Amazon Simple Storage Service  222233334444            1           2           1.50         -1.50     -3.00             -3.00  USD
`,
      err: '',
    })
    await run('run', '--full')
    expect((await diff()).out).toBe(`tiny 2026-10: version 2 → 3
delivery d2 → d2
rows 3 → 3
billed 1,018.75 → 1,018.75 USD

No service and sub account changed its rows or costs.
`)
  })

  test('cannot compare with a version that is gone', async () => {
    await run('run')
    await run('run', '--full')
    const kept = 'history/focus/billing_period=2026-10/source=tiny/1.parquet'
    rmSync(path.join(folder, 'lake', kept))
    expect(await diff()).toEqual({
      code: 2,
      out: '',
      err: `error: version 1 of tiny 2026-10 is not kept\n  where: file ${kept}\n  hint: Its partition was gone when it was superseded, or it was deleted since.\n`,
    })
    expect(await run('diff', '--source', 'tiny', '--period', '2026-01')).toEqual({
      code: 2,
      out: '',
      err: 'error: nothing is published of tiny 2026-01\n  hint: `focal status` lists what is.\n',
    })
  })
})

describe('query', () => {
  const sql = `SELECT 'a,"b"' AS "x y", NULL AS nothing, BilledCost AS cost, 12 AS whole FROM focus WHERE BilledCost > 2 AND billing_period = '2026-10'`

  test('prints a table, csv or JSON', async () => {
    await run('run')
    expect(await run('query', sql)).toEqual({
      code: 0,
      out: `x y    nothing  cost  whole\n─────  ───────  ────  ─────\na,"b"             20     12\n1 row\n`,
      err: '',
    })
    expect((await run('query', '--format', 'csv', sql)).out).toBe(
      'x y,nothing,cost,whole\n"a,""b""",,20.000000000000000000,12\n',
    )
    expect(JSON.parse((await run('query', '--format', 'json', sql)).out)).toEqual([
      { 'x y': 'a,"b"', nothing: null, cost: '20.000000000000000000', whole: 12 },
    ])
    expect(
      (await run('query', '--format', 'csv', 'SELECT source, period, version, rows FROM units ORDER BY 2')).out,
    ).toBe('source,period,version,rows\ntiny,2026-09,1,2\ntiny,2026-10,1,2\n')
    expect((await run('query', '--format', 'csv', 'SELECT source FROM focus WHERE false')).out).toBe('source\n')
  })

  test('tells what is wrong with the SQL, and that there is nothing to query', async () => {
    expect(await run('query', 'SELECT 1')).toEqual({
      code: 2,
      out: '',
      err: 'error: nothing is published yet\n  hint: Run `focal run` first.\n',
    })
    await run('run')
    const { code, out, err } = await run('query', 'SELECT nope FROM focus')
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err.split('\n')[0]).toBe('error: Binder Error: Referenced column "nope" not found in FROM clause!')
    expect(err.trimEnd().split('\n').at(-1)).toBe(
      '  hint: There are focus and units; DESCRIBE focus lists the columns.',
    )
  })

  test('reads months of several FOCUS versions as one', async () => {
    await run('run')
    rmSync(path.join(folder, 'bills/20260901-20261001'), { recursive: true })
    const file = path.join(folder, 'focal.yaml')
    writeFileSync(file, `focusVersion: "1.3"\n${readFileSync(file, 'utf8')}`)
    await run('run')
    const byMonth =
      'SELECT billing_period, count(*) AS n, count(ServiceProviderName) AS named FROM focus GROUP BY 1 ORDER BY 1'
    expect((await run('query', '--format', 'csv', byMonth)).out).toBe(
      'billing_period,n,named\n2026-09,2,0\n2026-10,2,2\n',
    )
  })
})

describe('explain', () => {
  test('a FOCUS column: what the specification says, the SQL, and the rows of the lake', async () => {
    await run('run')
    const { code, out, err } = await run('explain', 'billedcost')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out.split('\n')[0]).toBe('BilledCost  (FOCUS 1.2, Mandatory, decimal, never null)')
    expect(out).toContain('How aws sources make it:\n\n  BilledCost  (focus.sql)\n')
    expect(out.slice(out.indexOf('In the rows'))).toBe(
      `In the rows of tiny:\nline type  rows  null    sum\n─────────  ────  ────  ─────\nUsage         4     0  43.00\n`,
    )
  })

  test('a column of ours', async () => {
    const { code, out } = await run('explain', 'x_SourceLineType', '--source', 'tiny')
    expect(code).toBe(0)
    expect(out).toContain("x_SourceLineType  (focal's own column)\n  The provider's own line item type.\n")
    expect(out).toContain('  line_item_type  (stage.sql)\n')
  })

  test('a column that is none, with what comes near', async () => {
    expect(await run('explain', 'ServiceCateg')).toEqual({
      code: 2,
      out: '',
      err: 'error: FOCUS 1.2 has no column "ServiceCateg"\n  hint: Did you mean ServiceCategory?\n',
    })
    expect(await run('explain', 'nope')).toEqual({
      code: 2,
      out: '',
      err: 'error: FOCUS 1.2 has no column "nope"\n  hint: `focal query "DESCRIBE focus"` lists the columns.\n',
    })
  })
})

test('validate ends with 0 for the lake that run published, and with 4 once a rule is broken', async () => {
  await run('run')
  expect((await run('validate', 'lake')).code).toBe(0)
  const { code, out } = await run(
    'query',
    '--format',
    'csv',
    "SELECT * EXCLUDE (billing_period, source) REPLACE ('Nonsense' AS ChargeCategory) FROM focus",
  )
  expect(code).toBe(0)
  writeFileSync(path.join(folder, 'broken.csv'), out)
  expect((await run('validate', 'broken.csv')).code).toBe(4)
})
