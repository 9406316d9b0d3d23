import { describeError } from '../core/errors.ts'
import type { Report, RunEvent } from '../pipeline/events.ts'
import type { UnitRecord } from '../pipeline/state.ts'
import { openProgress } from './progress.ts'
import { count, money } from './table.ts'
import type { Output } from './terminal.ts'

/** One line for each thing that happened; what a person would skip is left out. */
export function lineReporter(output: Output): Report {
  return (event) => {
    const line = describeEvent(event)
    if (line !== undefined) output.write(`${line}\n`)
  }
}

/** The same lines, and under them a bar for what is at work. */
export function barReporter(output: Output): Report {
  const clear = '\r\u001B[2K'
  const progress = openProgress()
  return (event) => {
    const line = describeEvent(event)
    const hasMoved = progress.hear(event)
    if (line === undefined && !hasMoved) return
    const told = line === undefined ? '' : `${line}\n`
    output.write(`${clear}${told}${progress.draw(output.columns ?? 80)}`)
  }
}

/** Every event as a JSON line. */
export async function jsonReporter(output: Output): Promise<Report> {
  const { pino } = await import('pino')
  const log = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line: string) => output.write(line) },
  )
  return (event) => {
    const { type, ...rest } = event
    if ('error' in rest) log.error({ ...rest, error: describeError(rest.error) }, type)
    else log.info(rest, type)
  }
}

function describeEvent(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'run-waiting':
      return `waiting: ${event.holder}`
    case 'unit-planned':
      return event.action === 'publish'
        ? undefined
        : `${event.source} ${event.period}  ${event.action}: ${event.reason}`
    case 'unit-published':
      return describePublished(event.record)
    case 'unit-failed':
      return `${event.source} ${event.period}  failed: ${indent(describeError(event.error))}`
    case 'source-notice':
      return `${event.source}  ${event.line}`
    case 'allocation-month':
      return event.result === 'up to date' ? undefined : `${event.period}  ${event.result}: ${event.detail}`
    case 'corrections-posted':
      return `${event.period}  corrections posted: ${event.detail}`
    case 'allocation-failed':
      return `${event.period ?? 'allocation'}  ${event.period === undefined ? 'failed' : 'not allocated'}: ${indent(describeError(event.error))}`
    case 'source-failed':
      return `${event.source}  failed: ${indent(describeError(event.error))}`
    default:
      return undefined
  }
}

function describePublished(record: UnitRecord): string {
  const totals = record.totals.map(({ currency, billedCost }) => `${money(billedCost)} ${currency} billed`).join(', ')
  const lines = [
    `${record.source} ${record.period}  published version ${record.version}: ${count(record.rows)} rows, ${totals}`,
  ]
  return [...lines, ...record.warnings.map((warning) => `  warning: ${warning}`)].join('\n')
}

function indent(text: string): string {
  return text.replaceAll('\n', '\n  ')
}
