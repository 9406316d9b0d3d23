import { exitCode, UserError } from '../core/errors.ts'
import { isPeriod } from '../core/period.ts'
import { reconFailed } from '../pipeline/close/announce.ts'
import { reconcileMonth } from '../pipeline/month-end/reconcile.ts'
import { tellOf } from './books.ts'
import { configured } from './configured.ts'
import { describeReconciliation } from './describe-reconciliation.ts'
import type { Terminal } from './terminal.ts'

interface Options {
  readonly config: string
  readonly period: string
  readonly json?: boolean
}

/** `focal reconcile`: a month against its invoices. Ends with 4 when it does not tie. */
export async function reconcileCommand(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  if (!isPeriod(options.period)) {
    throw new UserError(`"${options.period}" is not a billing period`, { hint: 'Write a month as 2026-10.' })
  }
  const made = await configured(options.config, terminal)
  const found = await reconcileMonth({ ...made, period: options.period, env: terminal.env, signal })
  terminal.stdout.write(`${options.json ? JSON.stringify(found, null, 2) : describeReconciliation(found)}\n`)
  if (!found.ties) await tellOf([reconFailed(found, terminal.now())], { ...made, signal }, terminal)
  return found.ties ? exitCode.done : exitCode.checkFailed
}
