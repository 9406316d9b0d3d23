import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSession, quoteText, type Session } from '../../core/duckdb.ts'
import { periodBounds, type Period } from '../../core/period.ts'
import { pathBeside, readBeside } from '../../core/sql.ts'
import { manifestText } from './manifest.ts'

/** Acme has an enterprise agreement; Birchwood, which it bought, a Microsoft Customer Agreement. */
export type Agreement = 'enterprise' | 'customer-agreement'

interface AgreementFacts {
  readonly organisation: string
  readonly folder: string
  readonly scope: string
  /** Prices times this is what is billed. */
  readonly rate: string
  /** Whether a run replaces the one before or stands beside it. */
  readonly overwrites: boolean
  readonly compressed: boolean
}

const facts: Record<Agreement, AgreementFacts> = {
  enterprise: {
    organisation: 'acme',
    folder: 'enterprise',
    scope: '/providers/Microsoft.Billing/billingAccounts/8611001',
    rate: '1',
    overwrites: true,
    compressed: false,
  },
  'customer-agreement': {
    organisation: 'birchwood',
    folder: 'customer-agreement',
    scope:
      '/providers/Microsoft.Billing/billingAccounts/f0c2d1aa-0b5e-4a53-9f3c-5d2b7c9e1a00:5b1c7e42-9d60-4a83-8e0f-2f6a1d3c4b00_2019-05-31/billingProfiles/BIRC-WOOD-BG7-PGB',
    rate: '0.92',
    overwrites: false,
    compressed: true,
  },
}

/** How the files of a run are written, and what its manifest says of that. */
interface Packing {
  readonly extension: string
  readonly columns: string
  readonly copy: string
  readonly format: 'Csv' | 'Parquet'
  readonly compression: 'None' | 'Gzip' | 'Snappy'
}

const plain: Packing = {
  extension: 'csv',
  columns: '*',
  copy: 'FORMAT csv, HEADER true',
  format: 'Csv',
  compression: 'None',
}
const gzip: Packing = { ...plain, extension: 'csv.gz', copy: `${plain.copy}, COMPRESSION gzip`, compression: 'Gzip' }
/** The columns of both agreements that hold amounts, in lower case. */
const amounts = [
  'cost',
  'costinbillingcurrency',
  'costinpricingcurrency',
  'costinusd',
  'effectiveprice',
  'exchangeratepricingtobilling',
  'paygcostinbillingcurrency',
  'paygprice',
  'quantity',
  'unitprice',
]
const isAmount = `lower(c) IN (${amounts.map(quoteText).join(', ')})`
const parquet: Packing = {
  extension: 'parquet',
  columns: `COLUMNS(c -> NOT ${isAmount})::VARCHAR, COLUMNS(c -> ${isAmount})::DOUBLE`,
  copy: 'FORMAT parquet, COMPRESSION snappy',
  format: 'Parquet',
  compression: 'Snappy',
}

export interface AzureExportsOptions {
  /** Each agreement gets a folder of its own below it. */
  readonly directory: string
  /** The same seed gives the same files. */
  readonly seed: number
  /** In time order; the last one is the open month. */
  readonly months?: readonly Period[]
  /** About how many rows each month and dataset has. */
  readonly rows?: number
  readonly agreements?: readonly Agreement[]
  /** Parquet has its amounts as doubles. By default csv, packed as the agreement has it. */
  readonly format?: 'csv' | 'parquet'
  /** 1 writes every month, the open one as far as it got; 2 the open month again, whole, with one usage corrected. */
  readonly delivery?: 1 | 2
  readonly memoryMegabytes?: number
  readonly signal?: AbortSignal
}

export interface WrittenMonth {
  readonly agreement: Agreement
  readonly location: string
  readonly period: Period
  /** Files of each dataset, relative to the location. */
  readonly actual: readonly string[]
  readonly amortized: readonly string[]
}

export const demoMonths: readonly Period[] = ['2026-08', '2026-09', '2026-10']

/** One of each kind in `data/meters.csv` at least. */
const fewestResources = 17

/**
 * Writes Cost Management exports as Azure delivers them, made up from the seed: actual and amortized cost of an
 * enterprise agreement and of a Microsoft Customer Agreement, with every kind of charge and commitments whose
 * parts add up to the digit. Gives what it wrote, by agreement and month.
 */
export async function writeAzureExports(options: AzureExportsOptions): Promise<WrittenMonth[]> {
  const { agreements = ['enterprise', 'customer-agreement'], months = demoMonths, delivery = 1 } = options
  const { memoryMegabytes = 1_000, signal } = options
  const tempDirectory = await mkdtemp(join(tmpdir(), 'focal-exports-'))
  const session = await openSession({ memoryLimit: `${memoryMegabytes}MB`, threads: 1, tempDirectory, signal })
  try {
    const written: WrittenMonth[] = []
    for (const agreement of agreements) {
      for (const period of delivery === 1 ? months : months.slice(-1)) {
        written.push(await writeMonth(session, options, agreement, period, months))
      }
    }
    return written
  } finally {
    session.close()
    await rm(tempDirectory, { recursive: true, force: true })
  }
}

