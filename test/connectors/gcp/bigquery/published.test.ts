import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openSession, quoteText } from '../../../../src/core/duckdb.ts'
import { writeGcpBills } from '../../../../src/demo/gcp/write-bills.ts'
import { readUnit, type UnitRecord } from '../../../../src/pipeline/state.ts'
import { localSink } from '../../../../src/sinks/local.ts'
import { rowsAsCsv, testLake } from '../../../cases/lake.ts'
import { focal } from '../../../cli/focal.ts'
import { temporaryFolder } from '../../../stores/temporary-folder.ts'
import { tableId } from './bench.ts'
import { startFakeBigQuery } from './fake-bigquery.ts'
import { focusTable, insertFocusRows } from './focus-table.ts'
import { loadLines } from './load-lines.ts'

/** A company's export of two months, as newline JSON in a folder and as the table that it was extracted from. */
async function company() {
  const folder = temporaryFolder()
  const written = await writeGcpBills({
    directory: path.join(folder, 'bills'),
    seed: 7,
    rows: 1_000,
    organisations: ['acme'],
    months: ['2026-09', '2026-10'],
  })
  const location = written[0]?.location ?? ''
  const fake = await startFakeBigQuery()
  onTestFinished(() => fake.close())
  await fake.run(loadLines(written.flatMap(({ files }) => files.map((file) => path.join(location, file)))))
  return { folder, fake, location }
}

/** A source's options, complete. */
const readBy = (api: 'storage' | 'query', table: string) => ({ table, api, maxBytes: 100e9 })

test('a table gives the same rows by the Storage Read API, by query, and extracted into files', async () => {
  const { folder, fake, location } = await company()
  for (const [name, value] of Object.entries(fake.env)) vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
  const lake = testLake(folder)
  const sources = [
    { name: 'files', connector: 'gcp', options: { location } },
    { name: 'storage', connector: 'gcp', options: readBy('storage', tableId) },
    { name: 'query', connector: 'gcp', options: readBy('query', tableId) },
  ]
  const { troubles } = await lake.run(sources)
  expect(troubles).toEqual([])
  const units = (await lake.units()).map(({ source, period, rows }) => `${source} ${period} ${rows}`)
  expect(units).toEqual([
    'files 2026-09 1144',
    'files 2026-10 736',
    'query 2026-09 1144',
    'query 2026-10 736',
    'storage 2026-09 1144',
    'storage 2026-10 736',
  ])
  expect(await differences(lake.config.lake, 'files', 'storage')).toEqual([])
  expect(await differences(lake.config.lake, 'files', 'query')).toEqual([])
  fake.requests()
  const { record } = await lake.run(sources)
  expect(new Set(record.units.map(({ result }) => result))).toEqual(new Set(['up to date']))
  expect(fake.requests().filter((line) => /^(session|stream|dry run)/.test(line))).toEqual([])
})

