import { toUnits } from '../../core/decimal.ts'
import type { Period } from '../../core/period.ts'
import { amountText, exactText, minorUnit, percentText } from './amounts.ts'
import type { ChargebackInput } from './input.ts'
import { lineKinds, type Detail, type Line, type LineKind } from './model.ts'
import type { DetailRow, LineKey, MonthLine } from './read.ts'
import { lineKey, type Rounded } from './round.ts'

/** A line while it is being added up: this month's details, and what it was in other months. */
export interface LineAccount {
  readonly key: LineKey
  readonly currency: string
  readonly details: readonly Rounded<DetailRow>[]
  /** Minor units by month, this one included. */
  readonly months: ReadonlyMap<Period, bigint>
}

/** Lines of every target: those of the month, and those of earlier months that year to date still needs. */
export function lineAccounts(
  period: Period,
  details: readonly Rounded<DetailRow>[],
  earlier: readonly Rounded<MonthLine>[],
): LineAccount[] {
  const now = Map.groupBy(details, ({ row }) => lineKey(row))
  const before = Map.groupBy(earlier, ({ row }) => lineKey(row))
  return [...new Set([...now.keys(), ...before.keys()])].flatMap((key) => {
    const own = now.get(key) ?? []
    const past = before.get(key) ?? []
    const [first] = [...own, ...past]
    if (first === undefined) return []
    const months = new Map(past.map(({ row, minor }) => [row.period, minor]))
    months.set(period, sum(own.map(({ minor }) => minor)))
    return [{ key: first.row, currency: first.currency, details: own, months }]
  })
}

/** What each pool gave to targets, by `currency pool`, to tell shares of. */
export function poolTotals(details: readonly Rounded<DetailRow>[]): ReadonlyMap<string, bigint> {
  const shares = details.filter(({ row }) => row.kind === 'shared')
  const groups = Map.groupBy(shares, ({ row }) => `${row.currency} ${row.pool}`)
  return new Map([...groups].map(([pool, members]) => [pool, sum(members.map(({ exact }) => exact))]))
}

interface Surroundings extends Pick<ChargebackInput, 'period' | 'yearFrom' | 'pools' | 'rules'> {
  readonly previous: Period
  readonly poolTotals: ReadonlyMap<string, bigint>
}

export function makeLine({ key, currency, details, months }: LineAccount, around: Surroundings): Line {
  const exact = sum(details.map((detail) => detail.exact))
  const minor = months.get(around.period) ?? 0n
  const rule = key.rule === null ? undefined : around.rules.get(key.rule)
  const text = (count: bigint) => amountText(count, currency)
  return {
    kind: key.kind,
    label: labelOf(key, around.pools),
    costCentre: key.costCentre,
    glAccount: key.glAccount,
    mode: key.mode,
    billingCurrency: key.currency,
    invoiceIssuer: key.lineIssuer,
    pool: key.pool,
    rule: key.rule,
    method: rule?.method ?? null,
    driver: rule?.driver ?? null,
    share:
      key.kind === 'shared' ? percentText(exact, around.poolTotals.get(`${key.currency} ${key.pool}`) ?? 0n, 2) : null,
    reason: key.reason,
    originalPeriod: key.originalPeriod,
    cause: key.cause,
    amount: text(minor),
    previous: text(months.get(around.previous) ?? 0n),
    yearToDate: text(sum([...months].flatMap(([period, amount]) => (period >= around.yearFrom ? amount : [])))),
    exact: exactText(exact),
    rounding: exactText(minor * minorUnit(currency) - exact),
    details: details.map((detail) => makeDetail(detail)).toSorted(byAmount),
  }
}

function makeDetail({ row, currency, exact, minor }: Rounded<DetailRow>): Detail {
  const { invoiceIssuer, serviceCategory, service, subAccount, subAccountName, chargeCategory, rows } = row
  return {
    invoiceIssuer,
    serviceCategory,
    service,
    subAccount,
    subAccountName,
    chargeCategory,
    rows,
    amount: amountText(minor, currency),
    exact: exactText(exact),
  }
}

/** As a statement lists them: by kind, the largest first. */
export function compareLines(a: Line, b: Line): number {
  return lineKinds.indexOf(a.kind) - lineKinds.indexOf(b.kind) || byAmount(a, b) || (a.label < b.label ? -1 : 1)
}

function byAmount(a: { amount: string }, b: { amount: string }): number {
  const [first, second] = [a, b].map(({ amount }) => toUnits(amount.replace('-', ''))) as [bigint, bigint]
  return first === second ? 0 : first > second ? -1 : 1
}

/** Reasons and causes are words joined by underscores. */
export function words(name: string): string {
  return name.replaceAll('_', ' ')
}

export const kindNames: Readonly<Record<LineKind, string>> = {
  direct: 'Own use',
  shared: 'Shares of pools',
  idle: 'Idle',
  unallocated: 'Unallocated',
  credit: 'Credits',
  tax: 'Tax',
  adjustment: 'Earlier months',
}

function labelOf(key: LineKey, pools: ReadonlyMap<string, string>): string {
  const pool = key.pool === null ? undefined : (pools.get(key.pool) ?? key.pool)
  const labels: Readonly<Record<LineKind, string>> = {
    direct: key.lineCategory ?? 'Other',
    shared: pool ?? 'Pool',
    idle: joined('Idle', pool),
    unallocated: joined(pool ?? 'Unallocated', words(key.reason ?? '')),
    credit: joined('Credits', pool),
    tax: pool ?? 'Tax',
    adjustment: joined(`Correction of ${key.originalPeriod}`, words(key.cause ?? ''), pool),
  }
  return labels[key.kind]
}

function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter(Boolean).join(' · ')
}

export function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n)
}
