import { UserError } from './errors.ts'

/** A billing period: a calendar month as `YYYY-MM`. Compares in time order as text. */
export type Period = string

const pattern = /^\d{4}-(0[1-9]|1[0-2])$/

export function isPeriod(text: string): boolean {
  return pattern.test(text)
}

/** First day of the month and of the one after, as ISO dates: `2025-01` gives `2025-01-01` and `2025-02-01`. */
export function periodBounds(period: Period): { start: string; end: string } {
  const [year, month] = period.split('-').map(Number) as [number, number]
  const next = month === 12 ? `${year + 1}-01` : `${year}-${String(month + 1).padStart(2, '0')}`
  return { start: `${period}-01`, end: `${next}-01` }
}

/** `2025-01` gives `2024-12`. */
export function monthBefore(period: Period): Period {
  const [year = 0, month = 0] = period.split('-').map(Number)
  return month === 1 ? `${year - 1}-12` : `${year}-${String(month - 1).padStart(2, '0')}`
}

/** Both ends included. */
export interface PeriodRange {
  readonly from: Period
  readonly to: Period
}

/** Reads `2026-10` or `2026-08..2026-10`; a UserError names what was written instead. */
export function parsePeriodRange(text: string): PeriodRange {
  const [from = '', to = from, ...more] = text.split('..')
  if (more.length > 0 || !isPeriod(from) || !isPeriod(to) || from > to) {
    throw new UserError(`"${text}" is not a billing period`, {
      hint: 'Write a month as 2026-10, or a range as 2026-08..2026-10.',
    })
  }
  return { from, to }
}

export function inRange(period: Period, range: PeriodRange): boolean {
  return range.from <= period && period <= range.to
}
