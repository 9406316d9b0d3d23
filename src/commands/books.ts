import { UserError } from '../core/errors.ts'
import { isPeriod, type Period } from '../core/period.ts'
import { personOf, type CloseContext } from '../pipeline/close/books.ts'
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
