import { exitCode, UserError } from '../core/errors.ts'
import { isPeriod } from '../core/period.ts'
import { describeCharge, partsOf } from './allocate/explain-charge.ts'
import { describeWays, waysTo } from './allocate/explain-target.ts'
import { requireAllocated } from './allocate/require.ts'
import { configured } from './configured.ts'
import { openLake } from './lake-session.ts'
import type { Terminal } from './terminal.ts'

interface Options {
  readonly config: string
  readonly period: string
  readonly target?: string
  readonly charge?: string
  readonly json?: boolean
}

/** `focal allocate explain`: from what a target owes, or from one charge, through rules and pools; read from the lake. */
export async function explainAllocation(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { period, target, charge } = options
  if (!isPeriod(period))
    throw new UserError(`"${period}" is not a billing period`, { hint: 'Write a month as 2026-10.' })
  if ((target === undefined) === (charge === undefined)) {
    throw new UserError('name either a target or a charge', {
      hint: 'Such as --target payments, or --charge payer:412.',
    })
  }
  const made = await configured(options.config, terminal)
  await requireAllocated(made.lake)
  const session = await openLake(made, signal)
  const print = (result: unknown, text: string) =>
    terminal.stdout.write(`${options.json ? JSON.stringify(result, null, 2) : text}\n`)
  try {
    if (charge !== undefined) {
      const parts = await partsOf(session, charge, period)
      print({ charge, period, parts }, describeCharge(charge, period, parts))
    } else if (target !== undefined) {
      const ways = await waysTo(session, target, period)
      print({ target, period, ways }, describeWays(target, period, ways))
    }
    return exitCode.done
  } finally {
    session.close()
  }
}
