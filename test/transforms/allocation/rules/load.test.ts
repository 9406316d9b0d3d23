import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, test } from 'vitest'
import { openSession } from '../../../../src/core/duckdb.ts'
import { jsonSchema, loadRuleSet } from '../../../../src/transforms/allocation/rules.ts'
import { loadWhole, loadWritten, mistakeIn } from './written.ts'

const tax = "ChargeCategory = 'Tax'"

describe('rules', () => {
  test('are compiled in their order, with lines, dates and defaults', async () => {
    const { assign, splits, otherwise, limits, warnings } = await loadWritten(`assign:
  - { id: A, when: "${tax}", to: { pool: a }, valid: { from: 2026-04-01 } }
  - { id: B, when: team = 'x', to: { target: payments } }
dimensions: { team: { from: [Tags.team] } }
split:
  - { id: S, pool: a, by: { fixed: { payments: 33.30, b: "12.50" } } }
  - { id: T, pool: b, by: { cost: EffectiveCost, basis: direct+prior, when: "${tax}" }, cycle: { stepDown: 2 } }
  - { id: U, pool: c, by: { usage: GB, over: [payments] }, onZeroWeight: even, grain: day, negatives: abs }
limits: { unallocated: { warn: 5, fail: 12.5 } }
`)
    expect(assign).toEqual([
      {
        id: 'A',
        line: 12,
        valid: { from: '2026-04-01', to: undefined },
        when: { text: tax, sql: `("ChargeCategory" = 'Tax')`, reads: ['ChargeCategory'] },
        to: { pool: 'a' },
      },
      {
        id: 'B',
        line: 13,
        valid: { from: undefined, to: undefined },
        when: { text: "team = 'x'", sql: `("team" = 'x')`, reads: ['team'] },
        to: { target: { text: 'payments', sql: "'payments'", reads: [] } },
      },
    ])
    const defaults = { valid: { from: undefined, to: undefined }, cycle: undefined, coverage: undefined }
    expect(splits).toEqual([
      {
        ...defaults,
        id: 'S',
        line: 16,
        pool: 'a',
        method: {
          kind: 'fixed',
          shares: [
            { to: { target: 'payments' }, percent: '33.3' },
            { to: { pool: 'b' }, percent: '12.5' },
          ],
        },
        grain: 'month',
        onZeroWeight: 'hold',
        negatives: 'zero',
      },
      {
        ...defaults,
        id: 'T',
        line: 17,
        pool: 'b',
        method: {
          kind: 'cost',
          column: 'EffectiveCost',
          basis: 'direct+prior',
          when: { text: tax, sql: `("ChargeCategory" = 'Tax')`, reads: ['ChargeCategory'] },
          over: 'all',
        },
        cycle: { stepDown: 2 },
        grain: 'month',
        onZeroWeight: 'hold',
        negatives: 'zero',
      },
      {
        ...defaults,
        id: 'U',
        line: 18,
        pool: 'c',
        method: { kind: 'usage', unit: 'GB', when: undefined, over: [{ target: 'payments' }] },
        grain: 'day',
        onZeroWeight: 'even',
        negatives: 'abs',
      },
    ])
    expect({ otherwise, limits, warnings }).toEqual({
      otherwise: 'rest',
      limits: { unallocatedWarn: '5', unallocatedFail: '12.5' },
      warnings: [],
    })
  })

  test('by a driver count days when it knows days, and may ask for coverage', async () => {
    const text = `drivers: { d: { files: d.csv, columns: { key: k, weight: w, at: t } } }
split:
  - { id: S, pool: a, by: { driver: d, match: ResourceId }, coverage: { least: 97.5, below: { driver: d } } }
`
    const { splits } = await loadWritten(text, { 'd.csv': 'k,w,t\n' })
    expect(splits).toMatchObject([
      {
        method: { kind: 'driver', driver: 'd', match: 'ResourceId' },
        grain: 'day',
        negatives: 'error',
        coverage: { least: '0.975', below: { driver: 'd' } },
      },
    ])
  })

  test('may have two versions of one id at different times', async () => {
    const { assign } = await loadWritten(`assign:
  - { id: A, when: "${tax}", to: { target: legacy }, valid: { to: 2026-07-01 } }
  - { id: A, when: "${tax}", to: { target: platform }, valid: { from: 2026-07-01 } }
`)
    expect(assign.map(({ valid }) => valid)).toEqual([
      { from: undefined, to: '2026-07-01' },
      { from: '2026-07-01', to: undefined },
    ])
  })

  test('may give in a circle that is declared, or at different times', async () => {
    const declared = `split:
  - { id: S, pool: a, cycle: reciprocal, by: { fixed: { b: 10, search: 90 } } }
  - { id: T, pool: b, cycle: reciprocal, by: { fixed: { a: 10, search: 90 } } }
`
    const apart = `split:
  - { id: S, pool: a, valid: { to: 2026-04-01 }, by: { fixed: { b: 10 } } }
  - { id: T, pool: b, valid: { from: 2026-04-01 }, by: { fixed: { a: 10 } } }
`
    expect((await loadWritten(declared)).splits).toHaveLength(2)
    expect((await loadWritten(apart)).splits).toHaveLength(2)
  })

  test('that are not there', async () => {
    expect(await mistakeIn(loadRuleSet('nowhere/allocation.yaml', {}))).toBe(
      'there are no allocation rules nowhere/allocation.yaml\n  hint: Mend the path under allocation: in focal.yaml.',
    )
  })
})

