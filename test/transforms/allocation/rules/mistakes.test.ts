import { describe, expect, test } from 'vitest'
import { loadWritten, mistakeIn } from './written.ts'

/** Every static check: the message names file, line and fix. What is written here begins at line 11. */

type Case = [what: string, text: string, message: string, files?: Readonly<Record<string, string>>]

const tax = "ChargeCategory = 'Tax'"

function place(line: number, column?: number) {
  return `\n  where: file allocation.yaml, line ${line}${column === undefined ? '' : `, column ${column}`}\n  hint: `
}

function check(cases: readonly Case[]) {
  for (const [what, text, message, files] of cases) {
    test(what, async () => {
      expect(await mistakeIn(loadWritten(text, files))).toBe(message)
    })
  }
}

describe('names', () => {
  check([
    [
      'a column',
      `assign:\n  - id: A\n    when: ${tax} AND Regoin = 'x'\n    to: { pool: a }\n`,
      `there is no column or dimension Regoin${place(13, 38)}docs/allocation.md lists what there is.`,
    ],
    [
      'a column in a folded block',
      `assign:\n  - id: A\n    when: >-\n      ${tax}\n      AND ServiceNam = 'x'\n    to: { pool: a }\n`,
      `there is no column or dimension ServiceNam${place(15, 11)}Did you mean ServiceName?`,
    ],
    [
      'a column in quotes',
      `assign:\n  - { id: A, when: 'RegionId = ''x'' OR SkuIt = ''y''', to: { pool: a } }\n`,
      `there is no column or dimension SkuIt${place(12, 41)}Did you mean SkuId?`,
    ],
    [
      'a target',
      `assign:\n  - { id: A, when: ${tax}, to: { target: serch } }\n`,
      `there is no target serch${place(12)}Did you mean search?`,
    ],
    [
      'a pool',
      `assign:\n  - { id: A, when: ${tax}, to: { pool: support } }\n`,
      `there is no pool support${place(12)}There are rest, a, b, c.`,
    ],
    ['a default', 'pools: { other: { owner: platform } }\n', `there is no pool rest${place(9)}There are other.`],
    [
      'the pool of a split',
      'split:\n  - { id: S, pool: d, by: { even: all } }\n',
      `there is no pool d${place(12)}There are rest, a, b, c.`,
    ],
    [
      'a receiver',
      'split:\n  - { id: S, pool: a, by: { even: [payments, products] } }\n',
      `there is no target or pool products${place(12)}Did you mean product?`,
    ],
    [
      'a driver',
      'split:\n  - { id: S, pool: a, by: { driver: headcount } }\n',
      `there is no driver headcount${place(12)}There is none yet.`,
    ],
    [
      'a fallback',
      'split:\n  - { id: S, pool: a, by: { even: all }, onZeroWeight: { driver: last } }\n',
      `there is no driver last${place(12)}There is none yet.`,
    ],
    [
      'a dimension',
      `dimensions: { team: { from: [Tags.team], allow: targets } }\nassign:\n  - { id: A, when: true, to: { dimension: taem } }\n`,
      `there is no dimension taem${place(13)}Did you mean team?`,
    ],
    [
      'an owner',
      'pools: { rest: { owner: nobody } }\n',
      `there is no target nobody${place(11)}There are payments, search, product, platform, legacy, spare.`,
    ],
    [
      'one name for two things',
      'pools: { rest: { owner: platform }, search: { owner: platform } }\n',
      `search is both a target and a pool${place(11)}Rename one of them.`,
    ],
    [
      'a column to match by',
      'drivers: { d: { files: d.csv, columns: { key: k, weight: w } } }\nsplit:\n  - { id: S, pool: a, by: { driver: d, match: Resource } }\n',
      `there is no column of text Resource${place(13)}Name a column such as ResourceId, or a dimension.`,
      { 'd.csv': 'k,w\n' },
    ],
  ])
})

