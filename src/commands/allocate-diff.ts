import path from 'node:path'
import { fromUnits, toUnits } from '../core/decimal.ts'
import { openSession } from '../core/duckdb.ts'
import { exitCode, UserError } from '../core/errors.ts'
import { isPeriod, monthBefore, type Period } from '../core/period.ts'
import { readBeside } from '../core/sql.ts'
import { readAllocations, type AllocationRecord, type RuleSetPrint } from '../pipeline/allocate-record.ts'
import { historyPath, type Sink } from '../sinks/sink.ts'
import { causes, explainDifference, type Cause, type Circumstances, type Line } from './allocate/causes.ts'
import { requireAllocated } from './allocate/require.ts'
import { configured } from './configured.ts'
import { money, table } from './table.ts'
import type { Terminal } from './terminal.ts'

interface Options {
  readonly config: string
  readonly period: string
  readonly against?: string
  readonly json?: boolean
}

/** One side of the comparison: files of the lake, and the rules that made them. */
interface Side {
  readonly name: string
  readonly files: readonly string[]
  readonly rules: readonly RuleSetPrint[]
}

interface Difference {
  readonly target: string
  readonly currency: string
  readonly before: string
  readonly after: string
  /** They sum to `after` less `before`, exactly. */
  readonly causes: Readonly<Record<Cause, string>>
}

/** `focal allocate diff`: EffectiveCost of each target against another month or an earlier version, and why. */
export async function diffAllocation(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { period, against } = options
  if (!isPeriod(period))
    throw new UserError(`"${period}" is not a billing period`, { hint: 'Write a month as 2026-10.' })
  const { config, lake } = await configured(options.config, terminal)
  await requireAllocated(lake)
  const records = await readAllocations(lake, 'allocated')
  const after = monthSide(records, period)
  const before =
    against !== undefined && /^\d+$/.test(against)
      ? versionSide(records, period, Number(against))
      : monthSide(records, against ?? monthBefore(period))
  const session = await openSession({
    ...config.engine,
    tempDirectory: path.join(config.workDirectory, 'spill'),
    signal,
  })
  try {
    const sameMonth = before.name.startsWith(period)
    await session.set('before_files', await present(lake, before))
    await session.set('after_files', await present(lake, after))
    await session.set('by_day', sameMonth)
    const rows = await session.rows<LineRow>(readBeside(import.meta.url, 'allocate/diff-lines.sql'))
    const differences = differencesOf(rows.map(toLine), { sameMonth, ...changesOf(before, after) })
    const result = { before: before.name, after: after.name, differences }
    terminal.stdout.write(`${options.json ? JSON.stringify(result, null, 2) : describe(result)}\n`)
    return exitCode.done
  } finally {
    session.close()
  }
}

function monthSide(records: readonly AllocationRecord[], period: Period): Side {
  if (!isPeriod(period)) {
    throw new UserError(`"${period}" is neither a version nor a billing period`, {
      hint: 'Write --against 2 for a version of the month, or --against 2026-09 for another month.',
    })
  }
  const ofMonth = records.filter((record) => record.period === period)
  if (ofMonth.length === 0) {
    throw new UserError(`nothing of ${period} is allocated`, { hint: '`focal status` lists what is.' })
  }
  return {
    name: period,
    files: ofMonth.map(({ partition }) => partition.path),
    rules: ofMonth.map(({ ruleSet }) => ruleSet),
  }
}

/** The month as it was at a version; sources that have not come that far since are as they are. */
function versionSide(records: readonly AllocationRecord[], period: Period, version: number): Side {
  const ofMonth = records.filter((record) => record.period === period)
  const superseded = ofMonth.map((record) => record.superseded.find((each) => each.version === version))
  if (superseded.every((each) => each === undefined)) {
    throw new UserError(`version ${version} of ${period} is not kept`, {
      hint: `Kept are ${[...new Set(ofMonth.flatMap((record) => record.superseded.map((each) => each.version)))].join(', ') || 'none'}.`,
    })
  }
  return {
    name: `${period} version ${version}`,
    files: ofMonth.map((record, at) =>
      superseded[at] === undefined
        ? record.partition.path
        : historyPath({ dataset: 'allocated', period, source: record.source }, version),
    ),
    rules: ofMonth.map((record, at) => superseded[at]?.ruleSet ?? record.ruleSet),
  }
}

