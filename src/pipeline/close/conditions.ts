import { DataError, UserError } from '../../core/errors.ts'
import type { Period } from '../../core/period.ts'
import type { Reconciliation } from '../../reports/reconcile/model.ts'
import type { Sink } from '../../sinks/sink.ts'
import { readRules, type Rules } from '../allocate-inputs.ts'
import { readAllocations } from '../allocate-record.ts'
import { readUnits } from '../state.ts'
import type { Books, CloseContext } from './books.ts'
import type { MonthRecord } from './month-record.ts'

/** What must hold before a month goes a step further. */

/** Months are closed one after another from the first that was, so that corrections have one month to go to. */
export async function requireOrder(lake: Sink, books: Books, period: Period): Promise<void> {
  const allocated = new Set((await readAllocations(lake, 'allocated')).map((record) => record.period))
  if (!allocated.has(period)) {
    throw new UserError(`nothing is allocated of ${period}`, {
      hint: 'Run `focal allocate` first, or name another month.',
    })
  }
  const newest = newestClosed(books)
  if (newest === undefined) return
  if (period < newest) {
    throw new UserError(`${newest} is closed, so ${period} before it cannot be closed any more`, {
      hint: 'Books are closed month after month. What is before the first closed month was never part of them.',
    })
  }
  const skipped = [...allocated].toSorted().find((month) => newest < month && month < period)
  if (skipped !== undefined) {
    throw new UserError(`${skipped} is not closed yet, so ${period} cannot be`, {
      hint: `Books are closed month after month: begin with focal close --period ${skipped}.`,
    })
  }
}

export function newestClosed(books: Pick<Books, 'months'>): Period | undefined {
  return books.months().findLast(({ state }) => state === 'closed')?.period
}

/** What is allocated of the month must follow from the rules and rows of today. Gives those rules. */
export async function requireCurrent({ config, lake, env }: CloseContext, period: Period): Promise<Rules> {
  if (config.allocation === undefined) throw new Error('a month was prepared without rules')
  const rules = await readRules(config.allocation, config, env)
  const records = (await readAllocations(lake, 'allocated')).filter((record) => record.period === period)
  const units = (await readUnits(lake)).filter((unit) => unit.period === period)
  const isCurrent = units.every(({ source, version }) =>
    records.some((record) => record.source === source && record.focus.version === version),
  )
  if (isCurrent && records.every(({ ruleSet }) => ruleSet.print === rules.ruleSet.print)) return rules
  throw new UserError(`${period} is not allocated by the rows and rules of today`, {
    hint: `Run \`focal allocate --period ${period}\` first.`,
  })
}

export function refuseOpenDisputes({ period, disputes }: MonthRecord): void {
  const open = disputes.filter(({ resolution }) => resolution === null)
  if (open.length === 0) return
  const list = open.map(({ number, target, by, reason }) => `#${number} of ${target} by ${by}: ${reason}`)
  throw new UserError(
    `${period} has ${open.length === 1 ? 'an open dispute' : `${open.length} open disputes`}: ${list.join('; ')}`,
    { hint: `Resolve what is disputed: focal dispute resolve --period ${period} --number ${open[0]?.number ?? 1} …` },
  )
}

/** Between focal's own steps nothing may differ, whatever an approver says; from the invoices it may, with a reason. */
export function refuseDifferences({ period, ties, controls }: Reconciliation, despite: string | null): void {
  const open = controls.find(({ difference }) => difference !== '0')
  if (open !== undefined) {
    throw new DataError(`the statements of ${period} do not tie: ${open.name} differs by ${open.difference}`, {
      where: { period },
      hint: `Nothing was closed. \`focal allocate --period ${period} --full\` makes the month again.`,
    })
  }
  if (ties || despite !== null) return
  throw new UserError(`${period} does not tie with its invoices`, {
    hint: `\`focal reconcile --period ${period}\` shows the differences. With --despite REASON it is closed all the same, and the books say why.`,
  })
}
