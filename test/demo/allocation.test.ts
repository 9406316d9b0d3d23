import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { writeAllocationRules } from '../../src/demo/allocation/write-rules.ts'
import { loadRuleSet } from '../../src/transforms/allocation/rules.ts'
import { hashes } from '../pipeline/workbench.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'

const months = ['2026-09', '2026-10']

test('the rules are rules: every rule can act, and the file is the same each time', async () => {
  const [folder, again] = [temporaryFolder(), temporaryFolder()]
  await writeAllocationRules(folder, months)
  await writeAllocationRules(again, months)
  expect(hashes(again)).toEqual(hashes(folder))
  const { warnings, targets, pools, splits } = await loadRuleSet(path.join(folder, 'allocation.yaml'), {})
  expect(warnings).toEqual([])
  expect(targets.map(({ id }) => id)).toEqual([
    'engineering',
    'payments',
    'search',
    'data',
    'platform',
    'security',
    'finance',
  ])
  // Whatever waits in a pool is split, but for what nobody has claimed.
  const split = new Set(splits.map(({ pool }) => pool))
  expect(pools.map(({ id }) => id).filter((id) => !split.has(id))).toEqual(['unallocated'])
})

test('the telemetry covers each day of the months, but one on which it was lost', async () => {
  const folder = temporaryFolder()
  await writeAllocationRules(folder, months)
  const lines = readFileSync(path.join(folder, 'telemetry/db-queries.csv'), 'utf8').trimEnd().split('\n')
  expect(lines[0]).toBe('day,team,queries')
  expect(new Set(lines.slice(1).map((line) => line.split(',')[0])).size).toBe(30 + 31 - 1)
  expect(lines.some((line) => line.startsWith('2026-10-18'))).toBe(false)
  const cluster = JSON.parse(readFileSync(path.join(folder, 'telemetry/opencost/2026-10.json'), 'utf8')) as {
    data: object[]
  }
  expect(cluster.data.length).toBe(31)
})