async function present(lake: Sink, { name, files }: Side): Promise<string[]> {
  const found = await lake.readable(files)
  return found.map((file, at) => {
    if (file !== undefined) return file
    throw new UserError(`a partition of ${name} is not there`, {
      where: { file: files[at] ?? '' },
      hint: 'Its history was deleted since, or the lake is not complete: `focal status` tells.',
    })
  })
}

function changesOf(before: Side, after: Side): Omit<Circumstances, 'sameMonth'> {
  const prints = (side: Side, print: (rules: RuleSetPrint) => string | undefined) =>
    [...new Set(side.rules.map((rules) => print(rules) ?? ''))].toSorted((a, b) => (a < b ? -1 : 1)).join(' ')
  const drivers = new Set([...before.rules, ...after.rules].flatMap((rules) => Object.keys(rules.drivers)))
  return {
    // A comment changes the file, and not the print.
    rulesChanged:
      prints(before, ({ print }) => print) !== prints(after, ({ print }) => print) &&
      prints(before, ({ rules }) => rules) !== prints(after, ({ rules }) => rules),
    changedDrivers: new Set(
      [...drivers].filter(
        (id) => prints(before, (each) => each.drivers[id]) !== prints(after, (each) => each.drivers[id]),
      ),
    ),
  }
}

interface LineRow {
  readonly currency: string
  readonly used: string
  readonly service: string
  readonly unit: string | null
  readonly mixed_units: boolean
  readonly correction: boolean
  readonly tags: string
  readonly target: string
  readonly way: string
  readonly drivers: string
  readonly rows_before: string
  readonly rows_after: string
  readonly before: string
  readonly after: string
  readonly quantity_before: string
  readonly quantity_after: string
}

function toLine(row: LineRow): Line {
  return {
    currency: row.currency,
    used: row.used,
    service: row.service,
    unit: row.mixed_units ? undefined : (row.unit ?? undefined),
    correction: row.correction,
    tags: row.tags,
    target: row.target,
    way: row.way,
    drivers: JSON.parse(row.drivers) as string[],
    isBefore: row.rows_before !== '0',
    isAfter: row.rows_after !== '0',
    before: toUnits(row.before),
    after: toUnits(row.after),
    quantityBefore: toUnits(row.quantity_before),
    quantityAfter: toUnits(row.quantity_after),
  }
}

function differencesOf(lines: readonly Line[], circumstances: Circumstances): Difference[] {
  const found = explainDifference(lines, circumstances)
  const byTarget = Map.groupBy(lines, ({ currency, target }) => `${currency}\n${target}`)
  return [...byTarget]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, own]) => {
      const [currency = '', target = ''] = key.split('\n')
      const sums = found.get(key)
      return {
        target,
        currency,
        before: fromUnits(own.reduce((sum, line) => sum + line.before, 0n)),
        after: fromUnits(own.reduce((sum, line) => sum + line.after, 0n)),
        causes: Object.fromEntries(
          causes.map((cause) => [cause, fromUnits(sums?.[cause] ?? 0n)]),
        ) as Difference['causes'],
      }
    })
}

function describe({
  before,
  after,
  differences,
}: {
  before: string
  after: string
  differences: Difference[]
}): string {
  const rows = differences.map((each) => [
    each.target,
    money(each.before),
    ...causes.map((cause) => money(each.causes[cause])),
    money(each.after),
    each.currency,
  ])
  return [
    `EffectiveCost of ${before} against ${after}:`,
    '',
    table(['target', before, ...causes, after, 'currency'], rows),
  ].join('\n')
}