/** What is said of two rules with these conditions. */
async function warned(first: string, second: string) {
  const { warnings } = await loadWritten(
    `assign:\n  - { id: A, to: { pool: a }, ${first} }\n  - { id: B, to: { pool: b }, ${second} }\n`,
  )
  return warnings
}

describe('a rule that never acts', () => {
  const warning = {
    line: 13,
    what: 'the rule B never acts, since A of line 12 takes all that it matches',
    hint: 'Put it before A, or remove it.',
  }

  test.each([
    ['the same condition, however written', `when: "${tax}"`, `when: "(ChargeCategory  = 'Tax')"`],
    ['all charges before', 'when: true', `when: "${tax}"`],
    ['one condition more', `when: "${tax}"`, `when: "RegionId = 'x' AND ${tax}"`],
    ['a value of a list', `when: "RegionId IN ('x', 'y')"`, `when: "RegionId = 'y' AND ${tax}"`],
    ['any value at all', 'when: RegionId IS NOT NULL', `when: "RegionId LIKE 'eu-%'"`],
    ['one of two ways', `when: "${tax} OR RegionId = 'x'"`, `when: "RegionId = 'x'"`],
    [
      'dates within',
      `valid: { from: 2026-01-01 }, when: true`,
      `valid: { from: 2026-04-01, to: 2026-07-01 }, when: true`,
    ],
  ])('%s', async (_why, first, second) => {
    expect(await warned(first, second)).toEqual([warning])
  })

  test.each([
    ['another value', `when: "RegionId = 'x'"`, `when: "RegionId = 'y'"`],
    ['one condition less', `when: "RegionId = 'x' AND ${tax}"`, `when: "${tax}"`],
    ['more values', `when: "RegionId = 'x'"`, `when: "RegionId IN ('x', 'y')"`],
    ['earlier days', `valid: { from: 2026-01-01 }, when: true`, `valid: { to: 2026-04-01 }, when: true`],
  ])('but not with %s', async (_why, first, second) => {
    expect(await warned(first, second)).toEqual([])
  })
})

/** The dimension `team` of charges with these columns. */
async function teams(dimension: string, charges: string, files: Readonly<Record<string, string>> = {}) {
  const { dimensions } = await loadWritten(`dimensions:\n  team: ${dimension}\n`, files)
  const session = await openSession({ memoryLimit: '256MB', threads: 1, tempDirectory: tmpdir() })
  try {
    const rows = await session.rows<{ team: string | null }>(
      `SELECT ${dimensions[0]?.value.sql} AS team FROM ${charges}`,
    )
    return { teams: rows.map(({ team }) => team), reads: dimensions[0]?.value.reads, keys: dimensions[0]?.keys }
  } finally {
    session.close()
  }
}

