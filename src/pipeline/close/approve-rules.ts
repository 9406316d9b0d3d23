import { UserError } from '../../core/errors.ts'
import type { Period } from '../../core/period.ts'
import { readRules } from '../allocate-inputs.ts'
import { requireRole, withBooks, wordsOf, type CloseContext } from './books.ts'
import { postCorrections, type Posted } from './corrections.ts'
import { keepRules } from './kept-rules.ts'

export interface CorrectionRun {
  readonly period: Period
  readonly by: string
  readonly reason: string
}

/**
 * Lets the rules of today count for a closed month too, and posts what that changes in the first month after the closed
 * ones. Without it a closed month is corrected by the rules that it was booked by. UserError unless the month is closed.
 */
export async function approveRules(context: CloseContext, request: CorrectionRun): Promise<Posted | undefined> {
  const { config, lake, env } = context
  const { period, by } = request
  const reason = wordsOf(request.reason, 'reason')
  const { allocation } = config
  if (allocation === undefined) throw new UserError('the configuration names no allocation rules')
  requireRole(config, 'approvers', by)
  return withBooks(context, async (books) => {
    const month = books.month(period)
    if (month.state !== 'closed') {
      throw new UserError(`${period} is not closed but ${month.state}`, {
        hint: 'An open month follows the rules of today: `focal allocate`.',
      })
    }
    const rules = await readRules(allocation, config, env)
    if (month.rules?.print === rules.ruleSet.print) {
      throw new UserError(`the rules of today count for ${period} already`, {
        hint: 'What the provider restates is posted by every `focal run`, without asking.',
      })
    }
    await books.write(period, by, { event: 'rules-approved', rules: await keepRules(lake, rules), reason })
    return postCorrections(context, books)
  })
}
