import { existsSync } from 'node:fs'
import path from 'node:path'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, type FileMetaData } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { beforeAll, describe, expect, test } from 'vitest'
import { trimZeros } from '../../../src/core/decimal.ts'
import { openSession, quoteText, type Session } from '../../../src/core/duckdb.ts'
import { lakeColumns } from '../../../src/core/focus.ts'
import type { UnitRecord } from '../../../src/pipeline/state.ts'
import { testLake, type TestLake } from '../../cases/lake.ts'
import { temporaryFolderOfFile } from './temporary-folder.ts'
import { project } from './reference-tables.ts'

/** Whole bills of real accounts, where they are at hand. Skipped, visibly, where they are not. */

const samples = path.join(project, '../shared/samples/aws')
const walabs = path.join(samples, 'cur1_parquet_walabs')

const months = [
  { period: '2018-10', file: 'Oct2018-WorkshopCUR-00001.snappy.parquet', rows: 119_307, made: 119_310 },
  { period: '2018-12', file: 'Dec2018-WorkshopCUR-00001.snappy.parquet', rows: 91_264, made: 91_267 },
] as const

describe.skipIf(!existsSync(walabs))('two months of a real legacy report in Parquet', () => {
  const folder = temporaryFolderOfFile()
  let lake: TestLake
  let units: UnitRecord[]
  let session: Session

  beforeAll(async () => {
    lake = testLake(folder())
    const { troubles } = await lake.run([{ name: 'walabs', connector: 'aws', options: { location: walabs } }])
    expect(troubles).toEqual([])
    units = await lake.units()
    session = await openSession({ memoryLimit: '1GB', threads: 2, tempDirectory: path.join(folder(), 'spill') })
    // By way of text, unlike the transform: a double's shortest text is the decimal that AWS wrote.
    await session.run("CREATE MACRO amount(x) AS coalesce(nullif(x::VARCHAR, '')::DECIMAL(38, 18), 0)")
    return () => session.close()
  }, 120_000)

  const unitOf = (period: string) => units.find((unit) => unit.period === period)
  const published = (period: string) =>
    path.join(lake.config.lake, 'focus', `billing_period=${period}`, 'source=walabs', 'focus.parquet')

  async function sourceFacts(file: string) {
    const [facts] = await session.rows<Record<'billed' | 'upfront' | 'discounted', string>>(`
      SELECT
        sum(amount(line_item_unblended_cost)) AS billed,
        sum(amount(reservation_amortized_upfront_fee_for_billing_period))
          FILTER (line_item_line_item_type = 'RIFee') AS upfront,
        count(*) FILTER (line_item_line_item_type = 'DiscountedUsage') AS discounted
      FROM read_parquet(${quoteText(path.join(walabs, file))})`)
    if (facts === undefined) throw new Error('the sample is empty')
    return facts
  }

  test.each(months)('$period: billed is the sum of unblended cost, to the last digit', async ({ period, file }) => {
    const { billed } = await sourceFacts(file)
    expect(unitOf(period)?.totals.map(({ currency, billedCost }) => [currency, billedCost])).toEqual([['USD', billed]])
  })

  /**
   * Nothing was paid upfront in these months, so effective cost is what was billed plus the month's share of earlier
   * upfront fees. AWS rounds the share of each hour to 8 decimals, so n hours may be off by n halves of 1e-8.
   */
  test.each([
    { ...months[0], off: '0.00000518' },
    { ...months[1], off: '0.0000017' },
  ])('$period: effective is billed plus amortised upfront, off by $off', async ({ period, file, off }) => {
    const { billed, upfront, discounted } = await sourceFacts(file)
    const effective = unitOf(period)?.totals[0]?.effectiveCost ?? ''
    const difference = attos(effective) - attos(billed) - attos(upfront)
    expect(difference).toBe(attos(off))
    expect(difference).toBeLessThanOrEqual(BigInt(discounted) * 5_000_000_000n)
  })

  test.each(months)('$period: used and unused of each reservation are what it cost', async ({ period, file }) => {
    const source = quoteText(path.join(walabs, file))
    const wrong = await session.rows(`
      WITH
      made AS (
        SELECT CommitmentDiscountId AS id, sum(EffectiveCost) AS effective, count(*) AS hours
        FROM read_parquet(${quoteText(published(period))}, hive_partitioning = false)
        WHERE CommitmentDiscountId IS NOT NULL
        GROUP BY CommitmentDiscountId
      ),
      paid AS (
        SELECT reservation_reservation_a_r_n AS id,
          sum(amount(reservation_amortized_upfront_fee_for_billing_period) + amount(line_item_unblended_cost)) AS cost
        FROM read_parquet(${source})
        WHERE line_item_line_item_type = 'RIFee'
        GROUP BY reservation_reservation_a_r_n
      )
      SELECT id FROM paid LEFT JOIN made USING (id)
      WHERE made.id IS NULL OR abs(effective - cost) > hours * 0.00000001`)
    expect(wrong).toEqual([])
    const [count] = await session.rows<{ reservations: string }>(
      `SELECT count(DISTINCT reservation_reservation_a_r_n) AS reservations FROM read_parquet(${source})
       WHERE line_item_line_item_type = 'RIFee'`,
    )
    expect(count?.reservations).toBe('9')
  })

  test.each(months)('$period: every row of the source is accounted for', ({ period, rows, made }) => {
    const unit = unitOf(period)
    const lines = unit?.accounting.map(({ outcome, sourceRows, focusRows }) => ({ outcome, sourceRows, focusRows }))
    expect(lines).toEqual([
      { outcome: 'kept', sourceRows: rows - 9, focusRows: rows - 9 },
      // Nine fees, three of which leave something unused.
      { outcome: 'split', sourceRows: 9, focusRows: 12 },
    ])
    expect(unit?.rows).toBe(made)
    expect(unit?.checks.failed).toEqual([])
  })

  test.each(months)('$period: another reader finds the same columns, rows and totals', async ({ period, made }) => {
    const file = await asyncBufferFromFile(published(period))
    const metadata = await parquetMetadataAsync(file)
    expect(Number(metadata.num_rows)).toBe(made)
    const names = metadata.schema.slice(1).map(({ name }) => name)
    expect(names).toEqual(lakeColumns('1.2').map(({ name }) => name))

    const costs = ['BilledCost', 'EffectiveCost', 'ListCost', 'ContractedCost'] as const
    const sums = { BilledCost: 0n, EffectiveCost: 0n, ListCost: 0n, ContractedCost: 0n }
    const columns = [...costs]
    const rows = await parquetReadObjects({ file, metadata: decimalsAsBytes(metadata), columns, compressors })
    for (const row of rows) {
      for (const cost of costs) sums[cost] += signed(row[cost] as Uint8Array)
    }
    expect(rows).toHaveLength(made)
    const [totals] = unitOf(period)?.totals ?? []
    expect(sums).toEqual({
      BilledCost: attos(totals?.billedCost ?? ''),
      EffectiveCost: attos(totals?.effectiveCost ?? ''),
      ListCost: attos(totals?.listCost ?? ''),
      ContractedCost: attos(totals?.contractedCost ?? ''),
    })
  })
})

