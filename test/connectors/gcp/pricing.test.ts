import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { rowsAsCsv, testLake, type TestLake } from '../../cases/lake.ts'
import { temporaryFolder } from '../../stores/temporary-folder.ts'
import { writeParquet } from '../../transforms/gcp/made.ts'
import type { Field } from '../../../src/connectors/gcp/bigquery/fields.ts'
import { bench, failure, tableId } from './bigquery/bench.ts'
import { startFakeBigQuery, type FakeBigQuery } from './bigquery/fake-bigquery.ts'
import { focusTable } from './bigquery/focus-table.ts'
import { loadLines } from './bigquery/load-lines.ts'
import { createPricing, pricingExport } from './bigquery/pricing-table.ts'

/** A standard export, and the prices of three days. */
const given = path.resolve('test/cases/gcp/prices-of-the-pricing-export')
const expected = readFileSync(path.join(given, 'expected.csv'), 'utf8')
const columns = expected.slice(0, expected.indexOf('\n')).split(',')

let folder: string
let lake: TestLake
beforeEach(() => {
  folder = temporaryFolder()
  cpSync(path.join(given, 'input'), folder, { recursive: true })
  lake = testLake(folder)
})

const inFolder = (name: string) => path.join(folder, 'pricing', name)
const prices = (name: string) => readFileSync(path.join(given, 'input/pricing', name), 'utf8')

async function run(options: Record<string, unknown>) {
  const { record, troubles } = await lake.run([{ name: 'bill', connector: 'gcp', options }])
  return { results: record.units.map(({ result }) => result), troubles }
}
const files = () => run({ location: './bill', pricing: './pricing' })

describe('a folder of prices', () => {
  test('only prices of the month and of the one before make a new delivery', async () => {
    expect(await files()).toEqual({ results: ['published'], troubles: [] })
    writeFileSync(inFolder('2025-02-03.json'), prices('2025-01-15.json').replaceAll('2025-01-15', '2025-02-03'))
    expect(await files()).toEqual({ results: ['up to date'], troubles: [] })
    appendFileSync(inFolder('2025-01-15.json'), prices('2025-01-15.json').replaceAll('2025-01-15', '2025-01-19'))
    expect(await files()).toEqual({ results: ['published'], troubles: [] })
    expect(await rowsAsCsv(lake, 'bill', columns)).toBe(expected)
  })

  test('prices as Parquet are those of newline JSON', async () => {
    const types = pricingExport.flatMap(({ name }) => name ?? []).join(', ')
    for (const name of readdirSync(path.join(folder, 'pricing'))) {
      const json = `read_json('${inFolder(name)}', format = 'newline_delimited', sample_size = -1)`
      await writeParquet(
        path.join(folder, 'pricing'),
        name.replace('.json', '.parquet'),
        `SELECT ${types} FROM ${json}`,
      )
      rmSync(inFolder(name))
    }
    expect(await files()).toEqual({ results: ['published'], troubles: [] })
    expect(await rowsAsCsv(lake, 'bill', columns)).toBe(expected)
  })

  test('go beside a folder of commitments', async () => {
    const commitment = { subscription: { instance_id: 'sub-42', display_name: 'Flexible' }, term: 'P1Y' }
    mkdirSync(path.join(folder, 'cuds'))
    const write = (more: object) =>
      writeFileSync(path.join(folder, 'cuds', 'a.json'), `${JSON.stringify({ ...commitment, ...more })}\n`)
    const both = () => run({ location: './bill', pricing: './pricing', commitments: './cuds' })
    write({})
    expect(await both()).toEqual({ results: ['published'], troubles: [] })
    expect(await rowsAsCsv(lake, 'bill', columns)).toBe(expected)
    expect(await both()).toEqual({ results: ['up to date'], troubles: [] })
    write({ end_time: '2027-01-01 00:00:00 UTC' })
    expect(await both()).toEqual({ results: ['published'], troubles: [] })
  })

  test('of a day that was exported twice the later export counts', async () => {
    const dearer = prices('2025-01-15.json').replaceAll('"0.042148"', '"0.05"')
    writeFileSync(inFolder('2025-01-14.json'), dearer.replaceAll('20:00:00', '19:00:00'))
    expect(await files()).toEqual({ results: ['published'], troubles: [] })
    expect(await rowsAsCsv(lake, 'bill', columns)).toBe(expected)
  })
})

