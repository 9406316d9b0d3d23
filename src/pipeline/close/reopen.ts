import { UserError } from '../../core/errors.ts'
import type { Period } from '../../core/period.ts'
import { isSamePerson, requireRole, withBooks, wordsOf, type Books, type CloseContext } from './books.ts'
import { newestClosed } from './conditions.ts'
import type { KeptFile } from './events.ts'
import type { MonthRecord } from './month-record.ts'

export interface ReopenRequest {
  readonly period: Period
  readonly by: string
  readonly reason: string
}

/**
 * Opens the newest closed month again, once two approvers have asked for it: the first one's word is noted, the
 * second's opens it. Its statements are kept under `history/`. UserError for any other month.
 */
export async function reopenMonth(context: CloseContext, request: ReopenRequest): Promise<MonthRecord> {
  const { period, by } = request
  const reason = wordsOf(request.reason, 'reason')
  requireRole(context.config, 'approvers', by)
  return withBooks(context, async (books) => {
    const { state, reopening, booked } = books.month(period)
    if (state !== 'closed') throw new UserError(`${period} is not closed but ${state}`)
    refuseOlder(books, period)
    if (reopening === null) return books.write(period, by, { event: 'reopening-asked', reason })
    if (isSamePerson(reopening.by, by)) {
      throw new UserError(`${by} has asked already for ${period} to be opened`, {
        hint: 'It takes two: another approver says the same with their own --as.',
      })
    }
    await keepSuperseded(context, period, booked?.reports ?? [])
    return books.write(period, by, { event: 'month-reopened', reason })
  })
}

/** Later months may hold corrections of this one, which must not change. */
function refuseOlder(books: Books, period: Period): void {
  const newest = newestClosed(books)
  if (newest === period || newest === undefined) return
  throw new UserError(`${newest} is closed after ${period}`, {
    hint: `Only the newest closed month can be opened: open ${newest} first, or let what changes be posted as corrections.`,
  })
}

/** Once a month is closed again, its statements take the place of these. */
async function keepSuperseded({ lake }: CloseContext, period: Period, reports: readonly KeptFile[]): Promise<void> {
  const folder = `history/reports/${period}`
  const number = (await lake.listNames(folder)).length + 1
  for (const { path } of reports) {
    const content = await lake.readFile(path)
    if (content !== undefined) await lake.writeFile(`${folder}/${number}/${path.split('/').at(-1) ?? ''}`, content)
  }
}
