import type { UnitRecord } from '../../src/pipeline/state.ts'

export interface PublishedVersion {
  readonly publishedAt: string
  readonly dataUntil: string
}

/** The record of a month with these versions, oldest first; what else it says is made up, unless it is given. */
export function publishedUnit({
  versions = [{ publishedAt: '2026-11-03T05:00:00.000Z', dataUntil: '2026-11-02T00:00:00.000Z' }],
  ...rest
}: Partial<UnitRecord> & { readonly versions?: readonly PublishedVersion[] }): UnitRecord {
  const [newest, ...older] = versions.toReversed()
  if (newest === undefined) throw new Error('a unit has a version')
  return {
    source: 'tiny',
    period: '2026-11',
    version: versions.length,
    focusVersion: '1.2',
    delivery: { id: 'd1', fingerprint: 'd1', layout: 'legacy', files: [] },
    transform: 't1',
    partition: { path: 'focus/billing_period=2026-11/source=tiny/focus.parquet', bytes: 1, sha256: '0' },
    rows: 2,
    totals: [],
    accounting: [],
    controls: [],
    checks: { rules: 1, failed: [], knownGaps: [], advisories: [] },
    warnings: [],
    status: 'open',
    runId: 'r1',
    seconds: 1,
    superseded: older.map((version, index) => ({
      version: older.length - index,
      deliveryId: 'd0',
      fingerprint: 'd0',
      rows: 2,
      totals: [],
      ...version,
    })),
    ...newest,
    ...rest,
  }
}