describe('a dimension', () => {
  test('takes the first source that is not blank, normalised and mapped', async () => {
    const charges = `(VALUES ('{"team":" Pay-Team ","Team":"x"}', NULL), ('{"team":"  ","Team":"Search"}', NULL), (NULL, '{"a.b":"Cart"}'), ('{}', '{}')) AS t("Tags", "x_CostCategories")`
    const dimension =
      '{ from: [Tags.team, Tags.Team, x_CostCategories.a.b], normalise: [trim, lower, { map: { pay-team: payments } }] }'
    expect(await teams(dimension, charges)).toEqual({
      teams: ['payments', 'search', 'cart', null],
      reads: ['Tags', 'x_CostCategories'],
      keys: ['team', 'Team', 'a.b'],
    })
  })

  test('inherits from an account by the day of the charge', async () => {
    const charges = `(VALUES ('1', TIMESTAMPTZ '2026-03-31 23:59:59+00'), ('1', TIMESTAMPTZ '2026-04-01 00:00:00+00'), ('2', TIMESTAMPTZ '2026-04-01 00:00:00+00'), (NULL, NULL)) AS t("SubAccountId", "ChargePeriodStart")`
    const dimension = '{ from: [{ column: SubAccountId, map: accounts.csv, key: account, value: team }] }'
    const csv = 'account,team,valid_from,valid_to\n1,payments,,2026-04-01\n1,search,2026-04-01,\n'
    expect(await teams(dimension, charges, { 'accounts.csv': csv })).toEqual({
      teams: ['payments', 'search', null, null],
      reads: ['SubAccountId', 'ChargePeriodStart'],
      keys: [],
    })
  })

  test('that says who pays only takes charges that have it, through a map where there is one', async () => {
    const { assign, dimensions } = await loadWritten(`dimensions:
  unit: { from: [Tags.unit], allow: [cart, search] }
  team: { from: [unit, Tags.team], allow: targets }
assign:
  - { id: A, when: "${tax}", to: { dimension: unit, map: { cart: payments } } }
  - { id: B, when: true, to: { dimension: team } }
`)
    expect(assign.map(({ when, to }) => [when.sql, 'target' in to && to.target.sql])).toEqual([
      [
        `(("ChargeCategory" = 'Tax') AND (NOT ("unit" IS NULL)))`,
        `coalesce(map_extract_value(map(['cart'], ['payments']), "unit"), "unit")`,
      ],
      ['(TRUE AND (NOT ("team" IS NULL)))', '"team"'],
    ])
    expect(dimensions.map(({ name, allowed }) => [name, allowed])).toEqual([
      ['unit', ['cart', 'search']],
      ['team', ['legacy', 'payments', 'platform', 'product', 'search', 'spare']],
    ])
  })
})

describe('the print', () => {
  const files = { 'd.csv': 'k,w\npayments,1\n' }
  const text = `drivers: { d: { files: d.csv, columns: { key: k, weight: w } } }
assign:
  - { id: A, when: "${tax}", to: { pool: a } }
  - { id: B, when: "RegionId = 'x'", to: { pool: b } }
split:
  - { id: S, pool: a, by: { driver: d } }
  - { id: T, pool: b, by: { even: all } }
`
  const printOf = async (written: string, beside: Readonly<Record<string, string>> = files) =>
    (await loadWritten(written, beside)).print

  test.each([
    ['a comment and blank lines', text.replace('assign:', '# Here we go.\n\nassign:'), files],
    ['the layout of a condition', text.replace(tax, `ChargeCategory    = 'Tax'`), files],
    ['the order of splits', text.replace(/( {2}- \{ id: S.*\n)( {2}- \{ id: T.*\n)/, '$2$1'), files],
    ["a driver's file by another name", text.replace('d.csv', 'e.csv'), { 'e.csv': files['d.csv'] }],
    ['limits', `${text}limits: { unallocated: { warn: 1 } }\n`, files],
  ])('is the same with another %s', async (_what, changed, beside) => {
    expect(changed === text && beside === files).toBe(false)
    expect(await printOf(changed, beside)).toBe(await printOf(text))
  })

  test.each([
    ['the order of rules', text.replace(/( {2}- \{ id: A.*\n)( {2}- \{ id: B.*\n)/, '$2$1'), files],
    ['a condition', text.replace("'x'", "'y'"), files],
    ['a date', text.replace('id: T,', 'id: T, valid: { from: 2026-04-01 },'), files],
    ['a weight in a file', text, { 'd.csv': 'k,w\npayments,2\n' }],
    ['a method', text.replace('even: all', 'even: [payments]'), files],
    ['a map whose key looks like a place', text.replace('weight: w }', 'weight: w }, map: { line: payments }'), files],
  ])('is another with another %s', async (_what, changed, beside) => {
    expect(await printOf(changed, beside)).not.toBe(await printOf(text))
  })

  test('is a SHA-256', async () => {
    expect(await printOf(text)).toMatch(/^[0-9a-f]{64}$/)
  })
})

test('the JSON Schema that editors read is of this format; tools/write-allocation-schema.ts writes it', () => {
  const published = new URL('../../../../schemas/allocation.schema.json', import.meta.url)
  expect(JSON.parse(readFileSync(published, 'utf8'))).toEqual(JSON.parse(JSON.stringify(jsonSchema())))
})

test('the example of docs/allocation.md is right', async () => {
  const page = readFileSync(new URL('../../../../docs/allocation.md', import.meta.url), 'utf8')
  const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? []
  const { assign, splits, warnings } = await loadWhole(example)
  expect(assign.map(({ id }) => id)).toEqual(['support', 'tagged'])
  expect(splits.map(({ id }) => id)).toEqual(['support-by-cost'])
  expect(warnings).toEqual([])
})
