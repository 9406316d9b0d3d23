import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSession, quoteText, type Session } from '../../core/duckdb.ts'
import type { Period } from '../../core/period.ts'
import { prepareBill, type Bill, type PreparedBill } from './bill.ts'

export interface GcpBillsOptions {
  /** Each billing account gets a folder of its own below it. */
  readonly directory: string
  /** The same seed gives the same files, byte for byte. */
  readonly seed: number
  /** In time order; the last one is the open month. */
  readonly months?: readonly Period[]
  /** About how many rows each month and account has. Below 60,000 the usage is daily, else hourly. */
  readonly rows?: number
  readonly organisations?: readonly Bill['organisation'][]
  /**
   * 1 writes every month, the open one as far as it got. 2 adds the rest of the open month, and loads a file of it
   * that is there already once more.
   */
  readonly delivery?: 1 | 2
  readonly rowsPerFile?: number
  readonly memoryMegabytes?: number
  readonly signal?: AbortSignal
}

/** What one account's folder got for one month. */
export interface WrittenBill {
  readonly organisation: Bill['organisation']
  /** What a source's location names. */
  readonly location: string
  readonly period: Period
  /** Relative to the location. */
  readonly files: readonly string[]
}

export const demoMonths: readonly Period[] = ['2026-08', '2026-09', '2026-10']

/** How each account's table is extracted. */
export const packings = { acme: 'json.gz', birchwood: 'parquet' } as const

/** The last 64th of a closed month's usage arrives when the month is long over. */
const lateShare = 64

/**
 * Writes billing exports as they are extracted from BigQuery, made up from the seed: every credit type, both models
 * of committed use, corrections of an earlier invoice, rows that arrive late, a file that was loaded twice.
 */
export async function writeGcpBills(options: GcpBillsOptions): Promise<WrittenBill[]> {
  const { organisations = ['acme', 'birchwood'], months = demoMonths, delivery = 1, signal } = options
  const tempDirectory = await mkdtemp(join(tmpdir(), 'focal-bills-'))
  const session = await openSession({
    memoryLimit: `${options.memoryMegabytes ?? 1_000}MB`,
    threads: 1,
    tempDirectory: join(tempDirectory, 'spill'),
    signal,
  })
  try {
    const written: WrittenBill[] = []
    for (const organisation of organisations) {
      for (const period of delivery === 1 ? months : months.slice(-1)) {
        const bill = await prepareBill(session, {
          organisation,
          period,
          seed: options.seed,
          rows: options.rows ?? 3_000,
        })
        const location = join(options.directory, organisation)
        await mkdir(location, { recursive: true })
        const state = period === months.at(-1) ? (delivery === 1 ? 'open' : 'final') : 'closed'
        const writer = { session, bill, location, organisation, rowsPerFile: options.rowsPerFile ?? 250_000 }
        written.push({ organisation, location, period, files: await writeMonth(writer, period, state) })
      }
    }
    return written
  } finally {
    session.close()
    await rm(tempDirectory, { recursive: true, force: true })
  }
}

interface Writer {
  readonly session: Session
  readonly bill: PreparedBill
  readonly location: string
  readonly organisation: Bill['organisation']
  readonly rowsPerFile: number
}

async function writeMonth(writer: Writer, period: Period, state: 'closed' | 'open' | 'final'): Promise<string[]> {
  const { bill } = writer
  const openIntervals = Math.floor((bill.intervals * 2) / 3)
  if (state === 'open') return writeRows(writer, `${period}-a`, { first: 0, last: openIntervals, part: 'first' })
  if (state === 'final') {
    const before = await writeRows(writer, `${period}-a`, { first: 0, last: openIntervals, part: 'first' })
    const rest = await writeRows(writer, `${period}-b`, { first: openIntervals, last: bill.intervals, part: 'rest' })
    return [...before, ...rest, await writeAgain(writer, `${period}-a-again`, before[0] ?? '')]
  }
  const late = Math.ceil(bill.intervals / lateShare)
  return [
    ...(await writeRows(writer, `${period}-a`, { first: 0, last: bill.intervals - late, part: 'first' })),
    ...(await writeRows(writer, `${period}-late`, {
      first: bill.intervals - late,
      last: bill.intervals,
      part: 'rest',
    })),
  ]
}

/** The intervals from `first` up to `last`, and the charges of the month that come with them. */
interface Stretch {
  readonly first: number
  readonly last: number
  readonly part: 'first' | 'rest'
}

async function writeRows(writer: Writer, name: string, stretch: Stretch): Promise<string[]> {
  const { bill, rowsPerFile } = writer
  await bill.selectCharges(stretch.first, stretch.last, stretch.part)
  const [from, to] = [stretch.first * bill.resources, stretch.last * bill.resources]
  const count = Math.max(1, Math.ceil((to - from) / rowsPerFile))
  const files: string[] = []
  for (let part = 0; part < count; part++) {
    const upTo = from + Math.floor(((to - from) * (part + 1)) / count)
    await bill.selectUsage(from + Math.floor(((to - from) * part) / count), upTo, part === 0)
    files.push(await copy(writer, `${name}-${String(part).padStart(12, '0')}`, `FROM ${rowsView(writer)}`))
  }
  return files
}

/** The same rows under another name and in another order, as when a load job runs twice. */
async function writeAgain(writer: Writer, name: string, file: string): Promise<string> {
  await writer.session.set('again', join(writer.location, file))
  const backwards = 'ORDER BY row_number() OVER () DESC'
  if (packings[writer.organisation] === 'parquet') {
    return copy(writer, name, `SELECT * FROM read_parquet(getvariable('again')) ${backwards}`)
  }
  const again = `${name}.json.gz`
  // One column, nothing quoted: the lines as they are.
  await writer.session.run(
    `COPY (SELECT json FROM read_json_objects(getvariable('again'), format => 'newline_delimited') ${backwards})
     TO ${quoteText(join(writer.location, again))} (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01', COMPRESSION gzip)`,
  )
  return again
}

function rowsView({ organisation }: Writer): string {
  return packings[organisation] === 'parquet' ? 'export_rows' : 'json_rows'
}

async function copy({ session, location, organisation }: Writer, name: string, rows: string): Promise<string> {
  const packing = packings[organisation]
  const file = `${name}.${packing}`
  const format = packing === 'parquet' ? 'FORMAT parquet, COMPRESSION snappy' : 'FORMAT json, COMPRESSION gzip'
  await session.run(`COPY (${rows}) TO ${quoteText(join(location, file))} (${format})`)
  return file
}
