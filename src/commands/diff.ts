import path from 'node:path'
import { openSession } from '../core/duckdb.ts'
import { exitCode, UserError } from '../core/errors.ts'
import { isPeriod } from '../core/period.ts'
import { readBeside } from '../core/sql.ts'
import { readUnit, type UnitRecord } from '../pipeline/state.ts'
import { historyPath } from '../sinks/sink.ts'
import { configured } from './configured.ts'
import { count, money, table } from './table.ts'
import type { Terminal } from './terminal.ts'

interface Options {
  readonly config: string
  readonly source: string
  readonly period: string
  readonly json?: boolean
}

interface Change {
  readonly service: string
  readonly sub_account: string
  readonly currency: string
  readonly rows_before: string
  readonly rows_after: string
  readonly billed_before: string
  readonly billed_after: string
  readonly billed_change: string
  readonly effective_before: string
  readonly effective_after: string
  readonly effective_change: string
}

/** `focal diff`: the last version of a month against the one before, by service and sub account. */
export async function diff(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  if (!isPeriod(options.period))
    throw new UserError(`"${options.period}" is not a billing period`, { hint: 'Write a month as 2026-10.' })
  const { config, lake } = await configured(options.config, terminal)
  const unit = await readUnit(lake, options.source, options.period)
  if (unit === undefined) {
    throw new UserError(`nothing is published of ${options.source} ${options.period}`, {
      hint: '`focal status` lists what is.',
    })
  }
  const [previous] = unit.superseded
  if (previous === undefined) {
    terminal.stdout.write(`${unit.source} ${unit.period} has only been published once (version ${unit.version}).\n`)
    return exitCode.done
  }
  const kept = historyPath({ ...unit, dataset: 'focus' }, previous.version)
  const [before, after] = await lake.readable([kept, unit.partition.path])
  if (before === undefined || after === undefined) {
    const version = before === undefined ? previous.version : unit.version
    throw new UserError(`version ${version} of ${unit.source} ${unit.period} is not kept`, {
      where: { file: before === undefined ? kept : unit.partition.path },
      hint: 'Its partition was gone when it was superseded, or it was deleted since.',
    })
  }
  const session = await openSession({
    ...config.engine,
    tempDirectory: path.join(config.workDirectory, 'spill'),
    signal,
  })
  try {
    await session.set('before', before)
    await session.set('after', after)
    const changes = await session.rows<Change>(readBeside(import.meta.url, 'diff.sql'))
    terminal.stdout.write(
      `${options.json ? JSON.stringify({ before: previous, after: unit, changes }, null, 2) : describe(unit, changes)}\n`,
    )
    return exitCode.done
  } finally {
    session.close()
  }
}

function describe(unit: UnitRecord, changes: readonly Change[]): string {
  const [previous] = unit.superseded
  const title = [
    `${unit.source} ${unit.period}: version ${previous?.version} → ${unit.version}`,
    `delivery ${previous?.deliveryId} → ${unit.delivery.id}`,
    `rows ${count(previous?.rows ?? 0)} → ${count(unit.rows)}`,
    ...unit.totals.map(({ currency, billedCost }) => {
      const before = previous?.totals.find((total) => total.currency === currency)?.billedCost ?? '0'
      return `billed ${money(before)} → ${money(billedCost)} ${currency}`
    }),
  ]
  if (changes.length === 0) return [...title, '', 'No service and sub account changed its rows or costs.'].join('\n')
  const header = [
    'service',
    'sub account',
    'rows before',
    'rows after',
    'billed before',
    'billed after',
    'change',
    'effective change',
    'currency',
  ]
  const rows = changes.map((change) => [
    change.service,
    change.sub_account,
    count(Number(change.rows_before)),
    count(Number(change.rows_after)),
    money(change.billed_before),
    money(change.billed_after),
    money(change.billed_change),
    money(change.effective_change),
    change.currency,
  ])
  return [...title, '', table(header, rows)].join('\n')
}
