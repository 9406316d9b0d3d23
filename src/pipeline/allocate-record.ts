import type { Period } from '../core/period.ts'
import { readJson, writeJson, type PartitionFile, type Sink } from '../sinks/sink.ts'
import type { CurrencyTotals } from './state.ts'

/** `allocated/` has every month, closed ones as they were booked; `restated/` what closed ones would be today. */
export type AllocationDataset = 'allocated' | 'restated'

/** What is allocated of a unit, and from what: `_focal/allocated/<source>/<period>.json`, or `_focal/restated/…`. */
export interface AllocationRecord {
  readonly dataset: AllocationDataset
  readonly source: string
  readonly period: Period
  /** Counts up with every published version of the partition, from 1. */
  readonly version: number
  /** As in a unit's record: the version that a run died at while it put it in place of this one. */
  readonly publishing?: number
  /** Of everything that the month's allocation follows from: rules, drivers, the rows of every source, focal itself. */
  readonly fingerprint: string
  readonly ruleSet: RuleSetPrint
  /** The FOCUS partition that was allocated. */
  readonly focus: { readonly version: number; readonly sha256: string }
  readonly partition: PartitionFile
  /** Allocated rows by currency, with their exact sums. */
  readonly totals: readonly CurrencyTotals[]
  readonly proof: Proof
  readonly resting: readonly Resting[]
  readonly runId: string
  readonly allocatedAt: string
  /** Superseded versions, newest first. */
  readonly superseded: readonly SupersededAllocation[]
}

/** The rules that allocated. What changed between two of them is told by the parts. */
export interface RuleSetPrint {
  readonly file: string
  readonly print: string
  /** SHA-256 of the file of rules. */
  readonly rules: string
  /** SHA-256 of each driver's files, by its id. */
  readonly drivers: Readonly<Record<string, string>>
}

/** What was compared before publishing: each measure of each charge with the sum of its parts. */
export interface Proof {
  readonly charges: number
  readonly measures: readonly string[]
}

/** Cost that is with an owner for a reason rather than with who caused it. */
export interface Resting {
  readonly currency: string
  readonly reason: string
  /** The target that has it. */
  readonly owner: string
  readonly ownerName: string
  readonly rows: number
  readonly billedCost: string
  readonly effectiveCost: string
}

export interface SupersededAllocation {
  readonly version: number
  readonly ruleSet: RuleSetPrint
  readonly focus: AllocationRecord['focus']
  readonly allocatedAt: string
}

export type MonthState = 'open' | 'preliminary' | 'review' | 'closed'

const recordFile = (dataset: AllocationDataset, source: string, period: Period) =>
  `_focal/${dataset}/${source}/${period}.json`

export async function readAllocation(
  lake: Sink,
  dataset: AllocationDataset,
  source: string,
  period: Period,
): Promise<AllocationRecord | undefined> {
  return readJson<AllocationRecord>(lake, recordFile(dataset, source, period))
}

export async function writeAllocation(lake: Sink, record: AllocationRecord): Promise<void> {
  await writeJson(lake, recordFile(record.dataset, record.source, record.period), record)
}

/** Every record of a dataset, by source and then period. */
export async function readAllocations(lake: Sink, dataset: AllocationDataset): Promise<AllocationRecord[]> {
  const sources = await lake.listNames(`_focal/${dataset}`)
  const bySource = await Promise.all(
    sources.map(async (source) => {
      const names = await lake.listNames(`_focal/${dataset}/${source}`)
      const periods = names.flatMap((name) => /^(\d{4}-\d{2})\.json$/.exec(name)?.[1] ?? [])
      return Promise.all(periods.map((period) => readAllocation(lake, dataset, source, period)))
    }),
  )
  return bySource.flat().filter((record) => record !== undefined)
}

/** The months that finance has closed: what is booked of them is not allocated again. */
export async function readClosedPeriods(lake: Sink): Promise<ReadonlySet<Period>> {
  const names = await lake.listNames('_focal/closed')
  const periods = names.flatMap((name) => /^(\d{4}-\d{2})\.json$/.exec(name)?.[1] ?? [])
  const states = await Promise.all(periods.map((period) => readMonthState(lake, period)))
  return new Set(periods.filter((_period, at) => states[at] === 'closed'))
}

/** Where a month of the books stands: open until somebody begins to close it. */
export async function readMonthState(lake: Sink, period: Period): Promise<MonthState> {
  const record = await readJson<{ state?: MonthState }>(lake, `_focal/closed/${period}.json`)
  return record === undefined ? 'open' : (record.state ?? 'closed')
}

/** Today's truth of every unit: a closed month's restatement where there is one, else what is in `allocated/`. */
export async function readCurrentAllocations(lake: Sink): Promise<AllocationRecord[]> {
  const closed = await readClosedPeriods(lake)
  const restated = (await readAllocations(lake, 'restated')).filter(({ period }) => closed.has(period))
  const isRestated = (record: AllocationRecord) =>
    restated.some(({ source, period }) => source === record.source && period === record.period)
  return [...(await readAllocations(lake, 'allocated')).filter((record) => !isRestated(record)), ...restated]
}
