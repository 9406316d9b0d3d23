import path from 'node:path'
import { DataError, RetryableError } from '../../../core/errors.ts'
import type { Period } from '../../../core/period.ts'
import type { ConnectorContext } from '../../connector.ts'
import { NotAPage } from './answer-errors.ts'
import { append, begin, discard, resume, type Journal } from './journal.ts'
import { addToDigest, digestText, type Page } from './page.ts'
import type { AskPage } from './pages.ts'
import { agreementOf, firstPageUrl, metrics, type Agreement, type Metric } from './usage-url.ts'

/** What is read, and from where. */
export interface Subject {
  readonly endpoint: string
  readonly scope: string
  readonly period: Period
  /** As configured. */
  readonly agreement: Agreement | undefined
  readonly notice: ConnectorContext['notice']
}

/** A busy API gives some six pages a minute: after so many it is time to say that something is going on. */
const pagesBetweenNotices = 25

/** All rows of one metric and month, in a file. */
export interface MetricReading extends Omit<Journal, 'next' | 'pages'> {
  readonly file: string
}

/** Reads both metrics into `folder`, going on from what an earlier process left there. */
export async function readMonth(ask: AskPage, subject: Subject, folder: string): Promise<MetricReading[]> {
  const readings: MetricReading[] = []
  for (const { metric, file } of metrics) {
    // Of two metrics of one scope, the second is of the kind that the first turned out to be.
    const agreement = readings[0]?.kind === undefined ? subject.agreement : readings[0].agreement
    const {
      next: _none,
      pages: _pages,
      ...reading
    } = await readMetric(ask, { ...subject, agreement }, metric, path.join(folder, file))
    readings.push({ file, ...reading })
  }
  return readings
}

/** Whether the first pages are still those of the last reading. */
export async function looksUnchanged(ask: AskPage, subject: Subject, last: readonly MetricReading[]): Promise<boolean> {
  for (const { metric, file } of metrics) {
    const before = last.find((reading) => reading.file === file)
    if (before === undefined) return false
    const page = await ask(
      firstPageUrl(subject.endpoint, subject.scope, { ...subject, metric, agreement: before.agreement }),
    )
    if (digestText(addToDigest(0n, page.lines)) !== before.firstPage) return false
  }
  return true
}

async function readMetric(ask: AskPage, subject: Subject, metric: Metric, file: string): Promise<Journal> {
  const left = await resume(file)
  if (left !== undefined) {
    if (left.next !== undefined) tellProgress(subject, file, left.rows)
    try {
      return await readOn(ask, subject, file, left)
    } catch (error) {
      if (!hasExpired(error)) throw error
    }
  }
  const { page, agreement, url } = await firstPage(ask, subject, metric)
  return readOn(ask, subject, file, await enter(file, begin(url, agreement), page, subject.period))
}

/** Follows the links from where the journal is to the last page. */
async function readOn(ask: AskPage, subject: Subject, file: string, from: Journal): Promise<Journal> {
  const asked = new Set<string>()
  let journal = from
  while (journal.next !== undefined) {
    if (asked.has(journal.next)) {
      await discard(file)
      throw inACircle(file)
    }
    asked.add(journal.next)
    journal = await enter(file, journal, await ask(journal.next), subject.period)
    if (journal.pages % pagesBetweenNotices === 0) tellProgress(subject, file, journal.rows)
  }
  return journal
}

function tellProgress({ period, notice }: Subject, file: string, rows: number): void {
  notice?.(`${period}: ${rows} rows of ${path.basename(file, '.ndjson')} cost so far`)
}

/** A link of an earlier process is refused, rather than the caller: 400, 404 or 410. */
function hasExpired(error: unknown): boolean {
  return error instanceof NotAPage && [400, 404, 410].includes(error.answer.status)
}

/**
 * The first page, asked for in the way that the scope's agreement takes. Where that is not known, the legacy way comes
 * first; when it is refused, or gives modern rows (its filter was passed over then) or none, so does the modern way.
 */
async function firstPage(ask: AskPage, { endpoint, scope, period, ...subject }: Subject, metric: Metric) {
  const known = subject.agreement ?? agreementOf(scope)
  const first = async (agreement: Agreement) => {
    const url = firstPageUrl(endpoint, scope, { metric, period, agreement })
    return { page: await ask(url), agreement, url }
  }
  if (known !== undefined) return first(known)
  const legacy = await first('legacy').catch(undefinedWhenRefused)
  if (legacy === undefined || legacy.page.kind === 'modern') return first('modern')
  if (legacy.page.lines.length > 0) return legacy
  // A legacy scope passes the modern dates over and gives its current period: only modern rows are an answer.
  const modern = await first('modern').catch(undefinedWhenRefused)
  return modern?.page.kind === 'modern' ? modern : legacy
}

function undefinedWhenRefused(error: unknown): undefined {
  if (!(error instanceof NotAPage && error.answer.status === 400)) throw error
  return undefined
}

async function enter(file: string, journal: Journal, page: Page, period: Period): Promise<Journal> {
  const stray = page.dates.findIndex(
    (date) => date !== undefined && /^\d{4}-\d\d-\d\d/.test(date) && !date.startsWith(period),
  )
  if (stray !== -1) throw outOfMonth(file, journal.rows + stray + 1, page.dates[stray], period)
  return append(file, journal, page)
}

function outOfMonth(file: string, row: number, value: string | undefined, period: Period): DataError {
  return new DataError(`Azure gave a charge of another month than ${period}, which would be counted twice`, {
    where: { file: path.basename(file), row, column: 'properties.date', ...(value === undefined ? {} : { value }) },
    hint: 'If the scope is of a Microsoft Customer Agreement, write agreement: modern; if of an Enterprise Agreement, legacy.',
  })
}

function inACircle(file: string): RetryableError {
  return new RetryableError('Azure links a page that was read before as the next one', {
    where: { file: path.basename(file) },
    hint: 'Nothing of this reading is taken over; the next run begins a new one.',
  })
}
