import { describe, expect, test } from 'vitest'
import { choosePeriods, decide, type UnitFacts } from '../../src/pipeline/plan.ts'
import type { UnitRecord } from '../../src/pipeline/state.ts'

const delivery = { period: '2026-10', id: 'd1', fingerprint: 'f1', layout: '', files: [] }
const record: UnitRecord = {
  source: 'main',
  period: '2026-10',
  version: 4,
  focusVersion: '1.2',
  delivery,
  transform: 't1',
  partition: { path: '', bytes: 0, sha256: '' },
  rows: 0,
  totals: [],
  accounting: [],
  controls: [],
  checks: { rules: 0, failed: [], knownGaps: [], advisories: [] },
  warnings: [],
  status: 'open',
  runId: '',
  publishedAt: '',
  seconds: 0,
  superseded: [],
}
const settled: UnitFacts = { delivery, published: record, partition: 'as published', transform: 't1', full: false }

describe('what becomes of a unit', () => {
  const incomplete = { ...delivery, waiting: 'not complete: no file yet' }
  const newer = { ...delivery, id: 'd2', fingerprint: 'f2' }
  test.each<[string, Partial<UnitFacts>, string, string]>([
    ['nothing is new', {}, 'up to date', 'delivery d1, version 4'],
    ['the delivery is under way', { delivery: incomplete, full: true }, 'wait', 'not complete: no file yet'],
    ['nothing is published', { published: undefined, partition: 'missing' }, 'publish', 'first delivery d1'],
    ['it is delivered anew', { delivery: newer }, 'publish', 'new delivery d2 replaces d1'],
    ['it is asked for', { full: true }, 'publish', 'asked for again (--full)'],
    [
      'a run died at it',
      { published: { ...record, publishing: 5 } },
      'publish',
      'a run died while it put version 5 in place',
    ],
    ['its file is gone', { partition: 'missing' }, 'publish', 'its partition is missing from the lake'],
    [
      'its file is another',
      { partition: 'another file' },
      'publish',
      'its partition is not the file that was published',
    ],
    ['the SQL is another', { transform: 't2' }, 'publish', 'focal or its settings have changed'],
  ])('when %s', (_name, facts, action, reason) => {
    expect(decide({ ...settled, ...facts })).toEqual({ action, reason })
  })
})

describe('which months are looked at', () => {
  const all = ['2026-07', '2026-08', '2026-09', '2026-10']

  test('the newest ones', () => {
    expect(choosePeriods(all, undefined, 2, [])).toEqual(['2026-09', '2026-10'])
    expect(choosePeriods(all.toReversed(), undefined, 2, [])).toEqual(['2026-09', '2026-10'])
    expect(choosePeriods(all, undefined, 12, [])).toEqual(all)
  })

  test('and outdated ones that the export still holds', () => {
    expect(choosePeriods(all, undefined, 2, ['2026-06', '2026-07', '2026-10'])).toEqual([
      '2026-07',
      '2026-09',
      '2026-10',
    ])
  })

  test('or those of a range, whatever else there is', () => {
    expect(choosePeriods(all, { from: '2026-08', to: '2026-09' }, 1, ['2026-07'])).toEqual(['2026-08', '2026-09'])
  })
})
