import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { transforms } from '../../src/transforms/index.ts'
import { trace } from '../../src/transforms/lineage.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'

/** A transform's folder, and how `EffectiveCost` comes about in it: `name (file): expression`. */
function traced(files: Record<string, string>): string[] {
  const folder = temporaryFolder()
  for (const [name, sql] of Object.entries(files)) writeFileSync(path.join(folder, name), sql)
  const found = trace(pathToFileURL(`${folder}/`), 'EffectiveCost')
  return found.map(({ name, file, expression }) => `${name} (${file}): ${expression}`)
}

test('a column is followed through every file that makes one, nearest first', () => {
  const files = {
    'stage.sql': 'SELECT amount_of(cost) AS cost FROM raw',
    'shares.sql': 'SELECT cost * share AS used FROM stage JOIN fees',
    'controls.sql': 'SELECT sum(cost) AS used FROM focus',
    'diagnose.sql': 'SELECT 1 AS cost FROM raw',
    'macros.sql': 'CREATE MACRO amount_of(x) AS (SELECT x AS cost FROM t)',
    'focus.sql': 'SELECT coalesce(used, 0) AS EffectiveCost FROM charges',
  }
  expect(traced(files)).toEqual([
    'EffectiveCost (focus.sql): coalesce(used, 0)',
    'used (shares.sql): cost * share',
    'cost (stage.sql): amount_of(cost)',
  ])
})

test("the provider's own FOCUS export is another way, which does not mix with the first", () => {
  const files = {
    'focus-export-stage.sql': 'SELECT amount_of(EffectiveCost) AS cost FROM raw',
    'focus-export.sql': 'SELECT cost AS EffectiveCost FROM stage',
    'focus.sql': 'SELECT cost AS EffectiveCost FROM charges',
    'stage.sql': 'SELECT used AS cost FROM raw',
  }
  expect(traced(files)).toEqual([
    'EffectiveCost (focus.sql): cost',
    'cost (stage.sql): used',
    'EffectiveCost (focus-export.sql): cost',
    'cost (focus-export-stage.sql): amount_of(EffectiveCost)',
  ])
})

test.each(['aws', 'azure', 'gcp'])('%s: what makes BilledCost is found', async (name) => {
  const transform = await transforms[name]?.load()
  const found = transform === undefined ? [] : trace(transform.directory, 'BilledCost')
  expect(found.length).toBeGreaterThan(0)
})

test('Google Cloud: an effective cost comes out of the commitments', async () => {
  const transform = await transforms['gcp']?.load()
  const found = transform === undefined ? [] : trace(transform.directory, 'EffectiveCost')
  expect(found.map(({ name, file }) => `${name} (${file})`)).toContain('used_part (commitments.sql)')
})
