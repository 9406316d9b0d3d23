import { fromUnits, toUnits } from '../../core/decimal.ts'
import { describeError } from '../../core/errors.ts'
import type { RunContext } from '../context.ts'
import type { AllocationRun } from '../state.ts'
import type { Books } from './books.ts'
import { postCorrections, type Posted } from './corrections.ts'

/**
 * Posts what has become of closed months since, as a run does after it has allocated. Nothing else waits for it: a
 * failure is told, and the next run tries again. Call it while the lake is held.
 */
export async function correctClosedMonths(
  context: RunContext,
  books: Books,
): Promise<Pick<AllocationRun, 'corrections'>> {
  const { report, signal } = context
  try {
    const posted = await postCorrections(context, books)
    if (posted === undefined || posted.corrections.length === 0) return {}
    const detail = describePosted(posted)
    report({ type: 'corrections-posted', period: posted.postedIn, detail })
    return { corrections: { result: 'posted', detail } }
  } catch (error) {
    signal?.throwIfAborted()
    report({ type: 'allocation-failed', error })
    return { corrections: { result: 'failed', detail: describeError(error) } }
  }
}

/** `in 2026-10: 2026-09 late usage 4.2 USD`, of EffectiveCost, over all sources. */
export function describePosted({ postedIn, corrections }: Posted): string {
  const totals = corrections.flatMap((one) => one.totals)
  const groups = Map.groupBy(totals, ({ corrects, cause, currency }) => [corrects, cause, currency].join(' '))
  const lines = [...groups.values()].flatMap((own) => {
    const [first] = own
    if (first === undefined) return []
    const sum = fromUnits(own.reduce((units, { effectiveCost }) => units + toUnits(effectiveCost), 0n))
    const amount = sum === '0' ? 'between targets' : `${sum} ${first.currency}`
    return `${first.corrects} ${first.cause.replaceAll('_', ' ')} ${amount}`
  })
  return `in ${postedIn}: ${lines.length === 0 ? 'none any more' : lines.join(', ')}`
}
