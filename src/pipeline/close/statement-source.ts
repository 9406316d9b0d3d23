import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { DataError } from '../../core/errors.ts'
import type { Period } from '../../core/period.ts'
import type { Chargeback } from '../../reports/chargeback/model.ts'
import type { Journal, JournalKind } from '../../reports/journal/journal.ts'
import { postChargeback } from '../../reports/journal/post.ts'
import type { Sink } from '../../sinks/sink.ts'
import { readAllocations, readMonthState, type MonthState } from '../allocate-record.ts'
import { makeChargeback } from '../month-end/chargeback.ts'
import { reportFolder } from '../month-end/report.ts'
import type { CloseContext } from './books.ts'
import { logText } from './audit-log.ts'
import type { Booked } from './events.ts'
import { readMonth } from './month-record.ts'

type World = Pick<CloseContext, 'config' | 'lake' | 'env' | 'signal'>

/**
 * Statements for those who ask again and again: a closed month's as they were closed, an open one's as of now. The
 * latter are kept until something that they follow from has changed.
 */
export function lakeStatements(world: World) {
  const { config, lake } = world
  const kept = new Map<Period, { readonly print: string; readonly chargeback: Promise<Chargeback> }>()
  return {
    /** Months with something allocated, oldest first. */
    async periods(): Promise<{ period: Period; state: MonthState }[]> {
      const periods = [...new Set((await readAllocations(lake, 'allocated')).map(({ period }) => period))].toSorted()
      return Promise.all(periods.map(async (period) => ({ period, state: await readMonthState(lake, period) })))
    },
    /** `undefined` when nothing is allocated of the month. */
    async chargeback(period: Period): Promise<Chargeback | undefined> {
      const booked = (await readMonth(lake, period))?.booked
      if (booked) return closedStatements(lake, period, booked)
      const records = await readAllocations(lake, 'allocated')
      if (!records.some((record) => record.period === period)) return undefined
      const print = await printOf(world, records)
      const known = kept.get(period)
      if (known?.print === print) return known.chargeback
      const chargeback = makeChargeback({ ...world, period })
      kept.set(period, { print, chargeback })
      // What failed is tried again by the next who asks.
      chargeback.catch(() => kept.delete(period))
      return chargeback
    },
    /** `undefined` when the configuration does not say how to post. */
    journals(chargeback: Chargeback, kind: JournalKind): readonly Journal[] | undefined {
      const rules = config.finance?.journal
      return rules === undefined ? undefined : postChargeback(chargeback, { kind, rules })
    },
  }
}

/** The statements as they were closed. DataError when they are others by now. */
async function closedStatements(lake: Sink, period: Period, { reports }: Booked): Promise<Chargeback> {
  const file = `${reportFolder(period)}/chargeback.json`
  const content = await lake.readFile(file)
  const sha256 = createHash('sha256')
    .update(content ?? '')
    .digest('hex')
  if (content === undefined || !reports.some((one) => one.path === file && one.sha256 === sha256)) {
    throw new DataError('the statements are not those that were closed', {
      where: { period, file },
      hint: '`focal audit verify` lists all that was altered; bring the file back from a backup.',
    })
  }
  return JSON.parse(content.toString('utf8')) as Chargeback
}

/** Of the allocated rows, the books (corrections are in them) and the files of rules, rates and budgets. */
async function printOf({ config, lake }: World, records: Awaited<ReturnType<typeof readAllocations>>): Promise<string> {
  const { allocation, finance } = config
  const files = [allocation, finance?.rates, finance?.budgets].filter((file) => file !== undefined)
  const contents = await Promise.all(files.map((file) => readFile(file).catch(() => Buffer.alloc(0))))
  const hash = createHash('sha256').update(JSON.stringify(records.map(({ partition }) => partition)))
  for (const content of [Buffer.from(await logText(lake)), ...contents]) hash.update(content)
  return hash.digest('hex')
}