describe('what is no folder of prices is told', () => {
  const spoilt: readonly (readonly [string, () => unknown, string])[] = [
    [
      'an empty folder',
      () => readdirSync(path.join(folder, 'pricing')).forEach((name) => rmSync(inFolder(name))),
      `no pricing export in ./pricing
  where: bill, 2025-01
  hint: Point pricing at the folder with the files extracted from cloud_pricing_export, or leave it out.`,
    ],
    [
      'a row without a time',
      () => appendFileSync(inFolder('2025-01-15.json'), '{"sku":{"id":"CORE"}}\n'),
      `the row says no time of its prices
  where: bill, 2025-01, file 2025-01-15.json, row 6, column pricing_as_of_time, value ""
  hint: Expected a time such as 2025-11-01 00:00:00 UTC. Is this a pricing export (cloud_pricing_export)? Move other files out of the folder.`,
    ],
    [
      'a price that is no amount',
      () => appendFileSync(inFolder('2025-01-15.json'), prices('2025-01-15.json').replaceAll('"0.03"', '"0,03"')),
      `the value is no amount
  where: bill, 2025-01, file pricing/2025-01-15.json, row 6, column billing_account_price.tiered_rates.account_currency_amount, value "0,03"
  hint: Expected a plain number such as 1234.50 or 4.0E-7, without thousands separators.`,
    ],
    [
      'Parquet of another table',
      () => writeParquet(path.join(folder, 'pricing'), 'other.parquet', "SELECT 1 AS cost, 'x' AS name"),
      `the file is not a pricing export
  where: bill, 2025-01, file other.parquet, column pricing_as_of_time
  hint: Expected the table cloud_pricing_export, extracted with its nested fields.`,
    ],
    [
      'Parquet without a nested field',
      () =>
        writeParquet(
          path.join(folder, 'pricing'),
          'usd.parquet',
          `SELECT TIMESTAMPTZ '2025-01-15 07:00:00+00' AS pricing_as_of_time, pricing_as_of_time AS export_time,
            'A' AS billing_account_id, {'id': 'CORE'} AS sku, 'USD' AS account_currency_code,
            {'tiered_rates': [{'pricing_unit_quantity': 1, 'start_usage_amount': 0, 'usd_amount': 1}]} AS list_price,
            {'tiered_rates': [{'pricing_unit_quantity': 1, 'start_usage_amount': 0, 'account_currency_amount': 1}]} AS billing_account_price`,
        ),
      `the file lacks a field that every pricing export has
  where: bill, 2025-01, file pricing/usd.parquet, column list_price.tiered_rates.account_currency_amount
  hint: Extract the table again with all of its columns.`,
    ],
  ]
  test.each(spoilt)('%s', async (_name, spoil, message) => {
    await spoil()
    expect(await files()).toEqual({ results: ['failed'], troubles: [message] })
  })
})

const pricingTable = 'acme.billing.cloud_pricing_export'
const described = (fields: readonly Field[]) => ({
  others: { cloud_pricing_export: { fields, metadata: { timePartitioning: { type: 'DAY' } } } },
})

/** BigQuery with the bill and the three days of prices. */
async function fill(fake: FakeBigQuery): Promise<void> {
  await fake.run(loadLines([path.join(given, 'input/bill/export.json')]))
  await fake.run(createPricing(readdirSync(path.join(given, 'input/pricing')).map(inFolder)))
}