/** A decimal with 18 digits or fewer after the point as an integer of 1e-18. */
function attos(decimal: string): bigint {
  const [whole = '', fraction = ''] = decimal.replace('-', '').split('.')
  return BigInt(whole + fraction.padEnd(18, '0')) * (decimal.startsWith('-') ? -1n : 1n)
}

/** hyparquet makes numbers of decimals, which would lose digits: without their type they stay the bytes they are. */
function decimalsAsBytes(metadata: FileMetaData): FileMetaData {
  const schema = metadata.schema.map(({ converted_type, logical_type, ...element }) =>
    converted_type === 'DECIMAL' || logical_type?.type === 'DECIMAL'
      ? element
      : { ...element, ...(converted_type && { converted_type }), ...(logical_type && { logical_type }) },
  )
  return { ...metadata, schema }
}

/** Two's complement, the largest byte first. */
function signed(bytes: Uint8Array): bigint {
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString('hex')}`))
}

describe.skipIf(!existsSync(samples))('other samples', () => {
  const folder = temporaryFolderOfFile()

  const runOn = async (location: string) => {
    const lake = testLake(path.join(folder(), path.basename(location)))
    const options = { location: path.join(samples, location) }
    return { lake, ...(await lake.run([{ name: 'sample', connector: 'aws', options }])) }
  }

  test('a generated report with a word where a cost should be is refused by its place', async () => {
    const { lake, troubles, exitCode } = await runOn('cur1_nise_hourly/curhourly')
    expect(troubles).toEqual([
      `the value is no amount
  where: sample, 2025-01, file 20250101-20250201/bfd3ce5f-0ac9-459d-b90d-87308fd0b9a1/January-2025-curhourly-1.csv.gz, row 27529, column pricing/publicOnDemandCost, value "convertible"
  hint: Expected a plain number such as 1234.50 or 4.0E-7, without thousands separators.`,
    ])
    expect(exitCode).toBe(1)
    expect([...lake.published().keys()]).toEqual([])
  })

  test.each([
    ['cur_keboola_mock/cur_1_0/s3_structure/mock-cur-bucket', 'legacy CUR, csv.zip, overwrite', 3, '0.045152'],
    ['cur_keboola_mock/cur_2_0/s3_structure/mock-cur-v2-bucket', 'Data Export, csv.gz, overwrite', 4, '0.108304'],
  ])('the mock bucket %s', async (location, layout, rows, total) => {
    const { lake, troubles } = await runOn(location)
    expect(troubles).toEqual([])
    const [unit] = await lake.units()
    expect(unit?.delivery.layout).toBe(layout)
    const totals = unit?.totals.map((each) => [each.rows, trimZeros(each.billedCost), trimZeros(each.effectiveCost)])
    expect(totals).toEqual([[rows, total, total]])
  })
})
