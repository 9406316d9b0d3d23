import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { trimZeros } from '../../src/core/decimal.ts'
import { openSession, quoteText, type Session } from '../../src/core/duckdb.ts'
import { gcp } from '../../src/demo/gcp/index.ts'
import { writeGcpBills, type WrittenBill } from '../../src/demo/gcp/write-bills.ts'
import { testLake } from '../cases/lake.ts'

let directory: string
let session: Session
let written: WrittenBill[]
beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'focal-gcp-demo-'))
  session = await openSession({ memoryLimit: '1GB', threads: 2, tempDirectory: path.join(directory, 'spill') })
  written = await writeGcpBills({ directory, seed: 42, rows: 1_500 })
})
afterAll(async () => {
  session.close()
  await rm(directory, { recursive: true, force: true })
})

const hashes = (bills: readonly WrittenBill[]) =>
  bills.flatMap(({ location, files }) =>
    files.map(
      (file) =>
        `${file} ${createHash('sha256')
          .update(readFileSync(path.join(location, file)))
          .digest('hex')}`,
    ),
  )

describe('the export of the demo', () => {
  test('is the same for the same seed, byte for byte, and another for another', async () => {
    const again = await writeGcpBills({ directory: path.join(directory, 'again'), seed: 42, rows: 1_500 })
    expect(hashes(again)).toEqual(hashes(written))
    const other = await writeGcpBills({ directory: path.join(directory, 'other'), seed: 43, rows: 1_500 })
    expect(hashes(other).filter((hash) => hashes(written).includes(hash))).toEqual([])
  })

  test('has every credit type, cost type, adjustment type and consumption model', async () => {
    const files = written.flatMap(({ organisation, location, files: names }) =>
      organisation === 'acme' ? names.map((name) => path.join(location, name)) : [],
    )
    const seen = async (expression: string) =>
      (
        await session.table(
          `SELECT DISTINCT found FROM (
             SELECT ${expression} AS found
             FROM read_json_objects([${files.map(quoteText).join(', ')}], format => 'newline_delimited')
           ) WHERE found IS NOT NULL ORDER BY found`,
        )
      ).rows.map(([found]) => found)
    expect(await seen("unnest(json_extract_string(json, '$.credits[*].type'))")).toEqual([
      'COMMITTED_USAGE_DISCOUNT',
      'COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE',
      'CREDIT_TYPE_UNSPECIFIED',
      'DISCOUNT',
      'FEE_UTILIZATION_OFFSET',
      'FREE_TIER',
      'PROMOTION',
      'RESELLER_MARGIN',
      'SUBSCRIPTION_BENEFIT',
      'SUSTAINED_USAGE_DISCOUNT',
    ])
    expect(await seen("json ->> '$.cost_type'")).toEqual(['adjustment', 'regular', 'rounding_error', 'tax'])
    expect(await seen("json ->> '$.adjustment_info.type'")).toEqual([
      'GENERAL_ADJUSTMENT',
      'GOODWILL',
      'METADATA_CORRECTION',
      'PRICE_CORRECTION',
      'SLA_VIOLATION',
      'USAGE_CORRECTION',
    ])
    expect(await seen("json ->> '$.consumption_model.description'")).toEqual([
      'Compute Flexible CUDs - 1 Year',
      'Default',
    ])
    expect(await seen("json ->> '$.transaction_type'")).toEqual(['GOOGLE', 'THIRD_PARTY_RESELLER'])
  })
})

test('two nights of the demo: the open month is restated, rows loaded twice do not count twice, totals tie', async () => {
  const root = path.join(directory, 'demo')
  const lake = testLake(root)
  const sources = gcp.sources.map(({ name, connector, location }) => ({ name, connector, options: { location } }))
  const request = { directory: root, seed: 7, rows: 1_500 }
  const night = async (delivery: 1 | 2) => {
    const bills = await gcp.write({ ...request, delivery })
    const { record, troubles } = await lake.run(sources)
    expect(troubles).toEqual([])
    const units = await lake.units()
    for (const bill of bills) {
      const unit = units.find(({ source, period }) => source === bill.source && period === bill.period)
      expect(trimZeros(unit?.totals[0]?.billedCost ?? '')).toBe(trimZeros((await bill.invoice(session)).amount))
    }
    return record.units.map(({ source, period, result }) => `${source} ${period} ${result}`)
  }
  expect(await night(1)).toEqual(
    ['gcp-main', 'gcp-acquired'].flatMap((name) =>
      ['08', '09', '10'].map((month) => `${name} 2026-${month} published`),
    ),
  )
  expect(await night(2)).toEqual(
    ['gcp-main', 'gcp-acquired'].flatMap((name) => [
      `${name} 2026-08 up to date`,
      `${name} 2026-09 up to date`,
      `${name} 2026-10 published`,
    ]),
  )
})
