import { expect, test } from 'vitest'
import type { RunEvent } from '../../src/pipeline/events.ts'
import { recordTimeline } from '../../src/telemetry/timeline.ts'
import { publishedUnit } from '../pipeline/published-unit.ts'

const start = Date.parse('2026-11-21T05:00:00Z')

test('of units that are made at the same time each has its own stages, and waiting for the engine is none', () => {
  let clock = start
  const { report, timeline } = recordTimeline(() => new Date(clock))
  const at = (seconds: number, event: RunEvent) => {
    clock = start + seconds * 1000
    report(event)
  }
  const small = { source: 'tiny', period: '2026-11' }
  const large = { source: 'large', period: '2026-11' }
  const record = publishedUnit({ source: 'large', period: '2026-11' })
  at(0, { type: 'run-started', runId: 'r1' })
  at(1, { type: 'unit-planned', ...large, action: 'publish', reason: 'new' })
  at(2, { type: 'unit-bytes', ...large, bytes: 5, total: 5 })
  at(3, { type: 'unit-step', ...large, step: 'fetched' })
  at(3, { type: 'unit-begun', ...large })
  at(4, { type: 'unit-planned', ...small, action: 'publish', reason: 'new' })
  at(5, { type: 'unit-bytes', ...small, bytes: 7, total: 7 })
  at(6, { type: 'unit-step', ...small, step: 'fetched' })
  at(7, { type: 'unit-step', ...large, step: 'staged' })
  at(8, { type: 'unit-step', ...large, step: 'written' })
  at(9, { type: 'unit-begun', ...small })
  at(10, { type: 'unit-failed', ...small, error: new Error('gone') })
  at(11, { type: 'unit-step', ...large, step: 'checked' })
  at(12, { type: 'unit-step', ...large, step: 'recorded' })
  at(12, { type: 'unit-published', record })
  const seconds = (time: number) => (time - start) / 1000
  const { units } = timeline()
  expect(
    units.map(({ source, result, bytes, startedAt, endedAt }) => [
      source,
      result,
      bytes,
      seconds(startedAt),
      seconds(endedAt),
    ]),
  ).toEqual([
    ['large', 'published', 5, 1, 12],
    ['tiny', 'failed', 7, 4, 10],
  ])
  expect(units[0]?.record).toBe(record)
  expect(
    units.map(({ stages }) =>
      stages.map(({ name, startedAt, endedAt }) => [name, seconds(startedAt), seconds(endedAt)]),
    ),
  ).toEqual([
    [
      ['fetch', 1, 3],
      ['stage', 3, 7],
      ['normalise', 7, 8],
      ['check', 8, 11],
      ['publish', 11, 12],
    ],
    [['fetch', 4, 6]],
  ])
})

test('a stage begins when the engine had room, not when the files were there', () => {
  let clock = start
  const { report, timeline } = recordTimeline(() => new Date(clock))
  const unit = { source: 'tiny', period: '2026-11' }
  for (const [seconds, event] of [
    [0, { type: 'unit-planned', ...unit, action: 'publish', reason: 'new' }],
    [1, { type: 'unit-step', ...unit, step: 'fetched' }],
    [60, { type: 'unit-begun', ...unit }],
    [61, { type: 'unit-step', ...unit, step: 'staged' }],
    [62, { type: 'unit-failed', ...unit, error: new Error('gone') }],
  ] satisfies [number, RunEvent][]) {
    clock = start + seconds * 1000
    report(event)
  }
  expect(timeline().units[0]?.stages).toEqual([
    { name: 'fetch', startedAt: start, endedAt: start + 1000 },
    { name: 'stage', startedAt: start + 60_000, endedAt: start + 61_000 },
  ])
})
