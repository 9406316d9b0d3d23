import { readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSession, quoteIdentifier, quoteText, type Session } from '../../../src/core/duckdb.ts'
import { focusSchema } from '../../../src/core/focus.ts'
import { readBeside } from '../../../src/core/sql.ts'

const directory = fileURLToPath(new URL('../../../src/transforms/gcp/reference/', import.meta.url))
/** Each table and what is unique in it. */
const tables: Record<string, readonly string[]> = {
  'adjustment-types': ['adjustment_type'],
  'credit-placements': ['credit_type', 'credit_name'],
  'fee-skus': ['service_pattern', 'sku_pattern'],
  regions: ['region_id'],
  'resource-types': ['resource_key'],
  services: ['service_name'],
  units: ['source_unit'],
}

let session: Session
beforeAll(async () => {
  session = await openSession({ memoryLimit: '256MB', threads: 1, tempDirectory: path.join(directory, 'spill') })
  for (const name of Object.keys(tables)) {
    const file = quoteText(path.join(directory, `${name}.csv`))
    await session.run(
      `CREATE TABLE ${quoteIdentifier(name)} AS FROM read_csv(${file}, header = true, all_varchar = true)`,
    )
  }
})
afterAll(() => session.close())

const values = async (sql: string) => (await session.table(sql)).rows.map(([cell]) => String(cell))

test('every table is listed here', () => {
  const files = readdirSync(directory).filter((name) => name.endsWith('.csv'))
  expect(files.toSorted()).toEqual(
    Object.keys(tables)
      .map((name) => `${name}.csv`)
      .toSorted(),
  )
})

describe.each(Object.entries(tables))('%s', (name, key) => {
  test('has each key once, in order', async () => {
    const keys = await values(`SELECT concat_ws(' ', ${key.join(', ')}) FROM ${quoteIdentifier(name)}`)
    expect(keys.length).toBeGreaterThan(5)
    expect(keys).toEqual([...new Set(keys)].toSorted())
  })

  test('has no stray blank', async () => {
    const cells = await values(
      `UNPIVOT (SELECT coalesce(COLUMNS(*), 'none') FROM ${quoteIdentifier(name)}) ON COLUMNS(*) INTO NAME name VALUE value`,
    )
    expect(cells.filter((cell) => cell !== cell.trim())).toEqual([])
  })
})

test('services have allowed subcategories under their own parent', async () => {
  const parents = focusSchema('1.2').columns.find(({ id }) => id === 'ServiceSubcategory')?.parents?.of ?? {}
  const rows = await session.rows<{ service: string; category: string; subcategory: string }>(
    'SELECT service_name AS service, service_category AS category, service_subcategory AS subcategory FROM services',
  )
  expect(rows.length).toBeGreaterThan(150)
  expect(rows.filter(({ category, subcategory }) => parents[subcategory] !== category)).toEqual([])
})

test('what a row may become is in the row plan, and nothing else', async () => {
  const plan = readBeside(new URL(`file://${directory}../`), 'row-plan.csv')
  const classes = new Set(
    plan
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',')[0]),
  )
  const used = readBeside(new URL(`file://${directory}../`), 'focus.sql').matchAll(/THEN '([a-z_]+)'\n/g)
  const named = [...used].map(([, name]) => name).filter((name) => name !== 'Other')
  const adjustments = await values('SELECT DISTINCT plan_class FROM "adjustment-types"')
  expect([...new Set([...named, ...adjustments])].filter((name) => name !== undefined && !classes.has(name))).toEqual(
    [],
  )
})

test('focus.sql keeps to the portable subset', () => {
  const sql = readBeside(new URL(`file://${directory}../`), 'focus.sql').replaceAll(/--[^\n]*|'(?:[^']|'')*'/g, ' ')
  const banned =
    /\b(QUALIFY|EXCLUDE|TRY_CAST|GROUP BY ALL|COLUMNS)\b|\b(unnest|getvariable|list_\w+|map_\w+|struct_\w+)\s*\(|::|->|\[|\{/gi
  expect([...sql.matchAll(banned)].map(([found]) => found)).toEqual([])
})