/** Rows of either source that the other has not, compared in every column but the name of the file they were read from and those of `except`. */
async function differences(lake: string, one: string, other: string, except: readonly string[] = []) {
  const session = await openSession({ memoryLimit: '1GB', threads: 1, tempDirectory: path.join(lake, '..', 'spill') })
  const rows = (source: string) =>
    `SELECT * EXCLUDE (${['x_SourceFile', ...except].join(', ')}) FROM read_parquet(${quoteText(`${lake}/focus/*/source=${source}/*.parquet`)}, hive_partitioning = false)`
  try {
    return await session.rows(`
      SELECT '${one}' AS only_in, * FROM (${rows(one)} EXCEPT ALL ${rows(other)})
      UNION ALL SELECT '${other}', * FROM (${rows(other)} EXCEPT ALL ${rows(one)})`)
  } finally {
    session.close()
  }
}

test("Google's own FOCUS export is read from its table, by the Storage Read API and by query, and from newline JSON", async () => {
  const folder = temporaryFolder()
  const fake = await startFakeBigQuery({ fields: focusTable })
  onTestFinished(() => fake.close())
  await fake.run(insertFocusRows)
  mkdirSync(path.join(folder, 'bills'))
  const lines = path.join(folder, 'bills', 'rows.json')
  await fake.run(`COPY (SELECT * EXCLUDE (_PARTITIONTIME) FROM export) TO ${quoteText(lines)} (FORMAT json)`)
  for (const [name, value] of Object.entries(fake.env)) vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
  const lake = testLake(folder)
  const focusId = 'acme.billing.gcp_billing_export_focus_01AB_CD'
  const { troubles } = await lake.run([
    { name: 'files', connector: 'gcp', options: { location: path.join(folder, 'bills') } },
    { name: 'storage', connector: 'gcp', options: readBy('storage', focusId) },
    { name: 'query', connector: 'gcp', options: readBy('query', focusId) },
  ])
  expect(troubles).toEqual([])
  const published = (
    await rowsAsCsv(lake, 'storage', ['BillingPeriodStart', 'BilledCost', 'EffectiveCost', 'Tags'])
  ).trim()
  const tags = '"{""1/2/env"":""prod"",""team"":""web""}"'
  expect(published.split('\n')).toEqual([
    'BillingPeriodStart,BilledCost,EffectiveCost,Tags',
    `2025-11-01T00:00:00Z,1.5,1.25,${tags}`,
    `2025-11-01T00:00:00Z,3,2.5,${tags}`,
    `2025-12-01T08:00:00Z,1.5,1.25,${tags}`,
    `2025-12-01T08:00:00Z,3,2.5,${tags}`,
  ])
  // What is no FOCUS column is kept as it is written, and newline JSON writes times and decimals another way.
  expect(await differences(lake.config.lake, 'files', 'storage', ['x_IssuerColumns'])).toEqual([])
  expect(await differences(lake.config.lake, 'query', 'storage')).toEqual([])
})

test('the program reads the table: late rows restate their own month, and rows loaded twice count once', async () => {
  const { folder, fake } = await company()
  const lines = ['lake: ./lake', 'sources:', '  - name: gcp-main', '    connector: gcp', `    table: ${tableId}`]
  writeFileSync(path.join(folder, 'focal.yaml'), `${lines.join('\n')}\n`)
  const runProgram = async () => {
    const { code, err } = await focal(folder, ['run'], { env: { ...fake.env, METADATA_SERVER_DETECTION: 'none' } })
    const sink = localSink(path.join(folder, 'lake'))
    const units = await Promise.all(['2026-09', '2026-10'].map((period) => readUnit(sink, 'gcp-main', period)))
    return { code, said: err.match(/^gcp-main .*$/gm)?.toSorted(), units: units.map(describeUnit) }
  }
  const september = { version: 1, rows: 1_144, billed: '8275.361600000000000000', dropped: [] }
  const october = { version: 1, rows: 736, billed: '5768.286946000000000000', dropped: [] }
  expect(await runProgram()).toEqual({
    code: 0,
    said: [
      'gcp-main 2026-09  published version 1: 1,144 rows, 8,275.3616 USD billed',
      'gcp-main 2026-10  published version 1: 736 rows, 5,768.286946 USD billed',
    ],
    units: [september, october],
  })

  await fake.run(`INSERT INTO export BY NAME
    SELECT * REPLACE (export_time + INTERVAL 9 DAY AS export_time, 0.25 AS cost, [] AS credits) FROM export
    WHERE invoice.month = '202609' AND service.description = 'Cloud Storage' AND cost_type = 'regular' LIMIT 1`)
  const restated = { ...september, version: 2, rows: 1_145, billed: '8275.611600000000000000' }
  expect(await runProgram()).toMatchObject({ code: 0, units: [restated, october] })

  await fake.run("INSERT INTO export SELECT * FROM export WHERE invoice.month = '202610'")
  const twice = { ...october, version: 2, dropped: ['row loaded more than once: 652'] }
  expect(await runProgram()).toMatchObject({ code: 0, units: [restated, twice] })
}, 60_000)

function describeUnit(record: UnitRecord | undefined) {
  const dropped = record?.accounting.filter(({ outcome }) => outcome === 'dropped')
  return {
    version: record?.version,
    rows: record?.rows,
    billed: record?.totals[0]?.billedCost,
    dropped: dropped?.map(({ reason, sourceRows }) => `${reason}: ${sourceRows}`),
  }
}
