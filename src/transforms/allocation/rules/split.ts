import { fromUnits, toUnits } from '../../../core/decimal.ts'
import {
  lineOf,
  mistake,
  requireDriver,
  requirePool,
  sourceAt,
  toReceiver,
  toValidity,
  type Draft,
  type Names,
} from './draft.ts'
import { compileCondition } from '../expression/compile.ts'
import type { WrittenReceivers, WrittenSplit } from './file-format.ts'
import { fractionOf } from './percent.ts'
import type { Driver, Expression, Method, Receiver, SplitRule, Validity } from '../rule-set.ts'
import { requireOnDates } from './target-dates.ts'

type Path = readonly (string | number)[]

export function compileSplits(draft: Draft, names: Names, drivers: readonly Driver[]): SplitRule[] {
  return draft.written.split.map((written, index) => compileSplit(draft, names, drivers, written, ['split', index]))
}

function compileSplit(
  draft: Draft,
  names: Names,
  drivers: readonly Driver[],
  written: WrittenSplit,
  path: Path,
): SplitRule {
  requirePool(draft, names, written.pool, [...path, 'pool'])
  const valid = toValidity(written.valid)
  const method = compileMethod(draft, names, written, valid, [...path, 'by'])
  const driver = method.kind === 'driver' ? drivers.find(({ id }) => id === method.driver) : undefined
  return {
    id: written.id,
    line: lineOf(draft, path),
    pool: written.pool,
    valid,
    method,
    cycle: written.cycle,
    grain: compileGrain(draft, written, driver, path),
    onZeroWeight: checkFallback(draft, names, written.onZeroWeight, [...path, 'onZeroWeight']),
    negatives: written.negatives ?? (method.kind === 'driver' ? 'error' : 'zero'),
    coverage: compileCoverage(draft, names, written, driver, path),
  }
}

function compileMethod(draft: Draft, names: Names, written: WrittenSplit, valid: Validity, path: Path): Method {
  const { by } = written
  if ('fixed' in by)
    return { kind: 'fixed', shares: fixedShares(draft, names, written, valid, by.fixed, [...path, 'fixed']) }
  if ('even' in by) return { kind: 'even', over: overOf(draft, names, written, by.even, [...path, 'even']) }
  if ('driver' in by) {
    requireDriver(draft, names, by.driver, [...path, 'driver'])
    return { kind: 'driver', driver: by.driver, match: matchColumn(draft, names, by.match, [...path, 'match']) }
  }
  const over = overOf(draft, names, written, by.over, [...path, 'over'])
  const when = by.when === undefined ? undefined : weighingCharges(draft, names, by.when, [...path, 'when'])
  if ('usage' in by) return { kind: 'usage', unit: by.usage, when, over }
  return { kind: 'cost', column: by.cost, basis: by.basis, when, over }
}

function weighingCharges(draft: Draft, names: Names, text: string, path: Path): Expression {
  return compileCondition(sourceAt(draft, path, text), names.scope).expression
}

function matchColumn(draft: Draft, { scope }: Names, column: string | undefined, path: Path): string | undefined {
  if (column === undefined || scope.get(column) === 'text') return column
  throw mistake(
    draft,
    path,
    `there is no column of text ${column}`,
    'Name a column such as ResourceId, or a dimension.',
  )
}

function fixedShares(
  draft: Draft,
  names: Names,
  { id }: WrittenSplit,
  valid: Validity,
  fixed: Readonly<Record<string, string>>,
  path: Path,
): { to: Receiver; percent: string }[] {
  const shares = Object.entries(fixed).map(([name, percent]) => {
    const to = toReceiver(draft, names, name, [...path, name])
    if ('target' in to) requireOnDates(draft, names, name, valid, [...path, name], `the split ${id}`)
    return { to, percent }
  })
  const sum = shares.reduce((total, { percent }) => total + toUnits(percent), 0n)
  if (sum <= toUnits('100')) return shares
  throw mistake(
    draft,
    path,
    `the shares of the split ${id} are ${Object.values(fixed).join(' + ')} = ${fromUnits(sum)} %`,
    'They may add up to 100 at most; what is left below that rests with the owner of the pool.',
  )
}

function overOf(
  draft: Draft,
  names: Names,
  { id }: WrittenSplit,
  over: WrittenReceivers,
  path: Path,
): readonly Receiver[] | 'all' {
  if (over === 'all') return over
  const twice = over.find((name, index) => over.indexOf(name) < index)
  if (twice !== undefined) throw mistake(draft, path, `the split ${id} names ${twice} twice`, 'Name each once.')
  return over.map((name, index) => toReceiver(draft, names, name, [...path, index]))
}

function compileGrain(draft: Draft, written: WrittenSplit, driver: Driver | undefined, path: Path): SplitRule['grain'] {
  const timed = driver?.columns.at !== undefined
  const grain = written.grain ?? (timed ? 'day' : 'month')
  if (driver === undefined || timed || grain === 'month') return grain
  throw mistake(
    draft,
    [...path, 'grain'],
    `the split ${written.id} is by ${grain}, and the driver ${driver.id} has no time`,
    `Name its column with the start of the ${grain} as columns: { at: … }, or leave grain out.`,
  )
}

function compileCoverage(
  draft: Draft,
  names: Names,
  written: WrittenSplit,
  driver: Driver | undefined,
  path: Path,
): SplitRule['coverage'] {
  const { coverage } = written
  if (coverage === undefined) return undefined
  if (driver?.columns.at === undefined) {
    const hint = 'Coverage is the share of hours or days that a driver with a column at: knows of.'
    throw mistake(draft, [...path, 'coverage'], `the split ${written.id} has no hours or days to cover`, hint)
  }
  if (toUnits(coverage.least) > toUnits('100')) {
    throw mistake(
      draft,
      [...path, 'coverage', 'least'],
      `the coverage of ${coverage.least} % is never reached`,
      'Write 100 or less.',
    )
  }
  return {
    least: fractionOf(coverage.least),
    below: checkFallback(draft, names, coverage.below, [...path, 'coverage', 'below']),
  }
}

function checkFallback<Fallback extends string | { driver: string }>(
  draft: Draft,
  names: Names,
  fallback: Fallback,
  path: Path,
): Fallback {
  if (typeof fallback !== 'string') requireDriver(draft, names, fallback.driver, [...path, 'driver'])
  return fallback
}
