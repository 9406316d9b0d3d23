import { expect, test } from 'vitest'
import { nothingTold, type ToldState } from '../../src/pipeline/notices/state.ts'
import { workOutNotices, type Facts } from '../../src/pipeline/notices/work-out.ts'
import type { RunRecord, UnitRecord } from '../../src/pipeline/state.ts'
import { publishedUnit } from './published-unit.ts'

const fine = { job: 'nightly', exitCode: 0, steps: [] }

/** What is told of published months, one state of them after another. */
function tellOf(states: readonly (readonly UnitRecord[])[], more: Partial<Facts> = {}) {
  let told: ToldState = nothingTold
  return states.map((units) => {
    const facts = { job: fine, run: undefined, freshness: [], restatedBy: '1', now: new Date('2026-11-21T06:00:00Z') }
    const result = workOutNotices({ ...facts, ...more, units }, told)
    told = result.told
    return result.notices
  })
}

const broken = (...rules: string[]) =>
  publishedUnit({
    checks: {
      rules: 3,
      failed: rules.map((rule) => ({ rule, rows: 7, text: `${rule} must hold`, samples: [] })),
      knownGaps: [],
      advisories: [],
    },
  })

test('published rows that break FOCUS rules are told by source, again when it is other rules, and when it is over', () => {
  const [none, first, same, other, over] = tellOf([
    [broken()],
    [broken('R-1')],
    [broken('R-1')],
    [broken('R-1', 'R-2')],
    [broken()],
  ])
  expect([none, same]).toEqual([[], []])
  expect(first?.[0]).toMatchObject({
    key: expect.stringMatching(/^check-failed-tiny-1-[0-9a-f]{12}$/) as string,
    kind: 'check-failed',
    incident: 'check-failed:tiny',
    title: 'tiny: published rows break 1 FOCUS rule',
    lines: ['2026-11: 7 rows break R-1: R-1 must hold'],
  })
  expect(other?.map(({ title }) => title)).toEqual(['tiny: published rows break 2 FOCUS rules'])
  expect(over?.map(({ kind, title }) => `${kind}: ${title}`)).toEqual([
    'run-recovered: tiny: the rows keep all FOCUS rules again',
  ])
})

test('a warning that a source has not been known for is told, whatever number of rows it counts', () => {
  const warned = (...warnings: string[]) => [publishedUnit({ warnings })]
  const [first, counted, fresh] = tellOf([
    warned('4 rows: service not in the table: Support'),
    warned('5 rows: service not in the table: Support', '3 rows break R-1'),
    warned('5 rows: service not in the table: Support', '1 row: credit of an unknown type: NEW'),
  ])
  // What is there when a source is looked at for the first time is known.
  expect([first, counted]).toEqual([[], []])
  expect(fresh?.map(({ kind, lines }) => [kind, ...lines])).toEqual([
    ['unknown-value', 'credit of an unknown type: NEW'],
  ])
})

test('a limit of the allocation rules that was passed is told in numbers', () => {
  const run: RunRecord = {
    runId: 'r1',
    startedAt: '2026-11-21T05:00:00Z',
    seconds: 1,
    outcome: 'done',
    units: [],
    failedSources: [],
    allocation: {
      file: 'allocation.yaml',
      months: [],
      warnings: [],
      breaches: [{ period: '2026-10', currency: 'USD', severity: 'fail', percent: '12.50', limit: '10' }],
    },
  }
  const job = { job: 'nightly', exitCode: 4, steps: [{ command: 'focal run', exitCode: 4 }] }
  const [notices] = tellOf([[]], { job, run })
  expect(notices?.map(({ title, lines }) => [title, ...lines])).toEqual([
    [
      'nightly: a check did not hold',
      '2026-10: 12.50 % of the USD cost is unallocated, the rules allow 10 %',
      'focal run says so (exit code 4)',
    ],
  ])
})

test('keys are names of files, whatever the names of jobs and sources are', () => {
  const job = { job: 'a/../b:c', exitCode: 1, steps: [{ command: 'focal run', exitCode: 1 }] }
  const [notices] = tellOf([[]], { job })
  expect(notices?.[0]?.key).toMatch(/^run-failed-a-..-b-c-1-[0-9a-f]{12}$/)
})
