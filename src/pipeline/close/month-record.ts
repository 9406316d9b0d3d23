import type { Period } from '../../core/period.ts'
import type { ChargebackState } from '../../reports/chargeback/model.ts'
import { readJson, writeJson, type Sink } from '../../sinks/sink.ts'
import type { AuditLog, LogEntry } from './audit-log.ts'
import type { Booked, RulesInForce, StatementTotal } from './events.ts'

/** Where a month of the books stands: `_focal/closed/<period>.json`. It follows from the log alone. */
export interface MonthRecord {
  readonly period: Period
  readonly state: ChargebackState
  /** Who prepared it and began its review, since it was last open. */
  readonly preparers: readonly string[]
  /** Who closed it. */
  readonly approver: string | null
  /** Print of what the statements said when their review began. */
  readonly figures: string | null
  readonly statements: readonly StatementTotal[]
  /** Of the statements under review: a new review begins without any. */
  readonly acceptances: readonly Acceptance[]
  readonly disputes: readonly Dispute[]
  /** Somebody wants it open again, and a second one has not agreed yet. */
  readonly reopening: Reopening | null
  readonly booked: Booked | null
  /** What corrections of it go by. */
  readonly rules: RulesInForce | null
  /** The last entry of the log that it follows from. */
  readonly seq: number
}

export interface Acceptance {
  readonly target: string
  readonly by: string
  readonly at: string
  readonly comment: string | null
}

export interface Dispute {
  readonly number: number
  readonly target: string
  readonly by: string
  readonly at: string
  readonly reason: string
  readonly amount: string | null
  /** null while it is open. */
  readonly resolution: { readonly text: string; readonly by: string; readonly at: string } | null
}

export interface Reopening {
  readonly by: string
  readonly at: string
  readonly reason: string
}

const untouched = (period: Period): MonthRecord => ({
  period,
  state: 'open',
  preparers: [],
  approver: null,
  figures: null,
  statements: [],
  acceptances: [],
  disputes: [],
  reopening: null,
  booked: null,
  rules: null,
  seq: 0,
})

/** Every month that the log tells of, oldest first. */
export function monthsOf({ entries }: Pick<AuditLog, 'entries'>): MonthRecord[] {
  return [...Map.groupBy(entries.filter(isOfState), ({ period }) => period)]
    .map(([period, own]) => own.reduce(after, untouched(period)))
    .toSorted((a, b) => (a.period < b.period ? -1 : 1))
}

export function monthOf(log: Pick<AuditLog, 'entries'>, period: Period): MonthRecord {
  return monthsOf(log).find((month) => month.period === period) ?? untouched(period)
}

/** Corrections are posted in months that nobody has begun to close, and change no state. */
function isOfState({ event }: LogEntry): boolean {
  return event !== 'corrections-posted'
}

function after(month: MonthRecord, entry: LogEntry): MonthRecord {
  return { ...month, ...changeBy(month, entry), seq: entry.seq }
}

function changeBy(month: MonthRecord, entry: LogEntry): Partial<MonthRecord> {
  const { by, at } = entry
  switch (entry.event) {
    case 'month-prepared':
      return { state: 'preliminary', preparers: [by] }
    case 'review-begun': {
      const { figures, statements } = entry
      return {
        state: 'review',
        preparers: [...new Set([...month.preparers, by])],
        figures,
        statements,
        acceptances: [],
      }
    }
    case 'statement-accepted': {
      const others = month.acceptances.filter(({ target }) => target !== entry.target)
      return { acceptances: [...others, { target: entry.target, by, at, comment: entry.comment }] }
    }
    case 'statement-disputed': {
      const { number, target, reason, amount } = entry
      return {
        acceptances: month.acceptances.filter((acceptance) => acceptance.target !== target),
        disputes: [...month.disputes, { number, target, by, at, reason, amount, resolution: null }],
      }
    }
    case 'dispute-resolved': {
      const resolution = { text: entry.resolution, by, at }
      const resolved = (dispute: Dispute) => (dispute.number === entry.number ? { ...dispute, resolution } : dispute)
      return { disputes: month.disputes.map(resolved) }
    }
    case 'month-closed':
      return { state: 'closed', approver: by, booked: entry.booked, rules: entry.booked.rules }
    case 'reopening-asked':
      return { reopening: { by, at, reason: entry.reason } }
    case 'month-reopened':
      return { ...untouched(month.period), disputes: month.disputes }
    case 'rules-approved':
      return { rules: entry.rules }
    case 'corrections-posted':
      return {}
  }
}

const recordFile = (period: Period) => `_focal/closed/${period}.json`

/** `undefined` for a month that nobody has begun to close. */
export async function readMonth(lake: Sink, period: Period): Promise<MonthRecord | undefined> {
  return readJson<MonthRecord>(lake, recordFile(period))
}

/** The records as they are in the lake, by month; they should be what the log says. */
export async function readMonths(lake: Sink): Promise<MonthRecord[]> {
  const names = await lake.listNames('_focal/closed')
  const periods = names.flatMap((name) => /^(\d{4}-\d{2})\.json$/.exec(name)?.[1] ?? [])
  const months = await Promise.all(periods.map((period) => readMonth(lake, period)))
  return months.filter((month) => month !== undefined)
}

/**
 * Writes what the log says of each month, where the lake says otherwise: a command may have died between its entry and
 * the record. Call it while the lake is held.
 */
export async function settleMonths(lake: Sink, log: AuditLog): Promise<MonthRecord[]> {
  const months = monthsOf(log)
  const there = await readMonths(lake)
  for (const month of months) {
    const same = there.some((other) => JSON.stringify(other) === JSON.stringify(month))
    if (!same) await writeJson(lake, recordFile(month.period), month)
  }
  return months
}