describe('a table of prices', () => {
  test('prices the bill as files do; another day of the same prices changes nothing', async () => {
    const fake = await startFakeBigQuery(described(pricingExport))
    onTestFinished(() => fake.close())
    for (const [name, value] of Object.entries(fake.env)) vi.stubEnv(name, value)
    onTestFinished(() => void vi.unstubAllEnvs())
    await fill(fake)
    const tables = () => run({ table: tableId, pricingTable, api: 'storage', maxBytes: 100e9 })
    expect(await tables()).toEqual({ results: ['published'], troubles: [] })
    expect(await rowsAsCsv(lake, 'bill', columns)).toBe(expected)

    await fake.run(repeatAfter(1))
    expect(await tables()).toEqual({ results: ['up to date'], troubles: [] })
    await fake.run(`UPDATE cloud_pricing_export SET account_currency_code = 'CHF' WHERE sku.id = 'EUROS'`)
    expect(await tables()).toEqual({ results: ['published'], troubles: [] })
    expect(await rowsAsCsv(lake, 'bill', columns)).toBe(expected)
  })

  test('brings what the month needs: prices of its SKUs, from the day on that each held', async () => {
    const { fake, open } = await bench(0, described(pricingExport))
    await fill(fake)
    // Of no SKU in the bill; the same once more; of the next month and of an earlier one, in other money.
    await fake.run(
      `INSERT INTO cloud_pricing_export SELECT * REPLACE ({'id': 'OTHER'} AS sku) FROM cloud_pricing_export`,
    )
    await fake.run([2, 20, -60].map(repeatAfter).join('; '))
    await fake.run(`UPDATE cloud_pricing_export SET account_currency_code = 'CHF'
      WHERE pricing_as_of_time >= '2025-02-01 00:00:00+00' OR pricing_as_of_time < '2024-12-01 00:00:00+00'`)
    const source = await open({ pricingTable })
    const brought = (await source.fetch(await source.delivery('2025-01'))).at(-1)
    expect(brought?.name).toBe(`${pricingTable}/pricing.json`)
    const lines = readFileSync(brought?.path ?? '', 'utf8')
      .trimEnd()
      .split('\n')
    expect(
      lines.map((line) => [...line.matchAll(/"pricing_as_of_time":"(.{10}).*"sku":{"id":"(\w+)"/g)][0]?.slice(1)),
    ).toEqual([
      ['2024-12-31', 'CORE'],
      ['2025-01-15', 'CORE'],
      ['2024-12-31', 'EUROS'],
      ['2025-01-11', 'LATER'],
      ['2024-12-31', 'PROMOTED'],
      ['2024-12-31', 'REQUESTS'],
    ])
  })

  test('is read by a query that BigQuery refuses when it takes more than maxBytes', async () => {
    const { fake, open } = await bench(0, described(pricingExport))
    await fill(fake)
    const source = await open({ pricingTable })
    await source.periods()
    const message = 'Query exceeded limit for bytes billed: 10485760.'
    fake.fail({ on: 'job', status: 400, reason: 'bytesBilledLimitExceeded', message })
    expect(await failure(source.delivery('2025-01'))).toEqual({
      name: 'UserError',
      message: `${pricingTable} takes more bytes to read than maxBytes allows: ${message}`,
      where: {},
      hint: 'Raise maxBytes of the source.',
    })
  })
})

/** SQL that repeats the prices of 15 January some days later. */
function repeatAfter(days: number): string {
  const later = (column: string) => `${column} + INTERVAL (${days}) DAY AS ${column}`
  return `INSERT INTO cloud_pricing_export
    SELECT * REPLACE (${later('pricing_as_of_time')}, ${later('export_time')}, ${later('_PARTITIONTIME')})
    FROM cloud_pricing_export WHERE pricing_as_of_time = '2025-01-15 07:00:00+00'`
}

describe('what is no table of prices is told as soon as it is looked up', () => {
  const hint = 'Name the table cloud_pricing_export, to which Cloud Billing exports prices, or leave pricingTable out.'

  test('another table', async () => {
    const { open } = await bench(0, described([{ name: 'name', type: 'STRING' }]))
    expect(await failure(open({ pricingTable }))).toEqual({
      name: 'UserError',
      message: `${pricingTable} is not a pricing export: it lacks export_time, pricing_as_of_time, billing_account_id, sku, account_currency_code, list_price, billing_account_price`,
      where: {},
      hint,
    })
  })

  test('a table without a nested field', async () => {
    const rates = { name: 'tiered_rates', fields: [{ name: 'pricing_unit_quantity' }, { name: 'start_usage_amount' }] }
    const fields = pricingExport.map((field) =>
      field.name === 'list_price' ? { name: 'list_price', fields: [rates] } : field,
    )
    const { open } = await bench(0, described(fields))
    expect(await failure(open({ pricingTable }))).toEqual({
      name: 'UserError',
      message: `${pricingTable} is not a pricing export: it lacks list_price.tiered_rates.account_currency_amount`,
      where: {},
      hint,
    })
  })

  test('one beside a FOCUS export, which has every price', async () => {
    const { open } = await bench(0, { ...described(pricingExport), fields: focusTable })
    expect(await failure(open({ pricingTable }))).toEqual({
      name: 'UserError',
      message: `${tableId} has every price already: pricingTable adds nothing to it`,
      where: {},
      hint: "Google's own FOCUS export is taken as it is: leave pricingTable out of the source.",
    })
  })
})

test('prices in another place than the bill are refused rather than passed over', async () => {
  expect(await run({ location: './bill', pricingTable })).toEqual({
    results: [],
    troubles: ['the source names pricingTable beside location\n  where: bill\n  hint: Beside location write pricing.'],
  })
  expect(await run({ table: tableId, commitments: './cuds' })).toEqual({
    results: [],
    troubles: [
      'the source names commitments beside table\n  where: bill\n  hint: Beside table write commitmentsTable.',
    ],
  })
})
