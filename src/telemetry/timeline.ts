import type { Report, RunEvent, UnitStep } from '../pipeline/events.ts'
import type { UnitRecord } from '../pipeline/state.ts'

/** What a run did and how long each part took, from the events that it tells. Times are milliseconds since 1970. */
export interface Timeline {
  readonly runId: string
  readonly startedAt: number
  readonly endedAt: number
  readonly units: readonly UnitSpan[]
  /** Sources that could not be looked at. */
  readonly failedSources: readonly string[]
}

export interface UnitSpan {
  readonly source: string
  readonly period: string
  readonly startedAt: number
  readonly endedAt: number
  readonly result: 'published' | 'up to date' | 'waiting' | 'failed'
  readonly bytes: number
  readonly stages: readonly Stage[]
  /** Of the version that was published. */
  readonly record?: UnitRecord
}

export interface Stage {
  readonly name: StageName
  readonly startedAt: number
  readonly endedAt: number
}

export type StageName = 'fetch' | 'stage' | 'normalise' | 'check' | 'publish'

/** The steps that a unit tells of mark the ends of its stages. */
const stageEnding: Readonly<Record<UnitStep, StageName | undefined>> = {
  fetched: 'fetch',
  staged: 'stage',
  written: 'normalise',
  checked: 'check',
  kept: undefined,
  'put in place': undefined,
  recorded: 'publish',
}

export interface Recorder {
  readonly report: Report
  readonly timeline: () => Timeline
}

interface OpenUnit {
  readonly source: string
  readonly period: string
  readonly startedAt: number
  bytes: number
  stages: Stage[]
}

/** Hears the events of one run. */
export function recordTimeline(now: () => Date): Recorder {
  const startedAt = now().getTime()
  const units: UnitSpan[] = []
  const failedSources: string[] = []
  let runId = ''
  let open: OpenUnit | undefined
  const close = (result: UnitSpan['result'], record?: UnitRecord) => {
    if (open !== undefined) units.push({ ...open, result, endedAt: now().getTime(), ...(record && { record }) })
    open = undefined
  }
  const begin = (source: string, period: string) => {
    open = { source, period, startedAt: now().getTime(), bytes: 0, stages: [] }
  }
  const report = (event: RunEvent): void => {
    switch (event.type) {
      case 'run-started':
        runId = event.runId
        break
      case 'source-failed':
        failedSources.push(event.source)
        break
      case 'unit-planned':
        begin(event.source, event.period)
        if (event.action !== 'publish') close(event.action === 'wait' ? 'waiting' : 'up to date')
        break
      case 'unit-bytes':
        if (open !== undefined) open.bytes = event.bytes
        break
      case 'unit-step':
        if (open !== undefined) endStage(open, stageEnding[event.step], now().getTime())
        break
      case 'unit-published':
        close('published', event.record)
        break
      case 'unit-failed':
        if (open === undefined) begin(event.source, event.period)
        close('failed')
        break
      default:
        break
    }
  }
  const timeline = () => ({ runId, startedAt, endedAt: now().getTime(), units, failedSources })
  return { report, timeline }
}

function endStage(unit: OpenUnit, name: StageName | undefined, endedAt: number): void {
  if (name === undefined) return
  unit.stages.push({ name, startedAt: unit.stages.at(-1)?.endedAt ?? unit.startedAt, endedAt })
}
