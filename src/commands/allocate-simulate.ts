import path from 'node:path'
import { fromUnits, toUnits } from '../core/decimal.ts'
import { exitCode, UserError } from '../core/errors.ts'
import { percent } from '../core/percent.ts'
import { inRange, parsePeriodRange, type Period } from '../core/period.ts'
import { simulateMonth, type Simulation, type TargetTotal } from '../pipeline/allocate-simulate.ts'
import { readUnits, type UnitRecord } from '../pipeline/state.ts'
import { loadRuleSet } from '../transforms/allocation/rules.ts'
import { configured } from './configured.ts'
import { money, table } from './table.ts'
import type { Terminal } from './terminal.ts'

interface Options {
  readonly config: string
  readonly rules: string
  readonly period?: string
  readonly json?: boolean
}

interface Change {
  readonly period: Period
  readonly target: string
  readonly name: string
  readonly currency: string
  readonly effectiveNow: string
  readonly effectiveThen: string
  readonly effectiveChange: string
  readonly billedNow: string
  readonly billedThen: string
  readonly billedChange: string
}

interface Ownership {
  readonly period: Period
  readonly currency: string
  /** Percent of EffectiveCost that is with who caused it. */
  readonly percentNow: string
  readonly percentThen: string
}

/** `focal allocate simulate`: who would pay more or less by other rules. Nothing is written. */
export async function simulate(options: Options, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const { config, lake } = await configured(options.config, terminal)
  const ruleSet = await loadRuleSet(path.resolve(terminal.cwd, options.rules), terminal.env)
  const units = await chosenUnits(await readUnits(lake), options.period)
  const changes: Change[] = []
  const ownership: Ownership[] = []
  for (const [period, ofMonth] of Map.groupBy(units, (unit) => unit.period)) {
    const simulation = await simulateMonth({ config, lake, signal }, ruleSet, { period, units: ofMonth })
    changes.push(...compare(period, simulation))
    ownership.push(...compareOwnership(period, simulation))
  }
  const result = { rules: { file: options.rules, print: ruleSet.print }, changes, ownership }
  terminal.stdout.write(`${options.json ? JSON.stringify(result, null, 2) : describe(changes, ownership)}\n`)
  return exitCode.done
}

async function chosenUnits(units: readonly UnitRecord[], period: string | undefined): Promise<UnitRecord[]> {
  const newest = units
    .map((unit) => unit.period)
    .toSorted()
    .at(-1)
  if (newest === undefined) throw new UserError('nothing is published yet', { hint: 'Run `focal run` first.' })
  const range = period === undefined ? { from: newest, to: newest } : parsePeriodRange(period)
  const chosen = units.filter((unit) => inRange(unit.period, range))
  if (chosen.length > 0) return chosen.toSorted((a, b) => (a.period < b.period ? -1 : 1))
  throw new UserError(`nothing is published of ${period}`, { hint: '`focal status` lists what is.' })
}

/** Targets whose total changes come first, largest change first. */
function compare(period: Period, { before, after }: Simulation): Change[] {
  const byTarget = Map.groupBy([...before, ...after], ({ target, currency }) => JSON.stringify([target, currency]))
  const changes = [...byTarget.values()].flatMap((group): Change[] => {
    const [first] = group
    if (first === undefined) return []
    const [now, then] = [
      group.filter((total) => before.includes(total)),
      group.filter((total) => after.includes(total)),
    ]
    const [effectiveNow, effectiveThen] = [sumOf(now, 'effective'), sumOf(then, 'effective')]
    const [billedNow, billedThen] = [sumOf(now, 'billed'), sumOf(then, 'billed')]
    return [
      {
        period,
        target: first.target,
        name: first.name,
        currency: first.currency,
        effectiveNow: fromUnits(effectiveNow),
        effectiveThen: fromUnits(effectiveThen),
        effectiveChange: fromUnits(effectiveThen - effectiveNow),
        billedNow: fromUnits(billedNow),
        billedThen: fromUnits(billedThen),
        billedChange: fromUnits(billedThen - billedNow),
      },
    ]
  })
  const size = ({ effectiveChange }: Change) => {
    const units = toUnits(effectiveChange)
    return units < 0n ? -units : units
  }
  return changes.toSorted((a, b) => (size(a) < size(b) ? 1 : size(a) > size(b) ? -1 : a.target < b.target ? -1 : 1))
}

function compareOwnership(period: Period, { before, after }: Simulation): Ownership[] {
  const currencies = [...new Set([...before, ...after].map(({ currency }) => currency))].toSorted()
  return currencies.map((currency) => ({
    period,
    currency,
    percentNow: percentOwned(before, currency),
    percentThen: percentOwned(after, currency),
  }))
}

function percentOwned(totals: readonly TargetTotal[], currency: string): string {
  const all = totals.filter((total) => total.currency === currency)
  const owned = all.filter(({ reason }) => reason === null)
  return percent(fromUnits(sumOf(owned, 'effective')), fromUnits(sumOf(all, 'effective')))
}

function sumOf(totals: readonly TargetTotal[], cost: 'billed' | 'effective'): bigint {
  return totals.reduce((sum, total) => sum + toUnits(total[cost]), 0n)
}

function describe(changes: readonly Change[], ownership: readonly Ownership[]): string {
  const header = ['period', 'target', 'name', 'now', 'then', 'change', 'currency']
  const rows = changes.map((change) => [
    change.period,
    change.target,
    change.name,
    money(change.effectiveNow),
    money(change.effectiveThen),
    money(change.effectiveChange),
    change.currency,
  ])
  const shares = ownership.map(
    ({ period, currency, percentNow, percentThen }) =>
      `${period} ${currency}: with who caused it ${percentNow || '0.00'} % now, ${percentThen || '0.00'} % then`,
  )
  return ['EffectiveCost by these rules, and what would change:', '', table(header, rows), '', ...shares].join('\n')
}