describe('dimensions', () => {
  check([
    [
      'a source that is no column',
      'dimensions:\n  team:\n    from:\n      - Tag.team\n',
      `there is no column or earlier dimension Tag.team${place(14)}docs/allocation.md lists what there is.`,
    ],
    [
      'a later dimension',
      'dimensions:\n  team: { from: [unit] }\n  unit: { from: [Tags.unit] }\n',
      `there is no column or earlier dimension unit${place(12)}docs/allocation.md lists what there is.`,
    ],
    [
      'an object as a whole',
      'dimensions: { team: { from: [Tags] } }\n',
      `Tags is not text${place(11)}Name one key of it, such as Tags.team.`,
    ],
    [
      'a number',
      'dimensions: { team: { from: [BilledCost] } }\n',
      `BilledCost is not text${place(11)}Use a column of text.`,
    ],
    [
      'a name that is a column',
      'dimensions: { source: { from: [Tags.team] } }\n',
      `source is a column already${place(11)}Give the dimension another name.`,
    ],
    [
      'a name that the engine uses',
      'dimensions: { target: { from: [Tags.team] } }\n',
      `target is a word of the allocation itself${place(11)}Give the dimension another name.`,
    ],
    [
      'one that may have any value as who pays',
      'dimensions: { team: { from: [Tags.team] } }\nassign:\n  - { id: A, when: true, to: { dimension: team } }\n',
      `the dimension team may have any value, so it cannot say who pays${place(13)}Give it allow: targets, or a list of values.`,
    ],
    [
      'an allowed value that is no target',
      'dimensions: { team: { from: [Tags.team], allow: [payments, cart] } }\nassign:\n  - { id: A, when: true, to: { dimension: team } }\n',
      'there is no target cart\n  where: file allocation.yaml, line 13, value "cart"\n  hint: There are payments, search, product, platform, legacy, spare.',
    ],
  ])
})

describe('validity', () => {
  check([
    [
      'that ends before it begins',
      `assign:\n  - { id: A, when: true, valid: { from: 2026-07-01, to: 2026-04-01 }, to: { pool: a } }\n`,
      `assign.0.valid: expected from to be before to${place(12)}docs/allocation.md shows every key and what it takes.`,
    ],
    [
      'that is no day',
      `assign:\n  - { id: A, when: true, valid: { from: 2026-02-30 }, to: { pool: a } }\n`,
      `assign.0.valid.from: expected a day such as 2026-04-01${place(12)}docs/allocation.md shows every key and what it takes.`,
    ],
    [
      'of one id that overlaps',
      `assign:\n  - { id: A, when: ${tax}, valid: { to: 2026-07-01 }, to: { pool: a } }\n  - { id: A, when: ${tax}, valid: { from: 2026-06-01 }, to: { pool: b } }\n`,
      `the rule A is there twice at one time: in line 12 until 2026-07-01 and in line 13 from 2026-06-01${place(13)}Give them dates that do not overlap, or different ids.`,
    ],
    [
      'of two splits of one pool that overlaps',
      'split:\n  - { id: S, pool: a, by: { even: all } }\n  - { id: T, pool: a, valid: { from: 2026-01-01 }, by: { even: all } }\n',
      `the pool a is split twice at one time: by S of line 12 and by T${place(13)}Give them dates that do not overlap, or make a second pool.`,
    ],
    [
      'beyond the end of a target',
      `assign:\n  - { id: A, when: ${tax}, to: { target: legacy } }\n`,
      `the rule A names the target legacy beyond its end on 2026-07-01${place(12)}End it with valid: { to: 2026-07-01 } and say who follows, or mend the target's dates.`,
    ],
    [
      'before the beginning of a target',
      `assign:\n  - { id: A, when: ${tax}, valid: { from: 2026-01-01 }, to: { target: spare } }\n`,
      `the rule A names the target spare before its beginning on 2026-04-01${place(12)}Begin it with valid: { from: 2026-04-01 }, or mend the target's dates.`,
    ],
    [
      'apart from that of a target',
      `split:\n  - { id: S, pool: a, valid: { from: 2026-08-01 }, by: { fixed: { legacy: 100 } } }\n`,
      `the split S names the target legacy outside its dates: it is there until 2026-07-01${place(12)}Mend the dates of one of them.`,
    ],
    [
      'of an owner that ends',
      'pools: { rest: { owner: legacy } }\n',
      `the pool rest names the target legacy beyond its end on 2026-07-01${place(11)}End it with valid: { to: 2026-07-01 } and say who follows, or mend the target's dates.`,
    ],
  ])
})

