import { expect, test } from 'vitest'
import { newRunId } from '../../src/commands/run-id.ts'

test('run ids sort by time, also within a second: the last one is the newest run', () => {
  const times = ['2026-11-21T06:05:00.009Z', '2026-11-21T06:05:00.010Z', '2026-11-21T06:05:01.000Z']
  const ids = times.map((time) => newRunId(new Date(time)))
  expect(ids.toSorted()).toEqual(ids)
  expect(ids[0]).toMatch(/^20261121T060500009Z-[0-9a-f]{4}$/)
})
