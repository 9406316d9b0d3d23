import { createHash } from 'node:crypto'
import { UserError } from '../../core/errors.ts'
import type { Period } from '../../core/period.ts'
import type { Chargeback, ChargebackState } from '../../reports/chargeback/model.ts'
import { makeChargeback } from '../month-end/chargeback.ts'
import { reconcileMonth } from '../month-end/reconcile.ts'
import { bookMonth } from './book.ts'
import { isSamePerson, requireRole, withBooks, wordsOf, type Books, type CloseContext } from './books.ts'
import { refuseDifferences, refuseOpenDisputes, requireCurrent, requireOrder } from './conditions.ts'
import { postCorrections } from './corrections.ts'
import { keepRules } from './kept-rules.ts'
import type { MonthRecord } from './month-record.ts'

export interface CloseRequest {
  readonly period: Period
  readonly by: string
  /** The state to bring the month to; the next one when undefined. */
  readonly to?: ChargebackState | undefined
  /** Why it is closed although it does not tie with its invoices; goes into the books. */
  readonly despite?: string | undefined
}

/** The states of a month, in the order it goes through them. */
export const closeStates = ['open', 'preliminary', 'review', 'closed'] as const satisfies readonly ChargebackState[]

export interface CloseOutcome {
  readonly month: MonthRecord
  /** The states that it was brought to, in order; none when it was there already. */
  readonly steps: readonly ChargebackState[]
}

/**
 * Brings a month of the books a step further: preliminary (prepared), review (the statements are with their targets),
 * closed (approved by somebody who did not prepare it). `review` of an open month prepares it too; named once more, it
 * begins the review again if the figures have changed. UserError says what stands against a step.
 */
export async function closeMonth(
  context: CloseContext,
  { period, by, to, despite }: CloseRequest,
): Promise<CloseOutcome> {
  return withBooks(context, async (books) => {
    const { state } = books.month(period)
    const goal = to ?? nextState(period, state)
    if (goal === state && goal !== 'review') return { month: books.month(period), steps: [] }
    if (closeStates.indexOf(goal) < closeStates.indexOf(state)) {
      throw new UserError(`${period} is ${stateWords[state]}: it cannot be made ${goal} again`, {
        hint:
          state === 'closed'
            ? `\`focal reopen --period ${period}\` asks for it to be opened.`
            : 'What is under review goes back by a review that begins again: --to review.',
      })
    }
    if (goal === 'closed' && state !== 'review') {
      throw new UserError(`${period} is ${stateWords[state]}: its statements have not been reviewed`, {
        hint: `Begin the review first: focal close --period ${period} --to review --as NAME.`,
      })
    }
    const steps: ChargebackState[] = []
    if (state === 'open') steps.push(await prepare(context, books, { period, by }))
    if (goal === 'review') steps.push(await beginReview(context, books, { period, by }))
    if (goal === 'closed') steps.push(await approve(context, books, { period, by, despite }))
    return { month: books.month(period), steps }
  })
}

const stateWords = { open: 'open', preliminary: 'preliminary', review: 'under review', closed: 'closed' } as const

function nextState(period: Period, state: ChargebackState): ChargebackState {
  const next = closeStates[closeStates.indexOf(state) + 1]
  if (next !== undefined) return next
  throw new UserError(`${period} is closed already`, {
    hint: `What the provider restates of it is posted as corrections in a later month. \`focal reopen --period ${period}\` asks for it to be opened.`,
  })
}

interface Step {
  readonly period: Period
  readonly by: string
}

async function prepare({ lake, config }: CloseContext, books: Books, { period, by }: Step): Promise<'preliminary'> {
  requireRole(config, 'preparers', by)
  await requireOrder(lake, books, period)
  await books.write(period, by, { event: 'month-prepared' })
  return 'preliminary'
}

/** Posts the corrections of earlier months first, so that they are on the statements that people look at. */
async function beginReview(context: CloseContext, books: Books, { period, by }: Step): Promise<'review'> {
  const { config, lake } = context
  requireRole(config, 'preparers', by)
  await postCorrections(context, books)
  await requireCurrent(context, period)
  const chargeback = await makeChargeback({ config, lake, period, env: context.env, signal: context.signal })
  const figures = figuresOf(chargeback)
  if (books.month(period).figures === figures) return 'review'
  const statements = chargeback.statements.map(({ id, target, currency, total }) => ({ id, target, currency, total }))
  await books.write(period, by, { event: 'review-begun', figures, statements })
  return 'review'
}

async function approve(
  context: CloseContext,
  books: Books,
  { period, by, despite }: Step & Pick<CloseRequest, 'despite'>,
): Promise<'closed'> {
  const { config, lake, env, signal } = context
  requireRole(config, 'approvers', by)
  const month = books.month(period)
  if (month.preparers.some((preparer) => isSamePerson(preparer, by))) {
    throw new UserError(`${by} prepared ${period} and cannot approve it too`, {
      hint: `Somebody else closes it: focal close --period ${period} --as NAME.`,
    })
  }
  refuseOpenDisputes(month)
  const rules = await requireCurrent(context, period)
  const chargeback = await makeChargeback({ config, lake, period, env, signal, state: 'closed' })
  const figures = figuresOf(chargeback)
  if (figures !== month.figures) {
    throw new UserError(`the figures of ${period} have changed since its review began`, {
      hint: `Begin the review again: focal close --period ${period} --to review --as NAME. What was accepted is to be accepted again.`,
    })
  }
  const reconciliation = await reconcileMonth({ config, lake, period, env, signal })
  const reason = despite === undefined ? null : wordsOf(despite, 'reason')
  refuseDifferences(reconciliation, reason)
  const kept = await keepRules(lake, rules)
  const booked = await bookMonth(
    { context, books, period, by },
    { chargeback, figures, rules: kept, reconciliation, reason },
  )
  await books.write(period, by, { event: 'month-closed', booked })
  return 'closed'
}

/** Print of what the statements say, whatever is budgeted or forecast, and in which state they are printed. */
export function figuresOf({ statements, chargeOn, rates }: Chargeback): string {
  const said = statements.map(({ budget: _budget, forecast: _forecast, ...figures }) => figures)
  return createHash('sha256')
    .update(JSON.stringify([chargeOn, rates, said]))
    .digest('hex')
}
