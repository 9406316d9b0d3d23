import type { MonthRecord } from '../pipeline/close/month-record.ts'
import { table } from './table.ts'

/** Where each month of the books stands; nothing before one was prepared. */
export function describeBooks(months: readonly MonthRecord[]): string[] {
  if (months.length === 0) return []
  const rows = months.map(({ period, state, statements, acceptances, disputes, preparers, approver }) => {
    const targets = new Set(statements.map(({ target }) => target)).size
    const open = disputes.filter(({ resolution }) => resolution === null).length
    const heard = targets === 0 ? '' : `${acceptances.length} of ${targets}`
    return [period, state, preparers.join(', '), heard, open === 0 ? '' : String(open), approver ?? '']
  })
  return ['', table(['period', 'books', 'prepared by', 'accepted', 'disputed', 'approved by'], rows)]
}
