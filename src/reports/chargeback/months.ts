import type { Period } from '../../core/period.ts'

/** The months from the first to the last, both included. */
export function monthsBetween(first: Period, last: Period): Period[] {
  const months: Period[] = []
  for (let month = first; month <= last; month = monthsLater(month, 1)) months.push(month)
  return months
}

/** The month so many months later; earlier when below 0. */
export function monthsLater(period: Period, months: number): Period {
  const [year, month] = period.split('-').map(Number) as [number, number]
  const ordinal = year * 12 + month - 1 + months
  return `${Math.floor(ordinal / 12)}-${String((ordinal % 12) + 1).padStart(2, '0')}`
}

/** First month of the fiscal year that a month is in; `start` is the year's first month, from 1. */
export function fiscalYearFrom(period: Period, start: number): Period {
  const [year, month] = period.split('-').map(Number) as [number, number]
  return `${month >= start ? year : year - 1}-${String(start).padStart(2, '0')}`
}
