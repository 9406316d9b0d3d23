import path from 'node:path'
import { exitCode, UserError } from '../core/errors.ts'
import { parseFocusVersion } from '../core/focus.ts'
import { inRange, parsePeriodRange } from '../core/period.ts'
import { exportUnit, type ExportedFile, type ExportFormat } from '../pipeline/export.ts'
import { costAndUsage, writeMetadata } from '../pipeline/metadata.ts'
import { readUnits, type UnitRecord } from '../pipeline/state.ts'
import { describeProjection } from '../transforms/projection/project.ts'
import { localSink } from '../sinks/local.ts'
import { configured } from './configured.ts'
import { count, money, table } from './table.ts'
import type { Terminal } from './terminal.ts'

interface Options {
  readonly config: string
  readonly focusVersion?: string
  readonly format: ExportFormat
  readonly period?: string
  readonly source?: readonly string[]
  readonly output: string
}

/** `focal export`: the published rows in any FOCUS version, one file for each source and billing period. */
export async function exportCommand(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { config, lake } = await configured(options.config, terminal)
  const version = options.focusVersion === undefined ? config.focusVersion : parseFocusVersion(options.focusVersion)
  const units = chosen(await readUnits(lake), options)
  const output = path.resolve(terminal.cwd, options.output)
  const engine = { ...config.engine, tempDirectory: path.join(config.workDirectory, 'spill'), signal }
  const files: ExportedFile[] = []
  for (const unit of units) {
    signal.throwIfAborted()
    files.push(await exportUnit(lake, unit, { version, format: options.format, output }, engine))
  }
  await writeMetadata(localSink(output), costAndUsage, units, version, { runId: output, now: terminal.now() })
  const notes = new Set(files.flatMap(({ projection }) => describeProjection(projection)))
  for (const note of notes) terminal.stderr.write(`${note}\n`)
  terminal.stdout.write(`${describe(files)}\n`)
  return exitCode.done
}

/** UserError when nothing is published that was asked for. */
function chosen(units: readonly UnitRecord[], { period, source }: Options): UnitRecord[] {
  const range = period === undefined ? undefined : parsePeriodRange(period)
  const wanted = units.filter(
    (unit) =>
      (range === undefined || inRange(unit.period, range)) && (source === undefined || source.includes(unit.source)),
  )
  if (wanted.length > 0) return wanted
  if (units.length === 0) throw new UserError('nothing is published yet', { hint: 'Run `focal run` first.' })
  throw new UserError('nothing is published of these sources and billing periods', {
    hint: '`focal status` lists what is.',
  })
}

function describe(files: readonly ExportedFile[]): string {
  const rows = files.flatMap(({ path: file, unit }) =>
    unit.totals.map((total) => [
      file,
      count(total.rows),
      money(total.billedCost),
      money(total.effectiveCost),
      total.currency,
    ]),
  )
  return table(['file', 'rows', 'billed', 'effective', 'currency'], rows)
}