describe('pools and splits', () => {
  check([
    [
      'neither an owner nor a split',
      'pools: { rest: {} }\n',
      `the pool rest has no owner and nothing splits it${place(11)}Add owner: with a target.`,
    ],
    [
      'a split but no owner',
      'pools:\n  rest: { owner: platform }\n  a: { name: A }\nsplit:\n  - { id: S, pool: a, by: { even: all } }\n',
      `the pool a has no owner for what cannot be split${place(13)}Add owner: with a target.`,
    ],
    [
      'shares over 100 %',
      'split:\n  - { id: S, pool: a, by: { fixed: { payments: 60, search: 40.5 } } }\n',
      `the shares of the split S are 60 + 40.5 = 100.5 %${place(12)}They may add up to 100 at most; what is left below that rests with the owner of the pool.`,
    ],
    [
      'shares over 100 % by the last digit that counts',
      'split:\n  - { id: S, pool: a, by: { fixed: { payments: 60, search: "40.0000000000000001" } } }\n',
      `the shares of the split S are 60 + 40.0000000000000001 = 100.0000000000000001 %${place(12)}They may add up to 100 at most; what is left below that rests with the owner of the pool.`,
    ],
    [
      'a negative share',
      'split:\n  - { id: S, pool: a, by: { fixed: { payments: -5 } } }\n',
      `split.0.by.fixed.payments: expected a percentage such as 12.5, in quotes if it has more than 15 digits${place(12)}docs/allocation.md shows every key and what it takes.`,
    ],
    [
      'a share that a double cannot hold',
      'split:\n  - { id: S, pool: a, by: { fixed: { payments: 33.333333333333333333 } } }\n',
      `split.0.by.fixed.payments: expected a percentage such as 12.5, in quotes if it has more than 15 digits${place(12)}docs/allocation.md shows every key and what it takes.`,
    ],
    [
      'a receiver named twice',
      'split:\n  - { id: S, pool: a, by: { even: [search, payments, search] } }\n',
      `the split S names search twice${place(12)}Name each once.`,
    ],
    [
      'a cycle',
      'split:\n  - { id: S, pool: a, by: { fixed: { b: 10, search: 90 } } }\n  - { id: T, pool: b, by: { even: [c, payments] } }\n  - { id: U, pool: c, by: { fixed: { a: 50 } } }\n',
      `the pools give to each other in a circle: a → b → c → a${place(12)}Give each of their splits cycle: reciprocal, or cycle: { stepDown: 1 } and so on in order.`,
    ],
    [
      'a cycle through a driver',
      'drivers: { d: { files: d.csv, columns: { key: k, weight: w }, map: { shared: a } } }\nsplit:\n  - { id: S, pool: a, by: { driver: d } }\n',
      `the pools give to each other in a circle: a → a${place(13)}Give each of their splits cycle: reciprocal, or cycle: { stepDown: 1 } and so on in order.`,
      { 'd.csv': 'k,w\n' },
    ],
    [
      'a cycle solved in two ways',
      'split:\n  - { id: S, pool: a, cycle: reciprocal, by: { fixed: { b: 10 } } }\n  - { id: T, pool: b, cycle: { stepDown: 1 }, by: { fixed: { a: 10 } } }\n',
      `the circle a → b → a is reciprocal in one part and stepDown in another${place(12)}Write the same for all splits of the circle.`,
    ],
    [
      'two steps with one number',
      'split:\n  - { id: S, pool: a, cycle: { stepDown: 1 }, by: { fixed: { b: 10 } } }\n  - { id: T, pool: b, cycle: { stepDown: 1 }, by: { fixed: { a: 10 } } }\n',
      `two splits of the circle a → b → a have the same stepDown${place(12)}Number the splits of the circle 1, 2, 3 in the order they are closed.`,
    ],
    [
      'no way out',
      'split:\n  - { id: S, pool: a, cycle: reciprocal, by: { fixed: { b: 100 } } }\n  - { id: T, pool: b, cycle: reciprocal, by: { fixed: { a: 50, b: 50 } } }\n',
      `no money ever leaves the circle a → b → a${place(12)}Give a share of one of the pools to a target.`,
    ],
    [
      'no way out between pools alone',
      'split:\n  - { id: S, pool: a, cycle: reciprocal, by: { even: [b] } }\n  - { id: T, pool: b, cycle: reciprocal, by: { cost: BilledCost, basis: direct, over: [a] } }\n',
      `no money ever leaves the circle a → b → a${place(12)}Give a share of one of the pools to a target.`,
    ],
    [
      'cost that the split itself brings',
      'split:\n  - { id: S, pool: a, by: { cost: BilledCost, basis: direct+prior, over: [b, c] } }\n  - { id: T, pool: b, by: { fixed: { c: 50 } } }\n',
      `the split S weighs the pool c by cost that it brings there itself, through b${place(12)}Use basis: direct, or leave one of the pools out.`,
    ],
    [
      'days of a table without time',
      'drivers: { d: { files: d.csv, columns: { key: k, weight: w } } }\nsplit:\n  - { id: S, pool: a, grain: day, by: { driver: d } }\n',
      `the split S is by day, and the driver d has no time${place(13)}Name its column with the start of the day as columns: { at: … }, or leave grain out.`,
      { 'd.csv': 'k,w\n' },
    ],
    [
      'coverage of what has no days',
      'split:\n  - { id: S, pool: a, coverage: { least: 95 }, by: { even: all } }\n',
      `the split S has no hours or days to cover${place(12)}Coverage is the share of hours or days that a driver with a column at: knows of.`,
    ],
    [
      'coverage over 100 %',
      'drivers: { d: { files: d.csv, columns: { key: k, weight: w, at: t } } }\nsplit:\n  - { id: S, pool: a, coverage: { least: 101 }, by: { driver: d } }\n',
      `the coverage of 101 % is never reached${place(13)}Write 100 or less.`,
      { 'd.csv': 'k,w,t\n' },
    ],
  ])
})

