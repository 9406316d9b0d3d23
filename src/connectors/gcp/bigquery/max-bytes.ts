import { UserError } from '../../../core/errors.ts'
import type { Month } from './months.ts'
import type { ExportTable } from './table.ts'

/** UserError when reading the month would cost more than the source allows. */
export function refuseTooLarge(bytes: number, maxBytes: number, table: ExportTable, month: Month): void {
  if (bytes <= maxBytes) return
  const [asked, allowed] = [bytes, maxBytes].map((count) => count.toLocaleString('en-US'))
  throw new UserError(`${table.id} takes ${asked} bytes to read ${month.period}; maxBytes allows ${allowed}`, {
    hint: `Set maxBytes of the source to at least ${bytes}, if reading that much is worth its price.`,
  })
}
