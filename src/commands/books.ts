import { describeError, UserError } from '../core/errors.ts'
import { isPeriod, type Period } from '../core/period.ts'
import { announce } from '../pipeline/close/announce.ts'
import { personOf, type CloseContext } from '../pipeline/close/books.ts'
import type { Notice } from '../notify/index.ts'
import { configured } from './configured.ts'
import { newRunId } from './run-id.ts'
import type { Terminal } from './terminal.ts'

/** Options of every command that writes into the books. */
export interface BooksOptions {
  readonly config: string
  readonly period: string
  /** FOCAL_AS when not given. */
  readonly as?: string
}

export interface Writing {
  readonly context: CloseContext
  readonly period: Period
  readonly by: string
}

/** UserError when the period is none, or nobody says who they are. */
export async function writing(options: BooksOptions, terminal: Terminal, signal: AbortSignal): Promise<Writing> {
  const period = billingPeriod(options.period)
  const by = personOf(options.as ?? terminal.env['FOCAL_AS'] ?? '')
  const { env, now } = terminal
  const context = { ...(await configured(options.config, terminal)), runId: newRunId(now()), now, env, signal }
  return { context, period, by }
}

export function billingPeriod(text: string): Period {
  if (isPeriod(text)) return text
  throw new UserError(`"${text}" is not a billing period`, { hint: 'Write a month as 2026-10.' })
}

/**
 * Tells those whom the configuration names, if it names any. What is told has happened, so that nothing that goes wrong
 * here changes how the command ends.
 */
export async function tellOf(notices: readonly Notice[], context: Telling, terminal: Terminal): Promise<void> {
  const { config, lake, signal } = context
  const channels = config.notify?.channels ?? []
  if (channels.length === 0 || notices.length === 0) return
  const { now } = terminal
  try {
    const lines = await announce(notices, { lake, channels, runId: newRunId(now()), now, signal })
    for (const line of lines) terminal.stderr.write(`${line}\n`)
  } catch (error) {
    signal?.throwIfAborted()
    terminal.stderr.write(`nobody could be told: ${describeError(error)}\n`)
  }
}

type Telling = Pick<CloseContext, 'config' | 'lake' | 'signal'>
