import { toUnits } from '../../../core/decimal.ts'
import type { Session } from '../../../core/duckdb.ts'
import { periodBounds, type Period } from '../../../core/period.ts'
import { readBeside } from '../../../core/sql.ts'
import type { Driver, Method, Receiver, RuleSet, SplitRule } from '../rule-set.ts'
import { ownerOf, placeKey, type Place, type Share } from './route.ts'

/** When and for what a pool is split: what the charges of one cell have in common, as far as the split asks. */
export interface Occasion {
  /** The first day on which the same rules, targets and driver rows hold as on the charge's. */
  readonly firstDay: string
  /** Start of the hour or day as DuckDB writes a TIMESTAMP; undefined for the month. */
  readonly bucket: string | undefined
  readonly match: string | undefined
  readonly currency: string
}

/** Who weighs what, for each occasion of one split from one first day on. Weights may be negative or zero here. */
export type WeightTable = ReadonlyMap<string, readonly Share[]>

export interface Weigher {
  /** Weights of a rule's own method. */
  ofRule(rule: SplitRule, firstDay: string): Promise<WeightTable>
  /** Weights of a driver that stands in for a rule's method, whatever times they are of: one entry for each match. */
  ofFallback(rule: SplitRule, driver: string, firstDay: string): Promise<WeightTable>
}

/** The part of an occasion that a table of weights tells apart. */
export function occasionKey(of: {
  bucket?: string | undefined
  match?: string | undefined
  currency?: string
}): string {
  return JSON.stringify([of.bucket ?? null, of.match ?? null, of.currency ?? null])
}

export function makeWeigher(session: Session, ruleSet: RuleSet, period: Period): Weigher {
  return {
    async ofRule(rule, firstDay) {
      const { method } = rule
      if (method.kind === 'cost') return toTable(await costRows(session, ruleSet, rule, method), byReceiver(method))
      if (method.kind === 'usage') return toTable(await usageRows(session, ruleSet, rule, method), byReceiver(method))
      if (method.kind !== 'driver') return new Map()
      const driver = driverOf(ruleSet, method.driver)
      const options = { firstDay, period, byMatch: method.match !== undefined, grain: rule.grain, atAnyTime: false }
      return toTable(await driverRows(session, driver, options), byKey(ruleSet, rule, driver))
    },
    async ofFallback(rule, id, firstDay) {
      const driver = driverOf(ruleSet, id)
      const byMatch =
        rule.method.kind === 'driver' && rule.method.match !== undefined && driver.columns.match !== undefined
      const options = { firstDay, period, byMatch, grain: rule.grain, atAnyTime: true }
      return toTable(await driverRows(session, driver, options), byKey(ruleSet, rule, driver))
    },
  }
}

export function driverOf({ drivers }: RuleSet, id: string): Driver {
  const driver = drivers.find((candidate) => candidate.id === id)
  if (driver === undefined) throw new RangeError(`there is no driver ${id}`)
  return driver
}

interface WeightRow {
  readonly target: string | null
  readonly pool: string | null
  readonly key: string | null
  readonly match: string | null
  readonly currency: string | null
  readonly bucket: string | null
  readonly weight: string | null
}

type CostMethod = Extract<Method, { kind: 'cost' }>
type UsageMethod = Extract<Method, { kind: 'usage' }>

function costRows(session: Session, { splits }: RuleSet, rule: SplitRule, method: CostMethod): Promise<WeightRow[]> {
  return session.rows(readBeside(import.meta.url, 'weights-by-cost.sql'), {
    column: method.column,
    with_prior: method.basis === 'direct+prior',
    grain: rule.grain,
    on_condition: method.when !== undefined,
    split: String(splits.indexOf(rule)),
  })
}

function usageRows(session: Session, { splits }: RuleSet, rule: SplitRule, method: UsageMethod): Promise<WeightRow[]> {
  return session.rows(readBeside(import.meta.url, 'weights-by-usage.sql'), {
    unit: method.unit,
    grain: rule.grain,
    on_condition: method.when !== undefined,
    split: String(splits.indexOf(rule)),
  })
}

interface DriverOptions {
  readonly firstDay: string
  readonly period: Period
  readonly byMatch: boolean
  readonly grain: SplitRule['grain']
  readonly atAnyTime: boolean
}

function driverRows(session: Session, { id }: Driver, options: DriverOptions): Promise<WeightRow[]> {
  const { start, end } = periodBounds(options.period)
  return session.rows(readBeside(import.meta.url, 'weights-by-driver.sql'), {
    driver: id,
    day: options.firstDay,
    by_match: options.byMatch,
    grain: options.grain,
    at_any_time: options.atAnyTime,
    period_start: start,
    period_end: end,
  })
}

type ToShare = (row: WeightRow, weight: bigint) => Share | undefined

function toTable(rows: readonly WeightRow[], toShare: ToShare): WeightTable {
  const table = new Map<string, Map<string, Share>>()
  for (const { weight, ...row } of rows) {
    const share = weight === null ? undefined : toShare({ ...row, weight }, toUnits(weight))
    if (share === undefined) continue
    const key = occasionKey({
      bucket: row.bucket ?? undefined,
      match: row.match ?? undefined,
      ...(row.currency !== null && { currency: row.currency }),
    })
    const shares = table.get(key) ?? new Map<string, Share>()
    table.set(key, shares)
    addShare(shares, share)
  }
  return new Map([...table].map(([key, shares]) => [key, [...shares.values()]]))
}

/** Several keys may be one receiver. */
function addShare(shares: Map<string, Share>, share: Share): void {
  const key = placeKey(share.to)
  const before = shares.get(key)
  shares.set(key, before === undefined ? share : { ...share, weight: before.weight + share.weight })
}

function byReceiver(method: CostMethod | UsageMethod): ToShare {
  const { over } = method
  const wanted = over === 'all' ? undefined : new Set(over.map((to) => placeKey(placeOf(to))))
  return (row, weight) => {
    const to: Place | undefined =
      row.target !== null
        ? { kind: 'target', target: row.target }
        : row.pool !== null
          ? { kind: 'pool', pool: row.pool }
          : undefined
    if (to === undefined) return undefined
    const counts = wanted === undefined ? to.kind === 'target' : wanted.has(placeKey(to))
    const unit = method.kind === 'cost' ? (row.currency ?? '') : method.unit
    return counts ? { to, weight, unit } : undefined
  }
}

export function placeOf(to: Receiver): Place {
  return 'pool' in to ? { kind: 'pool', pool: to.pool } : { kind: 'target', target: to.target }
}

/** A key is what the driver maps it to, or a special one, or a target. Cost of another one is nobody's. */
function byKey(ruleSet: RuleSet, rule: SplitRule, driver: Driver): ToShare {
  const targets = new Set(ruleSet.targets.map(({ id }) => id))
  const owner = ownerOf(ruleSet, rule.pool)
  return ({ key }, weight) => {
    const mapped = driver.map.get(key ?? '')
    const special = driver.special.get(key ?? '')
    const unit = driver.columns.weight
    if (mapped !== undefined) return { to: placeOf(mapped), weight, unit }
    if (special === undefined && key !== null && targets.has(key))
      return { to: { kind: 'target', target: key }, weight, unit }
    return { to: { kind: 'rest', owner, reason: special ?? 'unallocated', held: false }, weight, unit }
  }
}
