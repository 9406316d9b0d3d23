import type { Freshness } from '../pipeline/freshness.ts'
import type { RunRecord, UnitRecord } from '../pipeline/state.ts'
import type { Timeline } from './timeline.ts'

/** Everything that is measured of a run and of the lake after it. */
export interface Measured {
  readonly timeline: Timeline
  /** `failed` also when the run ended before it had a record. */
  readonly outcome: RunRecord['outcome']
  readonly units: readonly UnitRecord[]
  readonly freshness: readonly Freshness[]
}

/** FOCUS rules that published rows break, for every source that has published anything. */
export function failedChecks(units: readonly UnitRecord[]): ReadonlyMap<string, number> {
  const bySource = Map.groupBy(units, ({ source }) => source)
  const rules = (records: readonly UnitRecord[]) =>
    new Set(records.flatMap(({ checks }) => checks.failed.map(({ rule }) => rule))).size
  return new Map([...bySource].map(([source, records]) => [source, rules(records)]))
}
