import { expect, test } from 'vitest'
import { barReporter } from '../../src/commands/reporter.ts'
import type { RunEvent } from '../../src/pipeline/events.ts'
import type { UnitRecord } from '../../src/pipeline/state.ts'

/** What a terminal shows after each event: the lines that stay, and the bar below them. */
function terminal(columns: number) {
  let shown = ''
  const report = barReporter({ isTTY: true, columns, write: (text: string) => (shown += text) })
  return (event: RunEvent): string => {
    report(event)
    // What a carriage return and an erasure leave of each line.
    const lines = shown.split('\n').map((line) => line.split('\r\u001B[2K').at(-1))
    return lines.join('\n')
  }
}

const september = { source: 'aws-main', period: '2026-09' }
const october = { source: 'aws-main', period: '2026-10' }
const published: RunEvent = {
  type: 'unit-published',
  record: {
    ...september,
    version: 2,
    rows: 1234,
    totals: [
      { currency: 'USD', rows: 1234, billedCost: '5.5', effectiveCost: '5', listCost: '6', contractedCost: '5' },
    ],
    warnings: [],
  } as unknown as UnitRecord,
}

test('the bar is of the unit that is furthest, and goes when none is at work', () => {
  const show = terminal(80)
  expect(show({ type: 'unit-bytes', ...september, bytes: 30, total: 40 })).toBe(
    'aws-main 2026-09  █████████████░░░░░░░░░░░░░░░░░░░░░ 38% fetching',
  )
  show({ type: 'unit-step', ...september, step: 'fetched' })
  expect(show({ type: 'unit-step', ...september, step: 'staged' })).toBe(
    'aws-main 2026-09  ██████████████████████░░░░░░░░░░░░ 65% writing',
  )
  expect(show({ type: 'unit-bytes', ...october, bytes: 0, total: 0 })).toBe(
    'aws-main 2026-09  ██████████████████████░░░░░░░░░░░░ 65% writing, and 1 more',
  )
  const line = 'aws-main 2026-09  published version 2: 1,234 rows, 5.50 USD billed\n'
  expect(show(published)).toBe(`${line}aws-main 2026-10  ${'░'.repeat(34)} 0% fetching`)
  const failed = show({ type: 'unit-failed', ...october, error: new Error('no space left') })
  expect(failed).toBe(`${line}aws-main 2026-10  failed: no space left\n`)
})

test('the bar is shorter on a narrow terminal, and nothing is drawn for what moves nothing', () => {
  const show = terminal(50)
  expect(show({ type: 'run-started', runId: 'r1' })).toBe('')
  expect(show({ type: 'unit-step', ...september, step: 'written' })).toBe('aws-main 2026-09  █████████░ 85% checking')
})
