import { periodBounds } from '../../core/period.ts'
import { deliver, post, type Channel, type Notice } from '../../notify/index.ts'
import type { Reconciliation } from '../../reports/reconcile/model.ts'
import type { Sink } from '../../sinks/sink.ts'
import { keyOf, printOf } from '../notices/incidents.ts'
import { readTold, writeTold } from '../notices/state.ts'
import type { MonthRecord } from './month-record.ts'

/** What people are told of a month's close; their systems too, by signed webhooks. */

export function statementsReady({ period, statements, seq }: MonthRecord, now: Date): Notice {
  return {
    key: keyOf('statement-ready', period, seq),
    kind: 'statement-ready',
    over: false,
    severity: 'info',
    title: `The statements of ${period} are ready for review: ${statements.length}`,
    lines: statements.map(({ id, total, currency }) => `${id}: ${total} ${currency}`),
    hint: `Say focal accept or focal dispute raise --period ${period} --target TARGET.`,
    at: now.toISOString(),
  }
}

export function periodClosed({ period, approver, booked, seq }: MonthRecord, now: Date): Notice {
  const totals = (booked?.sources ?? []).flatMap(({ source, totals: own }) =>
    own.map(({ currency, effectiveCost }) => `${source}: ${effectiveCost} ${currency} effective`),
  )
  return {
    key: keyOf('period-closed', period, seq),
    kind: 'period-closed',
    over: false,
    severity: 'info',
    title: `${period} is closed, approved by ${approver ?? 'nobody'}`,
    lines: [...totals, `Chargeback ${booked?.runId ?? ''}, invoices: ${booked?.invoices ?? ''}.`],
    hint: `What is restated from now on is posted from ${periodBounds(period).end.slice(0, 7)} on.`,
    at: now.toISOString(),
  }
}

/** Told once for the same differences. */
export function reconFailed({ period, breaks, controls }: Reconciliation, now: Date): Notice {
  const lines = [
    ...breaks
      .filter(({ counts }) => counts)
      .map((one) => `${one.class}: ${one.difference} ${one.currency}. ${one.text}`),
    ...controls.flatMap(({ name, difference }) => (difference === '0' ? [] : `${name}: differs by ${difference}`)),
  ]
  return {
    key: keyOf('recon-failed', period, printOf(lines)),
    kind: 'recon-failed',
    over: false,
    severity: 'warning',
    title: `${period} does not tie with its invoices`,
    lines,
    hint: `focal reconcile --period ${period} shows the rows to look at.`,
    at: now.toISOString(),
  }
}

export interface Announcer {
  readonly lake: Sink
  readonly channels: readonly Channel[]
  readonly runId: string
  readonly now: () => Date
  readonly signal?: AbortSignal | undefined
}

/**
 * Puts notices into the outbox and sends what it holds. Gives back lines for people. What does not arrive waits there
 * for the next who sends.
 */
export async function announce(notices: readonly Notice[], announcer: Announcer): Promise<readonly string[]> {
  const { lake, channels, runId, now, signal } = announcer
  return lake.hold(runId, now(), async () => {
    const told = await readTold(lake)
    const open = new Set(told.open)
    for (const notice of notices) {
      if ((await post(lake, notice, channels)) !== 'nobody wants it') open.add(notice.key)
    }
    if (open.size === 0) return []
    await writeTold(lake, { ...told, open: [...open] })
    const report = await deliver(lake, [...open], channels, { now, signal })
    await writeTold(lake, { ...told, open: report.open })
    return report.lines
  })
}
