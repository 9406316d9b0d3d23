import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { rowsAsCsv, testLake } from '../../cases/lake.ts'
import { temporaryFolder } from '../../stores/temporary-folder.ts'
import { tableId } from './bigquery/bench.ts'
import { startFakeBigQuery } from './bigquery/fake-bigquery.ts'
import { loadLines } from './bigquery/load-lines.ts'

/** An hour of a commitment `sub-42` that was used in part. */
const bill = path.resolve('test/cases/gcp/spend-commitment-newer-model/input/export.json')

const snapshot = (display_name: string, end_time: string) =>
  `${JSON.stringify({ billing_account_id: 'A', subscription: { instance_id: 'sub-42', display_name }, term: 'P1Y', end_time, state: 'Active' })}\n`

const columns = ['x_SplitReason', 'CommitmentDiscountId', 'CommitmentDiscountName']
const named = (name: string) =>
  `${[columns.join(','), `,sub-42,${name}`, `purchase,sub-42,${name}`, `unused,sub-42,${name}`].join('\n')}\n`

test('a folder of commitment metadata names the commitments; a new name makes a new delivery', async () => {
  const folder = temporaryFolder()
  mkdirSync(path.join(folder, 'bill'))
  mkdirSync(path.join(folder, 'cuds'))
  cpSync(bill, path.join(folder, 'bill', 'export.json'))
  const write = (name: string, end: string) =>
    writeFileSync(path.join(folder, 'cuds', `${end.slice(0, 4)}.json`), snapshot(name, end))
  write('Flexible, first year', '2026-01-01 00:00:00 UTC')
  const lake = testLake(folder)
  const sources = [{ name: 'bill', connector: 'gcp', options: { location: './bill', commitments: './cuds' } }]
  const results = async () => (await lake.run(sources)).record.units.map(({ result }) => result)
  expect(await results()).toEqual(['published'])
  expect(await rowsAsCsv(lake, 'bill', columns)).toBe(named('"Flexible, first year"'))
  expect(await results()).toEqual(['up to date'])
  write('Flexible', '2027-01-01 00:00:00 UTC')
  expect(await results()).toEqual(['published'])
  expect(await rowsAsCsv(lake, 'bill', columns)).toBe(named('Flexible'))
})

test('an empty folder of commitment metadata is told', async () => {
  const folder = temporaryFolder()
  mkdirSync(path.join(folder, 'bill'))
  mkdirSync(path.join(folder, 'cuds'))
  cpSync(bill, path.join(folder, 'bill', 'export.json'))
  const options = { location: './bill', commitments: './cuds' }
  const { troubles, exitCode } = await testLake(folder).run([{ name: 'bill', connector: 'gcp', options }])
  expect(troubles).toEqual([
    `no committed-use metadata in ./cuds\n  where: bill, 2025-01\n  hint: Point commitments at the folder with the files extracted from cud_subscriptions_export, or leave it out.`,
  ])
  expect(exitCode).toBe(1)
})

test('a metadata table names the commitments; another snapshot of the same changes nothing', async () => {
  const folder = temporaryFolder()
  const fake = await startFakeBigQuery()
  onTestFinished(() => fake.close())
  await fake.run(loadLines([bill]))
  await fake.run(`CREATE TABLE cud_subscriptions_export AS
    SELECT 'A' AS billing_account_id, {'instance_id': 'sub-42', 'display_name': 'Flexible'} AS subscription, 'P1Y' AS term,
      TIMESTAMPTZ '2026-01-01 00:00:00+00' AS end_time`)
  for (const [name, value] of Object.entries(fake.env)) vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
  const lake = testLake(folder)
  const commitmentsTable = 'acme.billing.cud_subscriptions_export'
  const options = { table: tableId, commitmentsTable, api: 'storage', maxBytes: 100e9 }
  const run = async () => {
    const { record, troubles } = await lake.run([{ name: 'bill', connector: 'gcp', options }])
    expect(troubles).toEqual([])
    return record.units.map(({ result }) => result)
  }
  expect(await run()).toEqual(['published'])
  expect(await rowsAsCsv(lake, 'bill', columns)).toBe(named('Flexible'))
  await fake.run('INSERT INTO cud_subscriptions_export SELECT * FROM cud_subscriptions_export')
  expect(await run()).toEqual(['up to date'])
  await fake.run(
    `UPDATE cud_subscriptions_export SET subscription = {'instance_id': 'sub-42', 'display_name': 'Fleet'}`,
  )
  expect(await run()).toEqual(['published'])
  expect(await rowsAsCsv(lake, 'bill', columns)).toBe(named('Fleet'))
})
