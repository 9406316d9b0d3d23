import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSession, quoteText } from '../../src/core/duckdb.ts'
import { columnDefinitions, schemaId } from '../../src/core/focus-structure.ts'
import { focusVersions } from '../../src/core/focus.ts'
import { focal } from './focal.ts'

const input = fileURLToPath(new URL('../cases/focus/several-months-in-one-file/input', import.meta.url))
let folder = ''

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'focal-export-'))
  mkdirSync(path.join(folder, 'bills'))
  cpSync(input, path.join(folder, 'bills'), { recursive: true })
  const source = '  - { name: nimbus, connector: focus, location: ./bills }'
  writeFileSync(path.join(folder, 'focal.yaml'), `lake: ./lake\nfocusVersion: "1.2"\nsources:\n${source}\n`)
  const { code } = await focal(folder, ['run'])
  expect(code).toBe(0)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const read = (name: string) => readFileSync(path.join(folder, name), 'utf8')

/** Key → value of a Parquet file's own metadata. */
async function about(file: string): Promise<Record<string, string>> {
  const session = await openSession({ memoryLimit: '256MB', threads: 1, tempDirectory: path.join(folder, 'spill') })
  try {
    const rows = await session.rows<{ key: string; value: string }>(
      `SELECT decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata(${quoteText(path.join(folder, file))})`,
    )
    return Object.fromEntries(rows.map(({ key, value }) => [key, value]))
  } finally {
    session.close()
  }
}

test('export writes one file for each month in the version asked for, and says what the version lacks', async () => {
  const { code, out, err } = await focal(folder, [
    'export',
    '--focus-version',
    '1.4',
    '--format',
    'csv',
    '--period',
    '2025-02',
    '--output',
    'february',
  ])
  expect(code).toBe(0)
  expect(out).toContain('billing_period=2025-02/source=nimbus/focus.csv')
  expect(err).toContain('FOCUS 1.4: left out, since the version does not have them: ProviderName, PublisherName\n')
  expect(existsSync(path.join(folder, 'february/billing_period=2025-01'))).toBe(false)
  const [header = '', ...rows] = read('february/billing_period=2025-02/source=nimbus/focus.csv').trim().split('\n')
  expect(header.split(',').slice(0, 65)).toEqual(
    columnDefinitions('1.4')
      .slice(0, 65)
      .map(({ ColumnName }) => ColumnName),
  )
  expect(rows.length).toBe(2)
  expect(rows[0]).toContain('2025-02-03T00:00:00Z')
})

test('query shows the lake in another version', async () => {
  const sql = 'SELECT DISTINCT ServiceProviderName, HostProviderName FROM focus'
  const { out } = await focal(folder, ['query', '--focus-version', '1.4', '--format', 'csv', sql])
  expect(out).toBe('ServiceProviderName,HostProviderName\nNimbus Data,Nimbus Data\n')
  const { code, err } = await focal(folder, ['query', '--focus-version', '1.5', sql])
  expect({ code, err }).toEqual({
    code: 2,
    err: 'error: FOCUS 1.5 is not a version that focal knows\n  hint: Use one of 1.0, 1.1, 1.2, 1.3, 1.4.\n',
  })
})

test('export of months that nobody published says where to look', async () => {
  const { code, err } = await focal(folder, ['export', '--period', '2020-01'])
  expect({ code, err }).toEqual({
    code: 2,
    err: 'error: nothing is published of these sources and billing periods\n  hint: `focal status` lists what is.\n',
  })
})

test('the lake has FOCUS metadata that its files name, and a second run leaves it as it is', async () => {
  const schema = `lake/metadata/focus/schema-${schemaId('1.2')}.json`
  const files = [schema, 'lake/metadata/focus/dataset.json']
  const before = files.map(read)
  const [{ FocusVersion, ColumnDefinition }] = (JSON.parse(before[0] ?? '') as { Schema: [Record<string, unknown>] })
    .Schema
  expect({ FocusVersion, ColumnDefinition }).toEqual({
    FocusVersion: '1.2',
    ColumnDefinition: columnDefinitions('1.2'),
  })
  const { Recency } = JSON.parse(before[1] ?? '') as { Recency: [{ TimeSectors: Record<string, unknown>[] }] }
  expect(Recency[0].TimeSectors.map((sector) => [sector['TimeSectorStart'], sector['TimeSectorComplete']])).toEqual([
    ['2025-01-01T00:00:00Z', true],
    ['2025-02-01T00:00:00Z', true],
  ])
  const kept = await about('lake/focus/billing_period=2025-01/source=nimbus/focus.parquet')
  expect(kept).toMatchObject({ focus_version: '1.2', focus_schema_id: schemaId('1.2') })
  await focal(folder, ['run'])
  expect(files.map(read)).toEqual(before)
})

test('an export can be read as a source again', async () => {
  await focal(folder, ['export', '--focus-version', '1.4', '--output', 'again'])
  const file = 'again/billing_period=2025-01/source=nimbus/focus.parquet'
  expect(await about(file)).toEqual({ focus_version: '1.4', focus_schema_id: schemaId('1.4') })
  const source = '  - { name: again, connector: focus, location: ./again }'
  writeFileSync(path.join(folder, 'again.yaml'), `lake: ./lake-again\nfocusVersion: "1.2"\nsources:\n${source}\n`)
  const { code } = await focal(folder, ['run', '--config', 'again.yaml'])
  expect(code).toBe(0)
  const sql = 'SELECT sum(BilledCost) AS billed, count(*) AS n FROM focus'
  const sums = await Promise.all(
    ['focal.yaml', 'again.yaml'].map((config) => focal(folder, ['query', '--config', config, '--format', 'csv', sql])),
  )
  expect(sums.map(({ out }) => out)).toEqual(Array.from({ length: 2 }, () => 'billed,n\n15.235000800000000000,5\n'))
})

test('every version has a schema id of its own, as a GUID', () => {
  const ids = focusVersions.map((version) => schemaId(version))
  expect(new Set(ids).size).toBe(focusVersions.length)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})
