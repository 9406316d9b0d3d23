import { exitCode } from '../core/errors.ts'
import { reopenMonth } from '../pipeline/close/reopen.ts'
import { writing, type BooksOptions } from './books.ts'
import type { Terminal } from './terminal.ts'

interface Options extends BooksOptions {
  readonly reason: string
}

/** `focal reopen`: opens the newest closed month again, once two approvers have asked for it. */
export async function reopen(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { context, period, by } = await writing(options, terminal, signal)
  const { state } = await reopenMonth(context, { period, by, reason: options.reason })
  terminal.stdout.write(
    state === 'open'
      ? `${period} is open again. \`focal allocate\` brings it up to date.\n`
      : `${by} asks for ${period} to be opened. It takes a second approver: focal reopen --period ${period} --reason TEXT --as NAME.\n`,
  )
  return exitCode.done
}