async function writeMonth(
  session: Session,
  { directory, seed, rows = 3_000, format = 'csv', delivery = 1 }: AzureExportsOptions,
  agreement: Agreement,
  period: Period,
  months: readonly Period[],
): Promise<WrittenMonth> {
  const { organisation, folder, rate } = facts[agreement]
  const { start, end } = periodBounds(period)
  const monthDays = (Date.parse(end) - Date.parse(start)) / 86_400_000
  const open = period === months.at(-1) && delivery === 1
  const resources = Math.max(fewestResources, Math.round(rows / monthDays) - 6)
  await setAll(session, {
    agreement,
    organisation,
    data: pathBeside(import.meta.url, 'data'),
    noise_seed: createHash('sha256').update(`${seed}/azure/${organisation}`).digest().readUInt32BE() % 2_147_483_647,
    month_start: start,
    month_last_day: new Date(Date.parse(end) - 86_400_000).toISOString().slice(0, 10),
    month_ordinal: Number(period.slice(0, 4)) * 12 + Number(period.slice(5)),
    month_days: monthDays,
    delivered_days: open ? Math.floor((monthDays * 2) / 3) : monthDays,
    first_month: period === months[0] ? 'yes' : 'no',
    resources,
    // The disk (the fourth meter) of the fourth day.
    corrected_row: delivery > 1 ? 3 * resources + 3 : -1,
    invoice_id: open ? '' : `E0${period.replace('-', '')}`,
    rate,
  })
  for (const file of ['macros', 'catalog', 'usage', 'commitments', 'monthly', 'lines']) {
    await session.run(readBeside(import.meta.url, `sql/${file}.sql`))
  }
  const location = join(directory, folder)
  const submitted = open ? new Date(`${period}-22T06:15:00Z`) : new Date(Date.parse(end) + 2 * 86_400_000 + 22_500_000)
  const write = (dataset: 'actual' | 'amortized') =>
    writeRun(session, { agreement, dataset, location, period, seed, format, delivery, submitted })
  return { agreement, location, period, actual: await write('actual'), amortized: await write('amortized') }
}

interface RunRequest {
  readonly agreement: Agreement
  readonly dataset: 'actual' | 'amortized'
  readonly location: string
  readonly period: Period
  readonly seed: number
  readonly format: 'csv' | 'parquet'
  readonly delivery: 1 | 2
  readonly submitted: Date
}

/** Writes the files of one run and then its manifest; gives their names below the location. */
async function writeRun(session: Session, request: RunRequest): Promise<string[]> {
  const { agreement, dataset, location, period, seed, format, delivery, submitted } = request
  const { overwrites, scope } = facts[agreement]
  const packing = format === 'parquet' ? parquet : facts[agreement].compressed ? gzip : plain
  const exportName = `${agreement === 'enterprise' ? 'acme' : 'birchwood'}-${dataset}`
  const { start, end } = periodBounds(period)
  const lastDay = new Date(Date.parse(end) - 86_400_000).toISOString().slice(0, 10)
  const month = `exports/${exportName}/${compact(start)}-${compact(lastDay)}`
  const runId = uuid(`${seed}/${agreement}/${dataset}/${period}/${delivery}`)
  if (overwrites) await rm(join(location, month), { recursive: true, force: true })
  const folder = overwrites
    ? `${month}/${runId}`
    : `${month}/${submitted.toISOString().replaceAll(/\D/g, '').slice(0, 12)}/${runId}`
  await mkdir(join(location, folder), { recursive: true })
  await session.set('dataset', dataset)
  await session.run(`CREATE OR REPLACE TEMP TABLE delivered AS ${readBeside(import.meta.url, `sql/${agreement}.sql`)}`)
  const [count] = await session.rows<{ rows: string }>('SELECT count(*) AS rows FROM delivered')
  const rows = Number(count?.rows ?? 0)
  const half = Math.ceil(rows / 2)
  const blobs = []
  for (const [part, offset] of [0, half].entries()) {
    const name = `${folder}/part_${part}_0001.${packing.extension}`
    const path = join(location, name)
    await session.run(
      `COPY (SELECT ${packing.columns} FROM delivered LIMIT ${half} OFFSET ${offset}) TO ${quoteText(path)} (${packing.copy})`,
    )
    blobs.push({ name, bytes: (await stat(path)).size, rows: Math.min(half, rows - offset) })
  }
  const text = manifestText({
    exportName,
    type: dataset === 'actual' ? 'ActualCost' : 'AmortizedCost',
    scope,
    runId,
    submitted,
    monthStart: start,
    monthLastDay: lastDay,
    overwrites,
    format: packing.format,
    compression: packing.compression,
    rows,
    blobs,
  })
  await writeFile(join(location, folder, 'manifest.json'), text)
  return blobs.map(({ name }) => name)
}

async function setAll(session: Session, variables: Record<string, string | number>): Promise<void> {
  for (const [name, value] of Object.entries(variables)) await session.set(name, String(value))
}

/** `20260801`. */
function compact(date: string): string {
  return date.replaceAll('-', '')
}

/** A UUID that looks random and depends on the text alone. */
function uuid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
