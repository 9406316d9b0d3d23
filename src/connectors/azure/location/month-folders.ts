import { DataError } from '../../../core/errors.ts'
import { periodBounds, type Period } from '../../../core/period.ts'
import type { ObjectStore } from '../../stores/object-store.ts'

/** The date ranges that an export was run for: Azure names a folder by the first and the last day, both included. */
export interface MonthFolders {
  /** Folders of one whole calendar month each: `20250101-20250131/` is 2025-01. */
  readonly months: ReadonlyMap<Period, string>
  /** Folders of any other range, by every month that they hold a day of. */
  readonly others: ReadonlyMap<Period, readonly string[]>
}

/**
 * A delivery is a full statement of a month, so only a range that is one calendar month can be one. Of another range,
 * as "Export selected dates" writes them, nobody can tell whether its days have been restated since.
 */
export async function monthFolders(store: ObjectStore, folder: string): Promise<MonthFolders> {
  const months = new Map<Period, string>()
  const others = new Map<Period, string[]>()
  for (const path of (await store.list(folder)).folders) {
    const range = rangeOf(path.slice(folder.length))
    if (range === undefined) continue
    const [first, last] = range
    const period = first.slice(0, 7)
    if (first === `${period}-01` && last === lastDay(period)) months.set(period, path)
    else
      for (const touched of monthsBetween(period, last.slice(0, 7))) {
        others.set(touched, [...(others.get(touched) ?? []), path])
      }
  }
  return { months, others }
}

/** For a month that the export holds in such ranges alone. */
export function notAMonth(period: Period, folders: readonly string[]): DataError {
  return new DataError(`${period} is only in folders that are not of this one month: ${folders.join(', ')}`, {
    where: { file: folders[0] ?? '' },
    hint: `A delivery is a whole calendar month. Run the export again in Cost Management ("Export selected dates") from ${period}-01 to ${lastDay(period)}, or let it run on month-to-date or last month's costs.`,
  })
}

function rangeOf(name: string): [string, string] | undefined {
  const [, ...parts] = /^(\d{4})(\d{2})(\d{2})-(\d{4})(\d{2})(\d{2})\/$/.exec(name) ?? []
  const first = parts.slice(0, 3).join('-')
  const last = parts.slice(3).join('-')
  return isDay(first) && isDay(last) && first <= last ? [first, last] : undefined
}

function isDay(text: string): boolean {
  const time = Date.parse(text)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}

function lastDay(period: Period): string {
  return new Date(Date.parse(periodBounds(period).end) - 86_400_000).toISOString().slice(0, 10)
}

function monthsBetween(first: Period, last: Period): Period[] {
  const months: Period[] = []
  for (let month = first; month <= last; month = periodBounds(month).end.slice(0, 7)) months.push(month)
  return months
}
