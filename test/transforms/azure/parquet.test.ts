import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSession, quoteIdentifier, quoteText, type Session } from '../../../src/core/duckdb.ts'
import { writeAzureExports, type Agreement, type WrittenMonth } from '../../../src/demo/azure/write-exports.ts'
import { azure } from '../../../src/transforms/azure/index.ts'

/** The same month of the demo as Parquet, whose amounts are doubles, and as csv, whose amounts have every digit. */

type Format = 'csv' | 'parquet'

const facts = {
  enterprise: {
    cost: 'Cost',
    doubles: ['Cost', 'EffectivePrice', 'PayGPrice', 'Quantity', 'UnitPrice'],
    // Some costs have digits that no double has.
    lostByDoubles: '0.000000000000000007',
  },
  'customer-agreement': {
    cost: 'costInBillingCurrency',
    doubles: [
      'PayGPrice',
      'costInBillingCurrency',
      'costInPricingCurrency',
      'costInUsd',
      'effectivePrice',
      'exchangeRatePricingToBilling',
      'paygCostInBillingCurrency',
      'quantity',
      'unitPrice',
    ],
    lostByDoubles: '0.000000000000000000',
  },
} satisfies Record<Agreement, { cost: string; doubles: string[]; lostByDoubles: string }>

describe.each(['enterprise', 'customer-agreement'] as const)('%s', (agreement) => {
  const { cost, doubles, lostByDoubles } = facts[agreement]
  let folder: string
  let session: Session
  let months: Record<Format, WrittenMonth>

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'focal-azure-parquet-'))
    session = await openSession({ memoryLimit: '512MB', threads: 2, tempDirectory: path.join(folder, 'spill') })
    months = { csv: await write('csv'), parquet: await write('parquet') }
    for (const format of ['csv', 'parquet'] as const) await makeRows(format)
    for (const dataset of ['actual', 'amortized'] as const) {
      await session.run(
        `CREATE TABLE ${dataset} AS SELECT "${cost}" AS cost FROM read_csv([${pathsOf('csv', dataset).map(quoteText).join(', ')}], header = true, all_varchar = true)`,
      )
    }
  })
  afterAll(() => {
    session.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function write(format: Format): Promise<WrittenMonth> {
    const directory = path.join(folder, format)
    const [closed] = await writeAzureExports({
      directory,
      seed: 11,
      months: ['2026-08', '2026-09'],
      rows: 900,
      agreements: [agreement],
      format,
    })
    if (closed === undefined) throw new Error('nothing was written')
    return closed
  }

  function pathsOf(format: Format, dataset: 'actual' | 'amortized'): string[] {
    return months[format][dataset].map((file) => path.join(months[format].location, file))
  }

  /** Leaves the FOCUS rows of a format in a table of its name. */
  async function makeRows(format: Format): Promise<void> {
    const { location, actual, amortized } = months[format]
    const manifests = [actual, amortized].map(([file = '']) => path.join(path.dirname(file), 'manifest.json'))
    const scratchDirectory = mkdtempSync(path.join(folder, 'scratch-'))
    const own = await openSession({ memoryLimit: '512MB', threads: 2, tempDirectory: scratchDirectory })
    try {
      await azure.prepare(own, {
        period: '2026-08',
        files: [...actual, ...amortized, ...manifests].map((name) => ({ name, path: path.join(location, name) })),
        scratchDirectory,
        options: {},
      })
      expect(await own.rows('SELECT problem, value FROM problems')).toEqual([])
      const rows = quoteText(path.join(folder, `${format}-rows.parquet`))
      await own.run(`COPY (SELECT * FROM focus) TO ${rows} (FORMAT parquet)`)
      await session.run(`CREATE TABLE ${format}_rows AS FROM ${rows}`)
    } finally {
      own.close()
    }
  }

  async function one(sql: string): Promise<string | undefined> {
    const [row] = await session.rows<{ value: string }>(`SELECT (${sql})::VARCHAR AS value`)
    return row?.value
  }

  test.each(['actual', 'amortized'] as const)(
    'the manifest of %s cost says Parquet, and what was written',
    (dataset) => {
      const [first = ''] = pathsOf('parquet', dataset)
      const manifest = JSON.parse(readFileSync(path.join(path.dirname(first), 'manifest.json'), 'utf8')) as {
        byteCount: number
        dataRowCount: number
        deliveryConfig: object
        blobs: object[]
      }
      expect(manifest.deliveryConfig).toEqual({
        partitionData: true,
        dataOverwriteBehavior: agreement === 'enterprise' ? 'OverwritePreviousReport' : 'CreateNewReport',
        fileFormat: 'Parquet',
        compressionMode: 'Snappy',
        containerUri: 'https://acmebilling.blob.core.windows.net/exports',
      })
      expect(manifest.blobs).toMatchObject(
        months.parquet[dataset].map((blobName, part) => ({
          blobName,
          byteCount: statSync(pathsOf('parquet', dataset)[part] ?? '').size,
        })),
      )
      expect(months.parquet[dataset].map((name) => path.basename(name))).toEqual([
        'part_0_0001.parquet',
        'part_1_0001.parquet',
      ])
    },
  )

  test.each(['actual', 'amortized'] as const)(
    'amounts of %s cost are doubles, and all else is text',
    async (dataset) => {
      for (const file of pathsOf('parquet', dataset)) {
        const columns = await session.rows<{ column_name: string; column_type: string }>(
          `DESCRIBE FROM read_parquet(${quoteText(file)})`,
        )
        const names = (type: string) =>
          columns.flatMap((column) => (column.column_type === type ? [column.column_name] : [])).toSorted()
        expect(names('DOUBLE')).toEqual(doubles)
        expect(names('VARCHAR').length).toBe(columns.length - doubles.length)
        expect(await one(`SELECT string_agg(DISTINCT compression) FROM parquet_metadata(${quoteText(file)})`)).toBe(
          'SNAPPY',
        )
      }
    },
  )

  test.each([
    ['BilledCost', 'actual'],
    ['EffectiveCost', 'amortized'],
  ])('the sum of %s is that of the texts in csv, of the doubles in Parquet', async (column, dataset) => {
    const ofTexts = await one(`SELECT sum(cost::DECIMAL(38, 18)) FROM ${dataset}`)
    // A double is made of the text that csv has, and stands for the shortest text that makes it.
    const ofDoubles = await one(`SELECT sum(cost::DOUBLE::VARCHAR::DECIMAL(38, 18)) FROM ${dataset}`)
    expect(await one(`SELECT sum("${column}") FROM csv_rows`)).toBe(ofTexts)
    expect(await one(`SELECT sum("${column}") FROM parquet_rows`)).toBe(ofDoubles)
    expect(await one(`SELECT ${ofDoubles}::DECIMAL(38, 18) - ${ofTexts}::DECIMAL(38, 18)`)).toBe(lostByDoubles)
  })

  test('everything but amounts is the same', async () => {
    const columns = await session.rows<{ name: string }>(
      `SELECT column_name AS name FROM (DESCRIBE csv_rows) WHERE column_type NOT LIKE 'DECIMAL%' AND column_name <> 'x_SourceFile'`,
    )
    const list = columns.map(({ name }) => quoteIdentifier(name)).join(', ')
    const rows = (format: Format) => `SELECT ${list} FROM ${format}_rows`
    expect(await session.rows(`${rows('csv')} EXCEPT ALL ${rows('parquet')}`)).toEqual([])
    expect(await session.rows(`${rows('parquet')} EXCEPT ALL ${rows('csv')}`)).toEqual([])
  })
})
