import { readDay, type CsvRow } from '../../../core/csv-table.ts'
import type { Validity } from '../rule-set.ts'

/** The two columns of dates as a validity; both may be empty or absent. */
export function readValidity(row: CsvRow): Validity {
  const from = readDay(row, 'valid_from')
  const to = readDay(row, 'valid_to')
  if (from !== undefined && to !== undefined && from >= to) {
    throw row.mistake('valid_to', 'valid_to is not after valid_from', 'valid_to is the first day after.')
  }
  return { from, to }
}
