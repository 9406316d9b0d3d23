import { createHash } from 'node:crypto'
import type { Notice, NoticeKind } from '../../notify/index.ts'
import type { Incident, ToldState } from './state.ts'

/** What is wrong right now. */
export interface Trouble {
  /** `run-failed:nightly`, `source-stale:aws-main`: the same as long as it is the same trouble. */
  readonly incident: string
  readonly kind: Exclude<NoticeKind, 'run-recovered'>
  readonly severity: Notice['severity']
  readonly title: string
  readonly lines: readonly string[]
  readonly hint: string
  /** What makes it news again when it changes; the title and lines may say more, such as how old something is by now. */
  readonly essence: readonly string[]
  /** What is said when it is over. */
  readonly overTitle: string
}

/**
 * What to say of troubles: one that is new, or another than was told, is told; one that stays is not; one that is gone
 * is over. `judged` names the incidents that could be looked at: what could not is left as it was.
 */
export function tellTroubles(
  troubles: readonly Trouble[],
  told: ToldState['incidents'],
  judged: (incident: string) => boolean,
  now: Date,
): { notices: Notice[]; incidents: Record<string, Incident> } {
  const at = now.toISOString()
  const incidents: Record<string, Incident> = { ...told }
  const notices: Notice[] = []
  for (const trouble of troubles) {
    const { incident, essence, overTitle, ...words } = trouble
    const before = told[incident]
    const fingerprint = printOf(essence)
    if (before?.open && before.fingerprint === fingerprint) continue
    const count = before?.open ? before.count : (before?.count ?? 0) + 1
    incidents[incident] = { count, open: true, since: before?.open ? before.since : at, fingerprint, overTitle }
    notices.push({ ...words, key: keyOf(incident, count, fingerprint), incident, over: false, at })
  }
  const wrong = new Set(troubles.map(({ incident }) => incident))
  for (const [incident, state] of Object.entries(told)) {
    if (!state.open || wrong.has(incident) || !judged(incident)) continue
    incidents[incident] = { ...state, open: false }
    notices.push({
      key: keyOf(incident, state.count, 'over'),
      kind: 'run-recovered',
      incident,
      over: true,
      severity: 'info',
      title: state.overTitle,
      lines: [`It began ${state.since.slice(0, 16).replace('T', ' ')} UTC.`],
      at,
    })
  }
  return { notices, incidents }
}

/** Fits the name of a file, whatever the parts are. */
export function keyOf(subject: string, ...parts: readonly (string | number)[]): string {
  return [subject, ...parts].join('-').replaceAll(/[^A-Za-z0-9._-]/g, '-')
}

export function printOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12)
}
