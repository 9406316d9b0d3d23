import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { openSession, quoteText } from '../../src/core/duckdb.ts'
import { writeAwsBills } from '../../src/demo/aws/write-bills.ts'
import { writeAzureExports } from '../../src/demo/azure/write-exports.ts'
import { writeGcpBills } from '../../src/demo/gcp/write-bills.ts'
import { run } from '../../src/pipeline/run.ts'
import { localSink } from '../../src/sinks/local.ts'
import { sha256 } from './workbench.ts'

/** Bills of one file that is so large that its rows are laid apart by services before they are written. */

const months = ['2026-09']
const seed = 7

interface Bill {
  readonly connector: string
  readonly location: string
  readonly file: string
  /** What was charged, by plain SQL over the file. */
  readonly billed: string
}

let folder: string
const bills = new Map<string, Bill>()

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'focal-large-files-')))
  for (const bill of [await awsBill(), await gcpBill(), await azureBill()]) bills.set(bill.connector, bill)
  bills.set('focus', await focusBill())
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const csv = (file: string) => `read_csv(${quoteText(file)}, header = true, all_varchar = true)`

async function awsBill(): Promise<Bill> {
  const layouts = ['cur-csv-gz'] as const
  const [bill] = await writeAwsBills({
    directory: folder,
    seed,
    months,
    rows: 86_000,
    layouts,
    delivery: 2,
  })
  const location = bill?.location ?? ''
  const file = path.join(location, bill?.files[0] ?? '')
  const both = csv(path.join(path.dirname(file), '*.csv.gz'))
  const billed = `SELECT sum("lineItem/UnblendedCost"::DECIMAL(38, 18)) AS billed FROM ${both}`
  return { connector: 'aws', location, file, billed }
}

async function gcpBill(): Promise<Bill> {
  const [bill] = await writeGcpBills({ directory: folder, seed, months, rows: 45_000, organisations: ['acme'] })
  const location = bill?.location ?? ''
  const file = path.join(location, bill?.files[0] ?? '')
  const billed = `
    SELECT sum(cost::DECIMAL(38, 18) + coalesce(list_sum(list_transform(credits, c -> c.amount::DECIMAL(38, 18))), 0)) AS billed
    FROM read_json(${quoteText(file)}, format = 'newline_delimited', columns = {
      cost: 'VARCHAR', credits: 'STRUCT(amount VARCHAR)[]', invoice: 'STRUCT("month" VARCHAR)'
    })
    WHERE invoice.month = '202609'`
  return { connector: 'gcp', location, file, billed }
}

/** The parts of one run as the one file of a folder. */
async function azureBill(): Promise<Bill> {
  const [written] = await writeAzureExports({
    directory: folder,
    seed,
    months,
    rows: 45_000,
    agreements: ['customer-agreement'],
    format: 'csv',
    delivery: 2,
  })
  const parts = written?.actual.map((part) => path.join(written.location, part)) ?? []
  const location = path.join(folder, 'azure')
  const file = path.join(location, 'actual', '20260901-20260930', 'actual.csv')
  mkdirSync(path.dirname(file), { recursive: true })
  await inDuckDB(
    `COPY (SELECT * FROM read_csv([${parts.map(quoteText).join(', ')}], header = true, all_varchar = true)) TO ${quoteText(file)} (FORMAT csv, HEADER true)`,
  )
  const billed = `SELECT sum(costInBillingCurrency::DECIMAL(38, 18)) AS billed FROM ${csv(file)}`
  return { connector: 'azure', location, file, billed }
}

/** The AWS bill once more, by time, as FOCUS of any issuer. */
async function focusBill(): Promise<Bill> {
  const { lake } = await publish('aws', 2)
  const location = path.join(folder, 'focus')
  const file = path.join(location, 'focus.csv')
  mkdirSync(location)
  await inDuckDB(
    `COPY (SELECT * FROM read_parquet(${quoteText(lake)}, hive_partitioning => false) ORDER BY ChargePeriodStart, x_SourceLineId LIMIT 45000) TO ${quoteText(file)} (FORMAT csv, HEADER true)`,
  )
  const billed = `SELECT sum(BilledCost::DECIMAL(38, 18)) AS billed FROM ${csv(file)}`
  return { connector: 'focus', location, file, billed }
}

