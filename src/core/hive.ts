import { isPeriod, type Period } from './period.ts'

/**
 * The billing period that a file's folders promise: `billing_period=2025-01/`, with a day behind it, in any letter
 * case and with or without the underscore, or `year=2025/month=1/`. Undefined when they promise none.
 */
export function periodOfFolders(key: string): Period | undefined {
  const folders = key.slice(0, key.lastIndexOf('/') + 1)
  const [, named] = /(?:^|\/)billing_?period(?:_?start)?=(\d{4}-\d{2})(?:-\d{2})?\//i.exec(folders) ?? []
  const [, year, month] = /(?:^|\/)year=(\d{4})\/month=(\d{1,2})\//i.exec(folders) ?? []
  const period = named ?? (year && month ? `${year}-${month.padStart(2, '0')}` : '')
  return isPeriod(period) ? period : undefined
}
