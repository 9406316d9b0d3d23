import type { Report, RunEvent, UnitStep } from '../pipeline/events.ts'
import type { UnitRecord } from '../pipeline/state.ts'

/** What a run did and how long each part took, from the events that it tells. Times are milliseconds since 1970. */
export interface Timeline {
  readonly runId: string
  readonly startedAt: number
  readonly endedAt: number
  /** In the order in which they were decided on. */
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
  /** When its rows began to be made; it may have waited for the engine until then. */
  begunAt: number
  bytes: number
  stages: Stage[]
  ended?: Pick<UnitSpan, 'result' | 'endedAt' | 'record'>
}

/** Hears the events of one run, in which several units may be at work. */
export function recordTimeline(now: () => Date): Recorder {
  const startedAt = now().getTime()
  const units = new Map<string, OpenUnit>()
  const failedSources: string[] = []
  let runId = ''
  const unitOf = ({ source, period }: { readonly source: string; readonly period: string }): OpenUnit => {
    const name = `${source} ${period}`
    const known = units.get(name)
    if (known !== undefined) return known
    const at = now().getTime()
    const unit = { source, period, startedAt: at, begunAt: at, bytes: 0, stages: [] }
    units.set(name, unit)
    return unit
  }
  const end = (unit: OpenUnit, result: UnitSpan['result'], record?: UnitRecord) => {
    unit.ended = { result, endedAt: now().getTime(), ...(record && { record }) }
  }
  const report = (event: RunEvent): void => {
    switch (event.type) {
      case 'run-started':
        runId = event.runId
        break
      case 'source-failed':
        failedSources.push(event.source)
        break
      case 'unit-planned': {
        const unit = unitOf(event)
        if (event.action !== 'publish') end(unit, event.action === 'wait' ? 'waiting' : 'up to date')
        break
      }
      case 'unit-bytes':
        unitOf(event).bytes = event.bytes
        break
      case 'unit-begun':
        unitOf(event).begunAt = now().getTime()
        break
      case 'unit-step':
        endStage(unitOf(event), stageEnding[event.step], now().getTime())
        break
      case 'unit-published':
        end(unitOf(event.record), 'published', event.record)
        break
      case 'unit-failed':
        end(unitOf(event), 'failed')
        break
      default:
        break
    }
  }
  const timeline = () => {
    const ended = [...units.values()].flatMap(({ source, period, startedAt: at, bytes, stages, ended: how }) =>
      how === undefined ? [] : [{ source, period, startedAt: at, bytes, stages, ...how }],
    )
    return { runId, startedAt, endedAt: now().getTime(), units: ended, failedSources }
  }
  return { report, timeline }
}

function endStage({ startedAt, begunAt, stages }: OpenUnit, name: StageName | undefined, endedAt: number): void {
  if (name === undefined) return
  const last = stages.at(-1)?.endedAt ?? startedAt
  stages.push({ name, startedAt: Math.max(last, begunAt), endedAt })
}
