import { DataError } from '../../../core/errors.ts'
import type { Period } from '../../../core/period.ts'

/** Distinct texts of a file's date columns. */
export interface DateTexts {
  readonly starts: readonly string[]
  readonly ends: readonly string[]
  readonly dates: readonly string[]
}

type Reading = 'month/day/year' | 'day/month/year'

/**
 * The one billing period of a file, by its billing period column or else by the months of its charges; undefined when
 * it has no rows. Where 9/2/2023 may be September or February, the whole file decides, and after that the fact that
 * a file is of one month. DataError when it cannot be told, or when there is more than one.
 */
export function billingMonth({ starts, ends, dates }: DateTexts, file: string): Period | undefined {
  const telling = starts.length > 0 ? starts : dates
  const [first] = telling
  if (first === undefined) return undefined
  const readings = possibleReadings([...starts, ...ends, ...dates])
  const answers = readings.map((reading) => new Set(telling.map((text) => monthOf(text, reading, file))))
  const single = new Set(answers.flatMap((months) => (months.size === 1 ? [...months] : [])))
  const [period] = single
  if (single.size === 1 && period !== undefined) return period
  if (single.size > 1 || readings.length > 1) {
    throw new DataError('day and month cannot be told apart', {
      where: { file, value: first },
      hint: 'No date of the file is after the 12th. Export it with BillingPeriodEndDate, or with dates as 2025-01-31.',
    })
  }
  throw new DataError(`the file holds more than one billing period: ${[...(answers[0] ?? [])].toSorted().join(', ')}`, {
    where: { file },
    hint: 'A delivery is one month: export each month into a file of its own.',
  })
}

const slashes = /^(\d{1,2})\/(\d{1,2})\/(\d{4})(\s|$)/

function possibleReadings(texts: readonly string[]): Reading[] {
  const parts = texts.flatMap((text) => {
    const match = slashes.exec(text)
    return match === null ? [] : [{ a: Number(match[1]), b: Number(match[2]) }]
  })
  if (parts.length === 0 || parts.some(({ b }) => b > 12)) return ['month/day/year']
  if (parts.some(({ a }) => a > 12)) return ['day/month/year']
  return ['month/day/year', 'day/month/year']
}

function monthOf(text: string, reading: Reading, file: string): Period {
  const iso = /^(\d{4})-?(0[1-9]|1[0-2])-?\d{2}/.exec(text)
  if (iso !== null) return `${iso[1]}-${iso[2]}`
  const slash = slashes.exec(text)
  const month = slash === null ? undefined : reading === 'month/day/year' ? slash[1] : slash[2]
  const dots = /^\d{1,2}\.(\d{1,2})\.(\d{4})/.exec(text)
  const year = slash?.[3] ?? dots?.[2]
  const number = Number(month ?? dots?.[1] ?? 0)
  if (year === undefined || number < 1 || number > 12) {
    throw new DataError('the value is no date', {
      where: { file, value: text },
      hint: 'Expected a date such as 2025-01-31 or 01/31/2025.',
    })
  }
  return `${year}-${String(number).padStart(2, '0')}`
}
