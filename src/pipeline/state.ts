import type { FocusVersion } from '../core/focus.ts'
import type { Period } from '../core/period.ts'
import { readJson, writeJson, type PartitionFile, type Sink } from '../sinks/sink.ts'

/** What is published for a unit, and from what: `_focal/units/<source>/<period>.json` in the lake. */
export interface UnitRecord {
  readonly source: string
  readonly period: Period
  /** Counts up with every published version of the partition, from 1. */
  readonly version: number
  /**
   * The version that is being put in place of this one. Only there when a run died at it: the partition's file
   * is then this version or that one, and this one is in the history.
   */
  readonly publishing?: number
  readonly focusVersion: FocusVersion
  readonly delivery: {
    readonly id: string
    readonly fingerprint: string
    readonly layout: string
    readonly files: readonly { readonly key: string; readonly size: number; readonly version: string }[]
  }
  /** Fingerprint of the transform, its settings and the schema that made the rows. */
  readonly transform: string
  readonly partition: PartitionFile
  readonly rows: number
  readonly totals: readonly CurrencyTotals[]
  /** ISO time at which the newest usage begins; absent when the month has none. */
  readonly dataUntil?: string
  readonly accounting: readonly AccountingLine[]
  readonly controls: readonly ControlTotal[]
  readonly checks: CheckSummary
  readonly warnings: readonly string[]
  /** Closed when the month is over and its charges are invoiced; `settlement.ts` says how that is known. */
  readonly status: 'open' | 'closed'
  /** The day (UTC) from which the month counts as closed unless a new delivery comes; absent while nobody can tell. */
  readonly settlesOn?: string
  readonly runId: string
  readonly publishedAt: string
  readonly seconds: number
  /** Superseded versions, newest first. */
  readonly superseded: readonly Superseded[]
}

/** Sums of the four costs in one currency, as decimal text. */
export interface CurrencyTotals {
  readonly currency: string
  readonly rows: number
  readonly billedCost: string
  readonly effectiveCost: string
  readonly listCost: string
  readonly contractedCost: string
}

/** Where source rows went: kept, split, dropped, merged or added, and why. */
export interface AccountingLine {
  readonly outcome: string
  readonly reason: string
  readonly sourceRows: number
  readonly focusRows: number
  readonly sourceCost: string
}

export interface ControlTotal {
  readonly measure: string
  readonly basis: string
  readonly expected: string
  readonly actual: string
}

export interface CheckSummary {
  readonly rules: number
  /** Rules that rows break, with up to five of them. */
  readonly failed: readonly {
    readonly rule: string
    readonly rows: number
    readonly text: string
    readonly samples: readonly Readonly<Record<string, unknown>>[]
  }[]
  /** Rules that only known gaps of the provider break. */
  readonly knownGaps: readonly { readonly rule: string; readonly rows: number; readonly reasons: readonly string[] }[]
  /** Recommendations (SHOULD) that rows do not follow. */
  readonly advisories: readonly { readonly rule: string; readonly rows: number }[]
}

export interface Superseded {
  readonly version: number
  readonly deliveryId: string
  readonly fingerprint: string
  readonly publishedAt: string
  readonly rows: number
  readonly totals: readonly CurrencyTotals[]
  readonly dataUntil?: string
}

export interface RunRecord {
  readonly runId: string
  readonly startedAt: string
  readonly seconds: number
  /** `aborted`: somebody stopped it; what it had published by then stays. */
  readonly outcome: 'done' | 'some failed' | 'failed' | 'aborted'
  readonly units: readonly {
    readonly source: string
    readonly period: Period
    readonly result: 'published' | 'up to date' | 'waiting' | 'failed'
    readonly detail: string
    readonly rows?: number
  }[]
  readonly failedSources: readonly { readonly source: string; readonly detail: string }[]
  /** Absent when the configuration names no allocation rules. */
  readonly allocation?: AllocationRun
}

/** What a run allocated, by month. */
export interface AllocationRun {
  /** The file of rules, and its fingerprint unless it is mistaken. */
  readonly file: string
  readonly print?: string
  readonly months: readonly {
    readonly period: Period
    /** Closed months are restated beside what was booked. */
    readonly dataset: 'allocated' | 'restated'
    readonly result: 'allocated' | 'restated' | 'up to date' | 'failed'
    readonly detail: string
    readonly rows?: number
  }[]
  /** What was posted of closed months in an open one; absent when nothing was. */
  readonly corrections?: {
    readonly result: 'posted' | 'failed'
    readonly detail: string
  }
  /** What the rules' own checks found worth a look, such as a rule that never acts. */
  readonly warnings: readonly string[]
  /** Why nothing could be allocated: a mistake in the rules. */
  readonly failed?: string
  /** Months with more unallocated EffectiveCost than the rules allow, in percent. */
  readonly breaches: readonly {
    readonly period: Period
    readonly currency: string
    readonly severity: 'warn' | 'fail'
    readonly percent: string
    readonly limit: string
  }[]
}

const unitFile = (source: string, period: Period) => `_focal/units/${source}/${period}.json`

export async function readUnit(lake: Sink, source: string, period: Period): Promise<UnitRecord | undefined> {
  return readJson<UnitRecord>(lake, unitFile(source, period))
}

export async function writeUnit(lake: Sink, record: UnitRecord): Promise<void> {
  await writeJson(lake, unitFile(record.source, record.period), record)
}

/** Every published unit, by source and then period. */
export async function readUnits(lake: Sink): Promise<UnitRecord[]> {
  const sources = await lake.listNames('_focal/units')
  const bySource = await Promise.all(
    sources.map(async (source) => {
      const names = await lake.listNames(`_focal/units/${source}`)
      const periods = names.flatMap((name) => /^(\d{4}-\d{2})\.json$/.exec(name)?.[1] ?? [])
      return Promise.all(periods.map((period) => readUnit(lake, source, period)))
    }),
  )
  return bySource.flat().filter((record) => record !== undefined)
}

export async function writeRun(lake: Sink, record: RunRecord): Promise<void> {
  await writeJson(lake, `_focal/runs/${record.runId}.json`, record)
}

/** The newest run, if any has finished. */
export async function readLastRun(lake: Sink): Promise<RunRecord | undefined> {
  const name = (await lake.listNames('_focal/runs')).findLast((file) => file.endsWith('.json'))
  return name === undefined ? undefined : readJson<RunRecord>(lake, `_focal/runs/${name}`)
}
