import { exitCode, UserError } from '../core/errors.ts'
import { isPeriod } from '../core/period.ts'
import { reconcileMonth } from '../pipeline/month-end/reconcile.ts'
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
  return found.ties ? exitCode.done : exitCode.checkFailed
}