describe('the form of the file', () => {
  const values = 'docs/allocation.md shows every key and what it takes.'
  check([
    [
      'an unknown key',
      'pool: {}\n',
      `there is no key "pool"${place(11)}Is it misspelt? docs/allocation.md lists every key.`,
    ],
    [
      'an unknown key of one way to split',
      'split:\n  - id: S\n    pool: a\n    by: { cost: BilledCost, basis: direct, ovr: all }\n',
      `there is no key "ovr" in split.0.by${place(14)}Is it misspelt? docs/allocation.md lists every key.`,
    ],
    [
      'no basis',
      'split:\n  - id: S\n    pool: a\n    by: { cost: BilledCost }\n',
      `split.0.by: expected fixed:, even:, cost:, usage: or driver:${place(14)}${values}`,
    ],
    [
      'no way to split',
      'split:\n  - id: S\n    pool: a\n    by: { headcount: all }\n',
      `split.0.by: expected fixed:, even:, cost:, usage: or driver:${place(14)}${values}`,
    ],
    [
      'nowhere to go',
      `assign:\n  - { id: A, when: true, to: { pol: a } }\n`,
      `assign.0.to: expected target:, pool: or dimension:${place(12)}${values}`,
    ],
    [
      'no condition',
      'assign:\n  - { id: A, to: { pool: a } }\n',
      `assign.0.when: expected a condition such as ChargeCategory = 'Tax'${place(12)}${values}`,
    ],
    [
      'a reason nobody knows',
      'pools: { rest: { owner: platform, reason: whatever } }\n',
      `pools.rest.reason: expected one of untagged, invalid_tag, no_rule, low_coverage, missing_telemetry, zero_weight, fixed_remainder, idle, system, unallocated, unused_commitment, informed_ignore${place(11)}${values}`,
    ],
    [
      'a dimension in capitals',
      'dimensions: { Team: { from: [Tags.team] } }\n',
      `dimensions.Team: expected a dimension of small letters, digits and underscores${place(11)}${values}`,
    ],
  ])
})
