import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSession, type Session } from '../../core/duckdb.ts'
import { UserError } from '../../core/errors.ts'
import { isPeriod, type Period } from '../../core/period.ts'
import { intervalHours } from './bill.ts'
import { finishDelivery, planDelivery, writePart, type PlannedDelivery, type WrittenDelivery } from './deliver.ts'
import type { AwsLayout } from './layouts.ts'

export type { WrittenDelivery } from './deliver.ts'

export interface AwsBillsOptions {
  /** Each layout gets a folder of its own below it. */
  readonly directory: string
  /** The same seed gives the same files, byte for byte, whatever the threads. */
  readonly seed: number
  /** In time order; the last one is the open month. */
  readonly months?: readonly Period[]
  /** About how many line items each month and layout has. Below 60,000 the report is daily, else hourly. */
  readonly rows?: number
  readonly layouts?: readonly AwsLayout[]
  /**
   * 1 writes every month, the open one as far as it got. 2 delivers the open month again, whole and
   * invoiced, with one usage cost corrected; the other months are not touched.
   */
  readonly delivery?: 1 | 2
  /** Line items in a data file at most; a legacy report has two files at least. */
  readonly rowsPerFile?: number
  readonly threads?: number
  /** For all threads together, in MB. */
  readonly memoryMegabytes?: number
  readonly signal?: AbortSignal
}

export const demoMonths: readonly Period[] = ['2026-08', '2026-09', '2026-10']

/** One thread's work is one file; a session of its own, since a query on one thread keeps its row order. */
const rowsWorthAThread = 100_000

/**
 * Writes billing exports as AWS delivers them, made up from the seed: every line item type, commitments whose
 * parts add up to the digit, untidy tags. Gives what it wrote, by layout and month.
 * UserError for months that are none or out of order.
 */
export async function writeAwsBills(options: AwsBillsOptions): Promise<WrittenDelivery[]> {
  const { layouts = ['cur-csv-gz', 'cur2-parquet'], months = demoMonths, rows = 3_000, delivery = 1 } = options
  checkMonths(months)
  const written = delivery === 1 ? months : months.slice(-1)
  const planned = layouts.flatMap((layout) =>
    written.map((period) =>
      planDelivery({
        layout,
        period,
        delivery,
        directory: options.directory,
        seed: options.seed,
        firstPeriod: months[0] ?? period,
        open: period === months.at(-1),
        rows,
        rowsPerFile: options.rowsPerFile ?? 500_000,
        granularity: intervalHours(rows) === 1 ? 'hourly' : 'daily',
      }),
    ),
  )
  return await withSessions(options, rows, (sessions) => deliverAll(sessions, planned))
}

async function deliverAll(
  sessions: readonly Session[],
  planned: readonly PlannedDelivery[],
): Promise<WrittenDelivery[]> {
  const deliveries: WrittenDelivery[] = []
  for (const delivery of planned) {
    const parts = Array.from({ length: delivery.parts }, (_, part) => part)
    await Promise.all(
      sessions.map(async (session, worker) => {
        for (const part of parts.filter((each) => each % sessions.length === worker))
          await writePart(session, delivery, part)
      }),
    )
    const [first] = sessions
    if (first) deliveries.push(await finishDelivery(first, delivery))
  }
  return deliveries
}

async function withSessions<Result>(
  options: AwsBillsOptions,
  rows: number,
  work: (sessions: readonly Session[]) => Promise<Result>,
): Promise<Result> {
  const { threads = 2, memoryMegabytes = 2_000, signal } = options
  const count = Math.max(1, Math.min(threads, Math.floor(rows / rowsWorthAThread)))
  const tempDirectory = await mkdtemp(join(tmpdir(), 'focal-bills-'))
  const sessions: Session[] = []
  try {
    for (let opened = 0; opened < count; opened++) {
      sessions.push(
        await openSession({
          memoryLimit: `${Math.floor(memoryMegabytes / count)}MB`,
          threads: 1,
          tempDirectory: join(tempDirectory, String(opened)),
          signal,
        }),
      )
    }
    return await work(sessions)
  } finally {
    for (const session of sessions) session.close()
    await rm(tempDirectory, { recursive: true, force: true })
  }
}

function checkMonths(months: readonly Period[]): void {
  const wrong = months.find((month, index) => !isPeriod(month) || (index > 0 && month <= (months[index - 1] ?? '')))
  if (months.length > 0 && wrong === undefined) return
  throw new UserError(
    wrong === undefined ? 'no month to write a bill for' : `"${wrong}" is not a month after the one before it`,
    {
      hint: 'Give months as 2026-08, 2026-09, 2026-10, in that order.',
    },
  )
}
