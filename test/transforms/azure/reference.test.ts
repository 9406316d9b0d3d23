import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSession, quoteIdentifier, quoteText, type Session } from '../../../src/core/duckdb.ts'
import { focusSchema } from '../../../src/core/focus.ts'

const folder = path.resolve(import.meta.dirname, '../../../src/transforms/azure')

/** Each reference table with its key columns. */
const tables = {
  services: ['consumed_service', 'resource_type'],
  'meter-categories': ['meter_category'],
  regions: ['location'],
  units: ['unit_of_measure'],
  'resource-types': ['resource_type'],
  vocabulary: ['field', 'written'],
}

let session: Session
let spill: string

beforeAll(async () => {
  spill = mkdtempSync(path.join(tmpdir(), 'focal-reference-'))
  session = await openSession({ memoryLimit: '512MB', threads: 1, tempDirectory: spill })
  const files = [
    ...Object.keys(tables).map((name) => [name, `reference/${name}.csv`] as const),
    ['row-plan', 'row-plan.csv'] as const,
  ]
  for (const [name, file] of files) {
    await session.run(
      `CREATE TABLE ${quoteIdentifier(name.replaceAll('-', '_'))} AS FROM read_csv(${quoteText(path.join(folder, file))}, header = true, all_varchar = true, delim = ',', quote = '"')`,
    )
  }
})

afterAll(() => {
  session.close()
  rmSync(spill, { recursive: true, force: true })
})

async function values(sql: string): Promise<string[]> {
  return (await session.rows<{ value: string }>(sql)).map(({ value }) => value)
}

test('every table in the folder is tested', () => {
  const files = readdirSync(path.join(folder, 'reference')).filter((name) => name.endsWith('.csv'))
  expect(files.toSorted()).toEqual(
    Object.keys(tables)
      .map((name) => `${name}.csv`)
      .toSorted(),
  )
})

describe.each(Object.entries(tables))('%s', (name, key) => {
  const table = quoteIdentifier(name.replaceAll('-', '_'))

  test('has each key once, in order, as it is looked up', async () => {
    const keys = await values(`SELECT concat_ws(' ', ${key.join(', ')}) AS value FROM ${table}`)
    expect(keys.length).toBeGreaterThan(10)
    expect(keys).toEqual([...new Set(keys)].toSorted())
    expect(keys.filter((one) => one !== one.toLowerCase())).toEqual([])
  })

  test('has no blank and no stray space', async () => {
    const blanks = await values(
      `UNPIVOT (SELECT coalesce(COLUMNS(*), '') FROM ${table}) ON COLUMNS(*) INTO NAME name VALUE value`,
    )
    expect(blanks.filter((value) => value !== value.trim() || value === '')).toEqual([])
  })
})

test('services stand under an allowed category, one for each name', async () => {
  const parents = focusSchema('1.2').columns.find(({ id }) => id === 'ServiceSubcategory')?.parents?.of ?? {}
  const rows = await session.rows<{ service_name: string; service_category: string; service_subcategory: string }>(
    'SELECT DISTINCT service_name, service_category, service_subcategory FROM services',
  )
  expect(rows.filter((row) => parents[row.service_subcategory] !== row.service_category)).toEqual([])
  expect(rows).toHaveLength(new Set(rows.map((row) => row.service_name)).size)
})

test('a meter category names a service that is there', async () => {
  expect(
    await values('SELECT service_name AS value FROM meter_categories ANTI JOIN services USING (service_name)'),
  ).toEqual([])
})

test('a region has one name', async () => {
  expect(
    await values('SELECT region_id AS value FROM regions GROUP BY region_id HAVING count(DISTINCT region_name) > 1'),
  ).toEqual([])
})

test('a block is a whole number of units', async () => {
  expect(
    await values("SELECT block_size AS value FROM units WHERE NOT regexp_matches(block_size, '^[1-9][0-9]*$')"),
  ).toEqual([])
})

test('the row plan keeps to what FOCUS allows', async () => {
  expect(
    await values(`SELECT plan_class AS value FROM row_plan WHERE outcome = 'kept' AND (
      charge_category NOT IN ('Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment')
      OR charge_frequency NOT IN ('One-Time', 'Recurring', 'Usage-Based')
      OR (charge_category = 'Purchase' AND charge_frequency = 'Usage-Based')
      OR (plan_class LIKE 'commitment%' AND effective <> 'zero')
      OR (commitment_status IS NOT NULL AND billed <> 'zero'))`),
  ).toEqual([])
})
