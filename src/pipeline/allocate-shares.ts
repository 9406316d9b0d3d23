import { fromUnits, toUnits } from '../core/decimal.ts'
import { percent } from '../core/percent.ts'
import type { Period } from '../core/period.ts'
import type { AllocationRecord } from './allocate-record.ts'

/** How much EffectiveCost of a month is with an owner who caused it, and how much is not. */
export interface UnallocatedShare {
  readonly period: Period
  readonly currency: string
  readonly total: string
  readonly unallocated: string
  /** Percent of the total, cut to two decimals; empty when the total is zero. */
  readonly percent: string
}

/** By month and currency, over all sources. */
export function unallocatedShares(records: readonly AllocationRecord[]): UnallocatedShare[] {
  const sums = new Map<string, { period: Period; currency: string; total: bigint; unallocated: bigint }>()
  const sumOf = (period: Period, currency: string) => {
    const key = `${period} ${currency}`
    const sum = sums.get(key) ?? { period, currency, total: 0n, unallocated: 0n }
    sums.set(key, sum)
    return sum
  }
  for (const { period, totals, resting } of records) {
    for (const { currency, effectiveCost } of totals) sumOf(period, currency).total += toUnits(effectiveCost)
    for (const { currency, effectiveCost } of resting) sumOf(period, currency).unallocated += toUnits(effectiveCost)
  }
  return [...sums.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { period, currency, total, unallocated }]) => {
      const [whole, part] = [fromUnits(total), fromUnits(unallocated)]
      return { period, currency, total: whole, unallocated: part, percent: percent(part, whole) }
    })
}
