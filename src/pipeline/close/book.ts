import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { DataError, RetryableError } from '../../core/errors.ts'
import type { Period } from '../../core/period.ts'
import type { Chargeback } from '../../reports/chargeback/model.ts'
import type { ReportFormat } from '../../reports/chargeback/render.ts'
import type { Reconciliation } from '../../reports/reconcile/model.ts'
import type { Sink } from '../../sinks/sink.ts'
import { readAllocations } from '../allocate-record.ts'
import { renderChargeback, renderJournals, reportFolder, type ReportFile } from '../month-end/report.ts'
import type { Books, CloseContext } from './books.ts'
import { correctionFiles } from './correction-files.ts'
import type { Booked, KeptFile, RulesInForce } from './events.ts'
import { evidencePack } from './evidence.ts'
import { keepFile } from './kept-rules.ts'

export interface Booking {
  readonly context: CloseContext
  readonly books: Books
  readonly period: Period
  /** Who approves. */
  readonly by: string
}

interface Approved {
  readonly chargeback: Chargeback
  readonly figures: string
  readonly rules: RulesInForce
  readonly reconciliation: Reconciliation
  /** Why it is closed although it does not tie with its invoices; null when it ties. */
  readonly reason: string | null
}

/** Writes the statements, the journal and the evidence of a month that is being closed, and takes stock of its files. */
export async function bookMonth(
  booking: Booking,
  { chargeback, figures, rules, reconciliation, reason }: Approved,
): Promise<Booked> {
  const { context, period } = booking
  const { lake } = context
  const records = (await readAllocations(lake, 'allocated')).filter((record) => record.period === period)
  const sources: Booked['sources'][number][] = []
  for (const { source, focus, partition, totals } of records) {
    const found = await takeStock(lake, partition.path)
    if (found.sha256 !== partition.sha256) {
      throw new DataError('the partition is not the file that was published', {
        where: { source, period, file: partition.path },
        hint: `Nothing was closed. \`focal allocate --period ${period} --full\` makes it again.`,
      })
    }
    sources.push({ source, focus, partition: found, totals })
  }
  const corrections: KeptFile[] = []
  for (const { path } of await correctionFiles(lake, period)) corrections.push(await takeStock(lake, path))
  const reports: KeptFile[] = []
  const rendered = await renderAll(context, chargeback)
  for (const { name, content } of rendered)
    reports.push(await keepFile(lake, `${reportFolder(period)}/${name}`, content))
  const { ties, hasInvoices } = reconciliation
  const booked = {
    runId: chargeback.runId,
    figures,
    sources,
    rules,
    corrections,
    reports,
    rates: chargeback.rates,
    invoices: ties ? (hasInvoices ? 'tie' : 'none given') : `differ: ${reason ?? ''}`,
  }
  const pack = await evidencePack(booking, { booked, reconciliation, reports: rendered })
  const evidence = await keepFile(lake, `${reportFolder(period)}/evidence.zip`, pack)
  return { ...booked, reports: [...reports, evidence] }
}

const formats: readonly ReportFormat[] = ['json', 'csv', 'xlsx', 'html', 'pdf']

/** Everything that finance gets of a month; the journal where the configuration says how to post. */
async function renderAll({ config }: CloseContext, chargeback: Chargeback): Promise<ReportFile[]> {
  const statements = await renderChargeback(chargeback, formats)
  const rules = config.finance?.journal
  if (rules === undefined) return statements
  return [...statements, ...renderJournals(chargeback, { profile: 'generic', kind: 'final', rules }).files]
}

/** Size and checksum of a file of the lake as it is now. RetryableError when it is gone. */
export async function takeStock(lake: Sink, name: string): Promise<KeptFile> {
  const found = await stockOf(lake, name)
  if (found !== undefined) return found
  throw new RetryableError('a file is missing from the lake', {
    where: { file: name },
    hint: 'Run `focal allocate` first: it makes partitions again.',
  })
}

/** `undefined` when it is gone. */
export async function stockOf(lake: Sink, name: string): Promise<KeptFile | undefined> {
  const [file] = await lake.readable([name])
  if (file === undefined) return undefined
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return { path: name, bytes: (await stat(file)).size, sha256: hash.digest('hex') }
}