async function inDuckDB<Row>(sql: string): Promise<Row[]> {
  const session = await openSession({ memoryLimit: '1GB', threads: 1, tempDirectory: path.join(folder, 'spill') })
  try {
    return await session.rows<Row>(sql)
  } finally {
    session.close()
  }
}

let lakes = 0

/** Publishes the month of a bill in a lake of its own; throws what the run says when it could not. */
async function publish(connector: string, threads: number, location = bills.get(connector)?.location ?? '') {
  lakes += 1
  const own = path.join(folder, `lake-${lakes}`)
  mkdirSync(own)
  const file = path.join(own, 'focal.yaml')
  const source = { name: 'large', connector, location }
  writeFileSync(file, JSON.stringify({ lake: './lake', engine: { memoryLimit: '1GB', threads }, sources: [source] }))
  const config = await loadConfig(file, {})
  const record = await run(
    {
      config,
      lake: localSink(config.lake),
      runId: `run-${lakes}`,
      now: () => new Date('2026-11-20T06:00:00Z'),
      report: () => undefined,
    },
    { periods: { from: '2026-09', to: '2026-09' } },
  )
  const [unit] = record.units
  if (unit?.result !== 'published') throw new Error(unit?.detail ?? record.failedSources[0]?.detail)
  return { lake: path.join(own, 'lake', 'focus', 'billing_period=2026-09', 'source=large', 'focus.parquet') }
}

/** How many services there are in each sixth of the file, from its first row to its last. */
const servicesOfSixths = {
  aws: [4, 8, 4, 8, 7, 17],
  gcp: [3, 5, 5, 2, 3, 10],
  azure: [3, 4, 6, 5, 3, 8],
  focus: [4, 9, 3, 4, 5, 8],
}

test.each(Object.entries(servicesOfSixths))(
  '%s: every row, those of a service together, in the same bytes on any number of threads',
  async (connector, expected) => {
    const { file = '', billed = '' } = bills.get(connector) ?? {}
    const bytes = file.endsWith('.gz') ? gunzipSync(readFileSync(file)).length : statSync(file).size
    expect(bytes).toBeGreaterThan(32 * 1024 * 1024)
    const { lake } = await publish(connector, 1)
    expect(sha256(readFileSync((await publish(connector, 3)).lake))).toBe(sha256(readFileSync(lake)))
    const rows = `read_parquet(${quoteText(lake)}, file_row_number => true, hive_partitioning => false)`
    expect(await inDuckDB(`SELECT sum(BilledCost) AS billed FROM ${rows}`)).toEqual(await inDuckDB(billed))
    const sixths = await inDuckDB<{ services: string }>(`
      SELECT file_row_number * 6 // (SELECT count(*) FROM ${rows}) AS sixth, count(DISTINCT ServiceName) AS services
      FROM ${rows}
      GROUP BY sixth
      ORDER BY sixth`)
    expect(sixths.map(({ services }) => Number(services))).toEqual(expected)
  },
  120_000,
)

test('a problem is told with its row in the file, however rows are laid', async () => {
  const { location = '', file = '' } = bills.get('aws') ?? {}
  const other = path.join(folder, 'aws-with-a-problem')
  cpSync(location, other, { recursive: true })
  const lines = gunzipSync(readFileSync(file)).toString().split('\n')
  lines[40_000] =
    lines[40_000]?.replace(/,(Usage|DiscountedUsage|SavingsPlan[A-Za-z]+|Credit|RIFee),/, ',Novelty,') ?? ''
  writeFileSync(path.join(other, path.relative(location, file)), gzipSync(lines.join('\n')))
  await expect(publish('aws', 2, other)).rejects.toThrow(
    [
      'unknown line item type (1 row)',
      `  where: large, 2026-09, file ${path.relative(location, file)}, row 40000, column line_item_line_item_type, value "Novelty"`,
      '  hint: Nothing is guessed about money: report the type, or update focal if AWS has added it.',
    ].join('\n'),
  )
}, 120_000)
