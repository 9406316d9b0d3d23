import { periodBounds, type Period } from '../../../core/period.ts'

/** Days are UTC, as ISO dates. */
export function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10)
}

/** The newest `count` months, that of `now` included, oldest first. */
export function newestMonths(now: Date, count: number): Period[] {
  const month = (back: number) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1))
  return Array.from({ length: count }, (_, index) => dayOf(month(count - 1 - index)).slice(0, 7))
}

/** When a month was last asked for, as days. */
export interface LastAsked {
  /** All of it was read. */
  readonly readOn: string
  /** Its first pages were compared; never before `readOn`. */
  readonly probedOn: string
}

/**
 * What to ask of the API about a month today: all of it, its first pages, or nothing. While it runs and for 10 days
 * after, its charges still come in; later they seldom change, and it is read again every week for two months, then
 * every 30 days, with a probe on the days in between.
 */
export function askToday(period: Period, last: LastAsked | undefined, now: Date): 'read' | 'probe' | 'nothing' {
  if (last === undefined) return 'read'
  const today = dayOf(now)
  if (last.readOn === today || last.probedOn === today) return 'nothing'
  const sinceEnd = daysBetween(periodBounds(period).end, today)
  if (sinceEnd <= 10) return 'read'
  return daysBetween(last.readOn, today) >= (sinceEnd <= 60 ? 7 : 30) ? 'read' : 'probe'
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000)
}
