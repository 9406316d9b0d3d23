import { toUnits } from '../../core/decimal.ts'
import { UserError } from '../../core/errors.ts'
import type { Period } from '../../core/period.ts'
import { wordsOf, withBooks, type Books, type CloseContext } from './books.ts'
import type { Dispute, MonthRecord } from './month-record.ts'

interface OfTarget {
  readonly period: Period
  readonly target: string
  readonly by: string
}

/** A target agrees with its statements. UserError unless the month is under review, or while it disputes them. */
export async function acceptStatement(
  context: CloseContext,
  { period, target, by, comment }: OfTarget & { readonly comment?: string | undefined },
): Promise<MonthRecord> {
  return withBooks(context, async (books) => {
    const { disputes } = requireStatement(books, period, target)
    const open = disputes.find((dispute) => dispute.target === target && dispute.resolution === null)
    if (open !== undefined) {
      throw new UserError(`${target} disputes its statement of ${period}: #${open.number}, ${open.reason}`, {
        hint: `Resolve the dispute first: focal dispute resolve --period ${period} --number ${open.number} …`,
      })
    }
    return books.write(period, by, { event: 'statement-accepted', target, comment: comment?.trim() || null })
  })
}

/** A target disagrees; the month cannot be closed until that is resolved. What it had accepted is no longer. */
export async function disputeStatement(
  context: CloseContext,
  request: OfTarget & { readonly reason: string; readonly amount?: string | undefined },
): Promise<Dispute> {
  const { period, target, by } = request
  const reason = wordsOf(request.reason, 'reason')
  const amount = request.amount === undefined ? null : amountOf(request.amount)
  return withBooks(context, async (books) => {
    const number = requireStatement(books, period, target).disputes.length + 1
    const month = await books.write(period, by, { event: 'statement-disputed', number, target, reason, amount })
    return numbered(month, number)
  })
}

/**
 * Says what came of a dispute. A change of the figures is no part of it: that is a change of the rules or of tags, and a
 * review that begins again.
 */
export async function resolveDispute(
  context: CloseContext,
  request: { readonly period: Period; readonly number: number; readonly by: string; readonly resolution: string },
): Promise<Dispute> {
  const { period, number, by } = request
  const resolution = wordsOf(request.resolution, 'resolution')
  return withBooks(context, async (books) => {
    const dispute = numbered(books.month(period), number)
    if (dispute.resolution !== null) {
      const { text, by: resolver } = dispute.resolution
      throw new UserError(`dispute #${number} of ${period} is resolved already, by ${resolver}: ${text}`)
    }
    return numbered(await books.write(period, by, { event: 'dispute-resolved', number, resolution }), number)
  })
}

function requireStatement(books: Books, period: Period, target: string): MonthRecord {
  const month = books.month(period)
  if (month.state !== 'review') {
    throw new UserError(`${period} is not under review but ${month.state}`, {
      hint: 'Statements are accepted and disputed between the beginning of their review and the close.',
    })
  }
  const targets = [...new Set(month.statements.map((statement) => statement.target))]
  if (targets.includes(target)) return month
  throw new UserError(`the target ${target} has no statement for ${period}`, {
    hint: `There are statements for ${targets.join(', ')}.`,
  })
}

function numbered({ period, disputes }: MonthRecord, number: number): Dispute {
  const found = disputes.find((dispute) => dispute.number === number)
  if (found !== undefined) return found
  throw new UserError(`${period} has no dispute #${number}`, {
    hint:
      disputes.length === 0 ? 'It has none at all.' : `It has ${disputes.map((one) => `#${one.number}`).join(', ')}.`,
  })
}

function amountOf(text: string): string {
  try {
    toUnits(text)
    return text
  } catch (cause) {
    throw new UserError(`"${text}" is not an amount`, { hint: 'Write it as 1250.00.', cause })
  }
}
