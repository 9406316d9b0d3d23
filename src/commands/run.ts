import type { Config } from '../config/config.ts'
import { exitCode, UserError } from '../core/errors.ts'
import { parsePeriodRange } from '../core/period.ts'
import type { Report } from '../pipeline/events.ts'
import { run, type RunRequest } from '../pipeline/run.ts'
import { readUnits, type RunRecord } from '../pipeline/state.ts'
import type { Sink } from '../sinks/sink.ts'
import { describeAllocation } from './allocate/describe-run.ts'
import { configured } from './configured.ts'
import { observed } from './observe.ts'
import { barReporter, jsonReporter, lineReporter } from './reporter.ts'
import { newRunId } from './run-id.ts'
import { count, money, table } from './table.ts'
import type { Output, Terminal } from './terminal.ts'

interface Options {
  readonly config: string
  readonly source?: readonly string[]
  readonly period?: string
  readonly full?: boolean
  readonly dryRun?: boolean
  readonly wait?: boolean
  readonly json?: boolean
}

/** `focal run`. 0 when every unit is published, up to date or waiting; 3 when some failed; 1 when all did; 4 when too much is unallocated. */
export async function runCommand(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const made = await configured(options.config, terminal)
  const { config, lake } = made
  refuseUnknownSources(options.source, config)
  const request: RunRequest = {
    sources: options.source,
    periods: options.period === undefined ? undefined : parsePeriodRange(options.period),
    full: options.full,
    dryRun: options.dryRun,
    wait: options.wait,
  }
  const report = options.json ? await jsonReporter(terminal.stderr) : textReporter(terminal.stderr)
  const work = (tell: Report) =>
    run({ config, lake, runId: newRunId(terminal.now()), now: terminal.now, report: tell, signal }, request)
  const record = options.dryRun ? await work(report) : await observed(made, terminal, report, work)
  terminal.stdout.write(`${options.json ? JSON.stringify(record, null, 2) : await describeRun(record, lake)}\n`)
  return exitOf(record)
}

export function textReporter(output: Output): Report {
  return output.isTTY ? barReporter(output) : lineReporter(output)
}

function refuseUnknownSources(names: readonly string[] | undefined, { sources }: Config): void {
  const unknown = names?.find((name) => !sources.some((source) => source.name === name))
  if (unknown === undefined) return
  throw new UserError(`there is no source "${unknown}"`, {
    hint: `The configuration has ${sources.map(({ name }) => name).join(', ')}.`,
  })
}

export function exitOf({ outcome, allocation }: RunRecord): number {
  if (outcome === 'done') {
    return allocation?.breaches.some(({ severity }) => severity === 'fail') ? exitCode.checkFailed : exitCode.done
  }
  return outcome === 'failed' ? exitCode.failed : exitCode.someUnitsFailed
}

/** The run as tables: what was published, and what was allocated if the configuration names rules. */
export async function describeRun(record: RunRecord, lake: Sink): Promise<string> {
  const units = await describeUnits(record, lake)
  return record.allocation === undefined
    ? units
    : [units, '', await describeAllocation(record.allocation, lake)].join('\n')
}

/** One line per unit, with the totals that are published for it. */
export async function describeUnits(record: RunRecord, lake: Sink): Promise<string> {
  const published = await readUnits(lake)
  const rows = record.units.flatMap(({ source, period, result, detail }) => {
    const unit = published.find((one) => one.source === source && one.period === period)
    const totals = unit?.totals.length ? unit.totals : [undefined]
    return totals.map((total) => [
      source,
      period,
      result,
      unit === undefined ? '' : count(unit.rows),
      total === undefined ? '' : money(total.billedCost),
      total === undefined ? '' : money(total.effectiveCost),
      total?.currency ?? '',
      unit?.status ?? '',
      detail.split('\n')[0] ?? '',
    ])
  })
  const header = ['source', 'period', 'result', 'rows', 'billed', 'effective', 'currency', 'month', 'why']
  const failures = record.failedSources.map(({ source, detail }) => `${source}: ${detail.split('\n')[0]}`)
  return [rows.length > 0 ? table(header, rows) : 'No billing period to look at.', ...failures].join('\n')
}
