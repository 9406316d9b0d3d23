import { exitCode } from '../core/errors.ts'
import { acceptStatement } from '../pipeline/close/dispute.ts'
import { writing, type BooksOptions } from './books.ts'
import { describeMonth } from './close.ts'
import type { Terminal } from './terminal.ts'

interface Options extends BooksOptions {
  readonly target: string
  readonly comment?: string
}

/** `focal accept`: a target agrees with its statement. */
export async function accept(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { context, period, by } = await writing(options, terminal, signal)
  const { target, comment } = options
  const month = await acceptStatement(context, { period, target, by, comment })
  terminal.stdout.write(`${[`${target} accepts its statement of ${period}.`, ...describeMonth(month)].join('\n')}\n`)
  return exitCode.done
}
