import { exitCode } from '../core/errors.ts'
import type { Notice } from '../notify/index.ts'
import { periodClosed, statementsReady } from '../pipeline/close/announce.ts'
import { closeMonth, type CloseOutcome } from '../pipeline/close/close.ts'
import type { MonthRecord } from '../pipeline/close/month-record.ts'
import { tellOf, writing, type BooksOptions } from './books.ts'
import { table } from './table.ts'
import type { Terminal } from './terminal.ts'

interface Options extends BooksOptions {
  readonly to?: 'preliminary' | 'review' | 'closed'
  readonly despite?: string
}

/** `focal close`: brings a month of the books a step further, and says what is still to be done. */
export async function close(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { context, period, by } = await writing(options, terminal, signal)
  const outcome = await closeMonth(context, { period, by, to: options.to, despite: options.despite })
  terminal.stdout.write(`${describeClose(outcome)}\n`)
  await tellOf(newsOf(outcome, terminal.now()), context, terminal)
  return exitCode.done
}

function newsOf({ month, steps }: CloseOutcome, now: Date): Notice[] {
  return steps.flatMap((step) =>
    step === 'review' ? statementsReady(month, now) : step === 'closed' ? periodClosed(month, now) : [],
  )
}

function describeClose({ month, steps }: CloseOutcome): string {
  const { period, state } = month
  const head = steps.length === 0 ? `${period} is ${state} already.` : `${period}: ${steps.join(', then ')}.`
  return [head, ...describeMonth(month), next[state](month)].join('\n')
}

/** What people do next. */
const next = {
  open: ({ period }: MonthRecord) => `Next: focal close --period ${period} --as NAME prepares it.`,
  preliminary: ({ period }: MonthRecord) => `Next: focal close --period ${period} --as NAME begins the review.`,
  review: ({ period, preparers }: MonthRecord) =>
    `Next: targets say focal accept or focal dispute raise; then somebody other than ${preparers.join(' and ')} says focal close --period ${period} --as NAME.`,
  closed: ({ period }: MonthRecord) =>
    `The statements, the journal and evidence.zip are in reports/${period} of the lake.`,
} as const

/** Where the statements of a month stand: who accepted and who disputes. */
export function describeMonth({ state, statements, acceptances, disputes }: MonthRecord): string[] {
  if (state === 'open' || statements.length === 0) return []
  const rows = statements.map(({ target, total, currency }) => {
    const accepted = acceptances.find((acceptance) => acceptance.target === target)
    const disputed = disputes.find((dispute) => dispute.target === target && dispute.resolution === null)
    const says =
      disputed === undefined
        ? accepted && `accepted by ${accepted.by}${accepted.comment === null ? '' : `: ${accepted.comment}`}`
        : `disputed by ${disputed.by} (#${disputed.number}): ${disputed.reason}`
    return [target, total, currency, says ?? 'not heard of']
  })
  return ['', table(['target', 'total', 'currency', 'says'], rows), '']
}
