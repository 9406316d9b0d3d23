import { noticeKinds, type Notice } from '../../notify/index.ts'
import type { Freshness } from '../freshness.ts'
import type { RunRecord, UnitRecord } from '../state.ts'
import { keyOf, tellTroubles } from './incidents.ts'
import { newUnknowns, restatedMonths } from './news.ts'
import type { ToldState } from './state.ts'
import { brokenRules, failedChecks, failedRun, staleSources, type JobFacts } from './troubles.ts'

/** As they are told: the worst first. */
const order: readonly Notice['kind'][] = noticeKinds

export interface Facts {
  readonly job: JobFacts
  /** ISO time at which a run of the job began that never ended; people have not heard of it. */
  readonly died?: string | undefined
  /** The run that the job made; undefined when it made none, or it ended before it had a record. */
  readonly run: RunRecord | undefined
  readonly units: readonly UnitRecord[]
  readonly freshness: readonly Freshness[]
  /** In percent, as decimal text. */
  readonly restatedBy: string
  readonly now: Date
}

/**
 * What is to be told of a lake after a job, and what has been told then. Works on facts alone, so that a process that
 * died before it could note what it told finds out the same again, under the same keys.
 */
export function workOutNotices(facts: Facts, told: ToldState): { notices: Notice[]; told: ToldState } {
  const { job, died, run, units, freshness, restatedBy, now } = facts
  const troubles = [
    ...failedRun(job, run),
    ...failedChecks(job, run),
    ...staleSources(freshness),
    ...brokenRules(units),
  ]
  // Another job's failure is over when that job says so.
  const others = /^(run-failed|check-failed):/
  const sources = new Set(units.map(({ source }) => source))
  const judged = (incident: string) =>
    !others.test(incident) || incident.endsWith(`:${job.job}`) || sources.has(incident.replace(others, ''))
  const { notices, incidents } = tellTroubles(troubles, told.incidents, judged, now)
  const restated = restatedMonths(units, told.months, restatedBy, now)
  const unknown = newUnknowns(units, run, told.warnings, now)
  const dead = died === undefined ? [] : [diedSilently(job.job, died, now)]
  const all = [...dead, ...notices, ...unknown.notices, ...restated.notices]
  return {
    notices: all.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind)),
    told: { ...told, incidents, months: restated.months, warnings: unknown.warnings },
  }
}

function diedSilently(job: string, startedAt: string, now: Date): Notice {
  return {
    key: keyOf('run-failed', job, 'died', startedAt),
    kind: 'run-failed',
    over: false,
    severity: 'warning',
    title: `${job} died: its run of ${startedAt.slice(0, 16).replace('T', ' ')} UTC never ended`,
    lines: ['It was made up for now.'],
    hint: 'A process that is killed often had too little memory: the engine needs its memoryLimit and some 400 MB.',
    at: now.toISOString(),
  }
}
