import { UserError } from '../core/errors.ts'
import { parsePeriodRange } from '../core/period.ts'
import { runAllocation } from '../pipeline/allocate.ts'
import { describeAllocation } from './allocate/describe-run.ts'
import { configured, type Configured } from './configured.ts'
import { jsonReporter } from './reporter.ts'
import { newRunId } from './run-id.ts'
import { exitOf, textReporter } from './run.ts'
import type { Terminal } from './terminal.ts'

interface Options {
  readonly config: string
  readonly period?: string
  readonly full?: boolean
  readonly json?: boolean
}

/**
 * `focal allocate`: allocates what has changed of every month, without fetching or normalising. 0 when all is
 * allocated or up to date, 1 when nothing could be, 3 when some months failed, 4 when a limit of the rules is passed.
 */
export async function allocate(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const made = await configured(options.config, terminal)
  requireRules(made, options.config)
  const report = options.json ? await jsonReporter(terminal.stderr) : textReporter(terminal.stderr)
  const record = await runAllocation(
    { ...made, runId: newRunId(terminal.now()), now: terminal.now, report, signal },
    { periods: options.period === undefined ? undefined : parsePeriodRange(options.period), full: options.full },
  )
  const text = options.json ? JSON.stringify(record, null, 2) : await describeAllocation(record.allocation, made.lake)
  terminal.stdout.write(`${text}\n`)
  return exitOf(record)
}

/** The file of rules; UserError when the configuration names none. */
export function requireRules({ config }: Configured, configFile: string): string {
  if (config.allocation !== undefined) return config.allocation
  throw new UserError('the configuration names no allocation rules', {
    where: { file: configFile },
    hint: 'Add allocation: ./allocation.yaml to it; docs/allocation.md shows how rules are written.',
  })
}
