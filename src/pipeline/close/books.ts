import { UserError } from '../../core/errors.ts'
import type { Period } from '../../core/period.ts'
import type { Config } from '../../config/config.ts'
import type { Sink } from '../../sinks/sink.ts'
import { append, readLog, type AuditLog, type LogEntry } from './audit-log.ts'
import type { MonthEvent } from './events.ts'
import { monthOf, settleMonths, type MonthRecord } from './month-record.ts'

/** What a step of the close is given: the world comes in as arguments. */
export interface CloseContext {
  readonly config: Config
  readonly lake: Sink
  readonly runId: string
  readonly now: () => Date
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal?: AbortSignal | undefined
}

/** The books while the lake is held: what they say, and how something is written into them. */
export interface Books {
  log(): AuditLog
  month(period: Period): MonthRecord
  months(): readonly MonthRecord[]
  write(period: Period, by: string, event: MonthEvent): Promise<MonthRecord>
}

/** Opens the books for one writer. DataError when the log was tampered with, RetryableError when a run holds the lake. */
export async function withBooks<T>(context: CloseContext, work: (books: Books) => Promise<T>): Promise<T> {
  const { lake, runId, now } = context
  return lake.hold(runId, now(), async () => work(await openBooks(lake, now)))
}

/** As `withBooks`, for those who hold the lake already. */
export async function openBooks(lake: Sink, now: () => Date): Promise<Books> {
  let log = await readLog(lake)
  let months = await settleMonths(lake, log)
  return {
    log: () => log,
    month: (period) => monthOf(log, period),
    months: () => months,
    async write(period, by, event) {
      log = await append(lake, log, { period, by, at: now(), event })
      months = await settleMonths(lake, log)
      return monthOf(log, period)
    },
  }
}

/** A name as it is written into the books. UserError when it says nothing. */
export function personOf(name: string): string {
  const person = name.trim().replaceAll(/\s+/g, ' ')
  if (person !== '') return person
  throw new UserError('the books want to know who does it', { hint: 'Say your name with --as, or with FOCAL_AS.' })
}

/** Whether two names are of one person, however they are capitalised. */
export function isSamePerson(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}

/** Of the text of a comment or reason. UserError when it says nothing. */
export function wordsOf(text: string, what: string): string {
  const words = text.trim()
  if (words !== '') return words
  throw new UserError(`the ${what} is empty`, { hint: `It goes into the books: say in a few words why.` })
}

/** Entries of one month, oldest first. */
export function entriesOf({ entries }: AuditLog, period: Period): LogEntry[] {
  return entries.filter((entry) => entry.period === period)
}

/** UserError when the configuration says who may do it, and this person is not among them. */
export function requireRole({ finance }: Config, role: 'preparers' | 'approvers', by: string): void {
  const allowed = finance?.close?.[role]
  if (allowed === undefined || allowed.some((name) => isSamePerson(name, by))) return
  throw new UserError(`${by} is not among the ${role} of the configuration`, {
    hint: `finance.close.${role} names ${allowed.join(', ')}.`,
  })
}
