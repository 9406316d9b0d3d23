import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { Measured } from '../../src/telemetry/measures.ts'
import { prometheusText, writeMetricsFile } from '../../src/telemetry/prometheus.ts'
import { recordTimeline } from '../../src/telemetry/timeline.ts'
import { publishedUnit } from '../pipeline/published-unit.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'

const unit = publishedUnit({
  checks: { rules: 9, failed: [{ rule: 'R-1', rows: 3, text: 'must', samples: [] }], knownGaps: [], advisories: [] },
})
const tiny = { source: 'tiny', period: '2026-11' }

/** A run that publishes one month and cannot look at another source, two seconds for each thing it tells. */
function measured(): Measured {
  let clock = Date.parse('2026-11-21T05:00:00Z')
  const { report, timeline } = recordTimeline(() => new Date((clock += 2000)))
  report({ type: 'run-started', runId: 'r1' })
  report({ type: 'unit-planned', ...tiny, action: 'publish', reason: 'new' })
  report({ type: 'unit-bytes', ...tiny, bytes: 1234, total: 1234 })
  for (const step of ['fetched', 'staged', 'written', 'checked', 'kept', 'put in place', 'recorded'] as const)
    report({ type: 'unit-step', ...tiny, step })
  report({ type: 'unit-published', record: unit })
  report({ type: 'unit-planned', source: 'tiny', period: '2026-10', action: 'up to date', reason: 'd1' })
  report({ type: 'source-failed', source: 'away "b"\\', error: new Error('gone') })
  return {
    timeline: timeline(),
    outcome: 'some failed',
    units: [unit],
    freshness: [
      {
        source: 'away "b"\\',
        dataUntil: '2026-11-18T00:00:00.000Z',
        ageHours: 77,
        limitHours: 72,
        learnedFrom: 0,
        stale: true,
      },
    ],
  }
}

test('the file says everything that an alert needs', () => {
  const lines = prometheusText(measured())
    .split('\n')
    .filter((line) => !line.startsWith('#'))
  expect(lines).toEqual([
    'focal_last_run_timestamp_seconds 1795237226',
    'focal_last_run_success 0',
    'focal_last_run_seconds 24',
    'focal_last_run_units{result="published"} 1',
    'focal_last_run_units{result="up to date"} 1',
    'focal_last_run_units{result="waiting"} 0',
    'focal_last_run_units{result="failed"} 0',
    'focal_last_run_failed_sources 1',
    'focal_last_run_stage_seconds{source="tiny",period="2026-11",stage="fetch"} 2',
    'focal_last_run_stage_seconds{source="tiny",period="2026-11",stage="stage"} 2',
    'focal_last_run_stage_seconds{source="tiny",period="2026-11",stage="normalise"} 2',
    'focal_last_run_stage_seconds{source="tiny",period="2026-11",stage="check"} 2',
    'focal_last_run_stage_seconds{source="tiny",period="2026-11",stage="publish"} 6',
    'focal_last_run_fetched_bytes{source="tiny",period="2026-11"} 1234',
    'focal_published_rows{source="tiny",period="2026-11"} 2',
    'focal_source_data_timestamp_seconds{source="away \\"b\\"\\\\"} 1794960000',
    'focal_source_data_limit_seconds{source="away \\"b\\"\\\\"} 259200',
    'focal_source_stale{source="away \\"b\\"\\\\"} 1',
    'focal_checks_failed{source="tiny"} 1',
    '',
  ])
})

test('each metric has its help and type once, before its samples', () => {
  const text = prometheusText(measured())
  const names = [...text.matchAll(/^# TYPE (\w+) gauge$/gm)].map(([, name]) => name)
  expect(new Set(names).size).toBe(names.length)
  for (const name of names) expect(text).toMatch(new RegExp(`# HELP ${name} .+\\n# TYPE ${name} gauge\\n${name}[{ ]`))
})

test('the file is replaced whole, and the collector sees no other', async () => {
  const folder = path.join(temporaryFolder(), 'node_exporter')
  mkdirSync(folder)
  const file = path.join(folder, 'focal.prom')
  for (let time = 0; time < 2; time += 1) await writeMetricsFile(file, measured())
  expect(readdirSync(folder)).toEqual(['focal.prom'])
  expect(readFileSync(file, 'utf8')).toBe(prometheusText(measured()))
})
