import { exitCode } from '../core/errors.ts'
import { disputeStatement, resolveDispute } from '../pipeline/close/dispute.ts'
import { writing, type BooksOptions } from './books.ts'
import type { Terminal } from './terminal.ts'

interface Options extends BooksOptions {
  readonly target: string
  readonly reason: string
  readonly amount?: string
}

/** `focal dispute raise`: a target disagrees with its statement; the month cannot be closed until that is resolved. */
export async function raise(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { context, period, by } = await writing(options, terminal, signal)
  const { target, reason, amount } = options
  const { number } = await disputeStatement(context, { period, target, by, reason, amount })
  terminal.stdout.write(
    `${target} disputes its statement of ${period}: #${number}. It is closed once somebody says focal dispute resolve --period ${period} --number ${number} --resolution TEXT --as NAME.\n`,
  )
  return exitCode.done
}

interface ResolveOptions extends BooksOptions {
  readonly number: number
  readonly resolution: string
}

/** `focal dispute resolve`: what came of it. */
export async function resolve(options: ResolveOptions, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { context, period, by } = await writing(options, terminal, signal)
  const { number, resolution } = options
  const { target } = await resolveDispute(context, { period, number, by, resolution })
  terminal.stdout.write(`Dispute #${number} of ${target} about ${period} is resolved.\n`)
  return exitCode.done
}
