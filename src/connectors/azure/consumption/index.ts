import { createHash } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { RetryableError } from '../../../core/errors.ts'
import { isPeriod } from '../../../core/period.ts'
import type { BillingSource, ConnectorContext, Delivery, LocalFile } from '../../connector.ts'
import { explain } from './answer-errors.ts'
import { connectToApi, type ApiAccess } from './api.ts'
import { whileClaimed } from './claim.ts'
import { askToday, dayOf, newestMonths } from './days.ts'
import { explainDisk } from './files.ts'
import { looksUnchanged, readMonth, type MetricReading, type Subject } from './month.ts'
import type { ScopeOptions } from './options.ts'
import { pageAsker, standardPageTuning, type AskPage, type PageTuning } from './pages.ts'
import { readRecord, toDelivery, writeRecord, type MonthRecord } from './record.ts'

export { scopeOptions, type ScopeOptions } from './options.ts'

/** What tests put in place of the default credentials, the network and the waiting. */
export interface ScopeAccess extends ApiAccess {
  readonly tuning?: Partial<PageTuning> | undefined
}

/**
 * The usage details of one scope, month by month, as the Consumption API gives them. Nothing is asked yet. The README
 * beside this file says what is asked when, and what the files hold.
 */
export async function openScope(
  options: ScopeOptions,
  context: ConnectorContext,
  access: ScopeAccess = {},
): Promise<BillingSource> {
  const { scope, agreement, months } = options
  const { env, signal, notice, now = () => new Date() } = context
  const api = connectToApi(scope, env, access)
  const { endpoint } = api
  const tuning = { ...standardPageTuning, ...access.tuning }
  const ask = pageAsker(api, tuning, context)
  const root = path.join(context.cacheDirectory, folderName(endpoint, scope))

  return {
    async periods() {
      return newestMonths(now(), months)
    },
    async delivery(period) {
      try {
        signal?.throwIfAborted()
        return await deliver(ask, { endpoint, scope, period, agreement, notice }, root, now())
      } catch (error) {
        signal?.throwIfAborted()
        throw explainDisk(explain(error, { scope, period, endpoint, attempts: tuning.retry.attempts }), root)
      }
    },
    fetch: (delivery, progress) => localFiles(path.join(root, delivery.period), delivery, progress),
    async forget(keep) {
      const kept = new Set(keep.map(({ period }) => period))
      for (const period of await readdir(root).catch(() => [])) {
        if (isPeriod(period) && !kept.has(period)) await rm(path.join(root, period), { recursive: true, force: true })
      }
    },
  }
}

/** The month as it is known today, which takes requests only the first time in a day. */
async function deliver(ask: AskPage, subject: Subject, root: string, now: Date): Promise<Delivery> {
  const folder = path.join(root, subject.period)
  const known = await readRecord(folder)
  if (known !== undefined && askToday(subject.period, known, now) === 'nothing') return toDelivery(known)
  return whileClaimed(root, async () => {
    // Another process may have read it while this one came to the claim.
    const last = await readRecord(folder)
    const todo = askToday(subject.period, last, now)
    const today = dayOf(now)
    if (last !== undefined && todo !== 'read') {
      if (todo === 'nothing') return toDelivery(last)
      if (await looksUnchanged(ask, subject, last.metrics)) {
        await writeRecord(folder, { ...last, probedOn: today })
        return toDelivery(last)
      }
    }
    const metrics = await readMonth(ask, subject, path.join(folder, today))
    const gone = last?.metrics.find(({ rows, file }) => rows > 0 && rowsOf(metrics, file) === 0)
    if (last !== undefined && gone !== undefined) return emptied(subject, last, gone, path.join(folder, today))
    const record = { period: subject.period, readOn: today, probedOn: today, metrics }
    await writeRecord(folder, record)
    return toDelivery(record)
  })
}

function rowsOf(metrics: readonly MetricReading[], file: string): number {
  return metrics.find((reading) => reading.file === file)?.rows ?? 0
}

/** No month loses all its charges: an API that says so is believed no sooner than it says something else. */
async function emptied(
  { period }: Subject,
  last: MonthRecord,
  { file, rows }: MetricReading,
  reading: string,
): Promise<Delivery> {
  await rm(reading, { recursive: true, force: true })
  const waiting = `Azure gives no rows for ${file} of ${period} any more, but gave ${rows} on ${last.readOn}`
  return { ...toDelivery(last), waiting }
}

async function localFiles(
  folder: string,
  { period, fingerprint, files }: Delivery,
  progress: ((bytes: number) => void) | undefined,
): Promise<LocalFile[]> {
  const record = await readRecord(folder)
  if (record === undefined || toDelivery(record).fingerprint !== fingerprint) {
    throw new RetryableError('the rows were removed from the cache before they could be used', {
      where: { period },
      hint: 'Run again; they are read anew then.',
    })
  }
  return files.map(({ key, size }) => {
    progress?.(size)
    return { name: key, path: path.join(folder, record.readOn, key) }
  })
}

/** One folder per cloud and scope: what one source forgets is no other's. */
function folderName(endpoint: string, scope: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([endpoint, scope.toLowerCase()]))
    .digest('hex')
  return `azure-scope-${digest.slice(0, 16)}`
}
