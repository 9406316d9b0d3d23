import { existsSync } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { readBeside } from '../src/core/sql.ts'
import { writeAwsBills } from '../src/demo/aws/write-bills.ts'
import { writeAzureExports } from '../src/demo/azure/write-exports.ts'
import { writeGcpBills } from '../src/demo/gcp/write-bills.ts'

/** A bill that has been written, and how plain SQL reads it. */
export interface Bill {
  readonly connector: string
  readonly location: string
  /** Absolute paths of the data files. */
  readonly files: readonly string[]
}

export interface Format {
  readonly name: string
  readonly connector: string
  /** Reads the columns as they are, text as text: what a bare copy reads and writes again. */
  readonly raw: string
  /** What was charged, from the files alone. */
  readonly billed: string
  write(directory: string, rows: number): Promise<{ location: string; files: readonly string[] }>
}

const period = '2026-09'
const seed = 1

const csv = "read_csv(getvariable('files'), header = true, all_varchar = true)"
const parquet = "read_parquet(getvariable('files'), union_by_name => true, hive_partitioning => false)"
const gcpTotal = (name: string) => {
  const invoice = readBeside(new URL('../src/demo/gcp/sql/', import.meta.url), name)
  return `SELECT amount AS billed FROM (${invoice.replaceAll('bill_files', 'files').replace(/;\s*$/, '')})`
}

/** One closed month of each format; Google's is two thirds of an open one, without the rows that were loaded twice. */
export const formats: readonly Format[] = [
  {
    name: 'aws-legacy-csv.gz',
    connector: 'aws',
    raw: csv,
    billed: `SELECT sum("lineItem/UnblendedCost"::DECIMAL(38, 18)) AS billed FROM ${csv}`,
    write: (directory, rows) => writeAws(directory, rows, 'cur-csv-gz'),
  },
  {
    name: 'aws-cur2-parquet',
    connector: 'aws',
    raw: parquet,
    billed: `SELECT sum(line_item_net_unblended_cost::VARCHAR::DECIMAL(38, 18)) AS billed FROM ${parquet}`,
    write: (directory, rows) => writeAws(directory, rows, 'cur2-parquet'),
  },
  {
    name: 'gcp-json.gz',
    connector: 'gcp',
    raw: "read_json_objects(getvariable('files'), format = 'newline_delimited')",
    billed: gcpTotal('invoice-json.sql'),
    write: (directory, rows) => writeGcp(directory, rows, 'acme'),
  },
  {
    name: 'gcp-parquet',
    connector: 'gcp',
    raw: parquet,
    billed: gcpTotal('invoice-parquet.sql'),
    write: (directory, rows) => writeGcp(directory, rows, 'birchwood'),
  },
  {
    name: 'azure-csv.gz',
    connector: 'azure',
    raw: csv,
    billed: `SELECT sum(costInBillingCurrency::DECIMAL(38, 18)) AS billed FROM read_csv(
      list_filter(getvariable('files'), file -> contains(file, 'actual')), header = true, all_varchar = true)`,
    write: (directory, rows) => writeAzure(directory, rows, 'csv'),
  },
  {
    name: 'azure-parquet',
    connector: 'azure',
    raw: parquet,
    billed: `SELECT sum(costInBillingCurrency::VARCHAR::DECIMAL(38, 18)) AS billed FROM read_parquet(
      list_filter(getvariable('files'), file -> contains(file, 'actual')), hive_partitioning => false)`,
    write: (directory, rows) => writeAzure(directory, rows, 'parquet'),
  },
]

async function writeAws(directory: string, rows: number, layout: 'cur-csv-gz' | 'cur2-parquet') {
  const [written] = await writeAwsBills({ directory, seed, months: [period], rows, layouts: [layout], delivery: 2 })
  if (written === undefined) throw new Error('no bill was written')
  return written
}

async function writeGcp(directory: string, rows: number, organisation: 'acme' | 'birchwood') {
  const all = Math.ceil((rows * 3) / 2)
  const [written] = await writeGcpBills({ directory, seed, months: [period], rows: all, organisations: [organisation] })
  if (written === undefined) throw new Error('no bill was written')
  return written
}

/** Rows of the actual and of the amortized data together. */
async function writeAzure(directory: string, rows: number, format: 'csv' | 'parquet') {
  const [written] = await writeAzureExports({
    directory,
    seed,
    months: [period],
    rows: Math.ceil(rows / 2),
    agreements: ['customer-agreement'],
    format,
    delivery: 2,
  })
  if (written === undefined) throw new Error('no export was written')
  return { location: written.location, files: [...written.actual, ...written.amortized] }
}

/** The bill of about that many rows, written before if not now. Kept in the system's folder for temporary files. */
export async function billOf(format: Format, rows: number): Promise<Bill> {
  const directory = path.join(tmpdir(), 'focal-bench', `${format.name}-${rows}`)
  const index = path.join(directory, 'bill.json')
  if (!existsSync(index)) {
    const unfinished = `${directory}.unfinished`
    for (const folder of [directory, unfinished]) await rm(folder, { recursive: true, force: true })
    const { location, files } = await format.write(unfinished, rows)
    const inside = { location: path.relative(unfinished, location), files }
    await writeFile(path.join(unfinished, 'bill.json'), JSON.stringify(inside))
    await rename(unfinished, directory)
  }
  const { location, files } = JSON.parse(await readFile(index, 'utf8')) as { location: string; files: string[] }
  const absolute = path.join(directory, location)
  return { connector: format.connector, location: absolute, files: files.map((file) => path.join(absolute, file)) }
}
