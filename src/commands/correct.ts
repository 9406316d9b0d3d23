import { exitCode } from '../core/errors.ts'
import { approveRules } from '../pipeline/close/approve-rules.ts'
import { describePosted } from '../pipeline/close/correct-in-run.ts'
import { writing, type BooksOptions } from './books.ts'
import type { Terminal } from './terminal.ts'

interface Options extends BooksOptions {
  readonly reason: string
}

/** `focal correct`: lets the rules of today count for a closed month, and posts the difference in an open one. */
export async function correct(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { context, period, by } = await writing(options, terminal, signal)
  const posted = await approveRules(context, { period, by, reason: options.reason })
  terminal.stdout.write(
    posted === undefined
      ? `The rules of today count for ${period} now; they change nothing.\n`
      : `The rules of today count for ${period} now. Corrections posted ${describePosted(posted)}.\n`,
  )
  return exitCode.done
}
