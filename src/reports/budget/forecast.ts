import { daysLater, daysUntil } from './calendar.ts'

/** Daily usage of one target in one currency, as counts of 10^-18; a day without any is 0. */
export type DailyUsage = ReadonlyMap<string, bigint>

export interface Horizon {
  /** First day of which usage is known. */
  readonly historyFrom: string
  /** First day that is not final: it and those after it are forecast. */
  readonly finalUntil: string
  /** First day after the month. */
  readonly end: string
}

/** What the days that are not final yet will come to, as counts of 10^-18. */
export interface Outlook {
  readonly low: bigint
  readonly expected: bigint
  readonly high: bigint
}

/** So many weeks back; their like weekdays are what a day is expected to be. */
const weeks = 4
/** Past forecasts that it takes to say by how much they are wrong. */
const fewestTrials = 5

/**
 * Each day to come is the mean of its weekday over the last four weeks. The range is what the same forecast, made on each
 * earlier day for as many days to come, was wrong by: eight in ten of those were within it. With too little history for
 * that it is the least and the most of each weekday.
 */
export function forecastUsage(usage: DailyUsage, { historyFrom, finalUntil, end }: Horizon): Outlook {
  const known = daysUntil(historyFrom, finalUntil)
  const ahead = daysUntil(finalUntil, end)
  const expected = sumOf(ahead.map((day) => mean(alike(day, finalUntil, historyFrom, usage))))
  if (ahead.length === 0 || known.length === 0) return { low: expected, expected, high: expected }
  const errors = trialErrors(usage, historyFrom, finalUntil, ahead.length)
  if (errors.length < fewestTrials) {
    const values = ahead.map((day) => alike(day, finalUntil, historyFrom, usage))
    return {
      low: sumOf(values.map((some) => some.reduce(smaller))),
      expected,
      high: sumOf(values.map((some) => some.reduce(larger))),
    }
  }
  const [low, high] = [quantile(errors, 10), quantile(errors, 90)]
  return { low: expected + smaller(low, 0n), expected, high: expected + larger(high, 0n) }
}

/** What the forecast made on each earlier day was short of, for as many days; negative when it was too much. */
function trialErrors(usage: DailyUsage, historyFrom: string, finalUntil: string, length: number): bigint[] {
  const origins = daysUntil(daysLater(historyFrom, weeks * 7), daysLater(finalUntil, 1 - length))
  return origins.map((origin) => {
    const days = daysUntil(origin, daysLater(origin, length))
    return sumOf(days.map((day) => (usage.get(day) ?? 0n) - mean(alike(day, origin, historyFrom, usage))))
  })
}

/** Usage of the same weekday in the weeks before an origin; of every day before it while that is less than a week. */
function alike(day: string, origin: string, historyFrom: string, usage: DailyUsage): bigint[] {
  const before = daysUntil(historyFrom, origin)
  const same = before.filter((other) => isSameWeekday(other, day)).slice(-weeks)
  return (same.length > 0 ? same : before).map((other) => usage.get(other) ?? 0n)
}

function isSameWeekday(a: string, b: string): boolean {
  return new Date(a).getUTCDay() === new Date(b).getUTCDay()
}

function sumOf(amounts: readonly bigint[]): bigint {
  return amounts.reduce((sum, amount) => sum + amount, 0n)
}

/** 0 of nothing; cut towards zero, less than 10^-18 of the currency. */
function mean(amounts: readonly bigint[]): bigint {
  return amounts.length === 0 ? 0n : sumOf(amounts) / BigInt(amounts.length)
}

/** The smallest of the values that at least so many percent of them do not exceed. */
function quantile(values: readonly bigint[], percent: number): bigint {
  const sorted = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0n
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
