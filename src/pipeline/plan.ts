import type { Delivery } from '../connectors/connector.ts'
import { inRange, type Period, type PeriodRange } from '../core/period.ts'
import type { PartitionState } from '../sinks/sink.ts'
import type { UnitAction } from './events.ts'
import type { UnitRecord } from './state.ts'

export interface Decision {
  readonly action: UnitAction
  /** For people: why this action. */
  readonly reason: string
}

export interface UnitFacts {
  readonly delivery: Delivery
  readonly published: UnitRecord | undefined
  /** What is at the partition's place in the lake. */
  readonly partition: PartitionState
  /** Fingerprint of the transform and its settings as they are now. */
  readonly transform: string
  /** Asked to do everything again. */
  readonly full: boolean
}

/** What to do about one unit. Decides from facts alone. */
export function decide({ delivery, published, partition, transform, full }: UnitFacts): Decision {
  if (delivery.waiting !== undefined) return { action: 'wait', reason: delivery.waiting }
  if (published === undefined) return { action: 'publish', reason: `first delivery ${delivery.id}` }
  if (delivery.fingerprint !== published.delivery.fingerprint) {
    return { action: 'publish', reason: `new delivery ${delivery.id} replaces ${published.delivery.id}` }
  }
  if (full) return { action: 'publish', reason: 'asked for again (--full)' }
  if (published.publishing !== undefined) {
    return { action: 'publish', reason: `a run died while it put version ${published.publishing} in place` }
  }
  if (partition === 'missing') return { action: 'publish', reason: 'its partition is missing from the lake' }
  if (partition === 'another file') {
    return { action: 'publish', reason: 'its partition is not the file that was published' }
  }
  if (transform !== published.transform) return { action: 'publish', reason: 'focal or its settings have changed' }
  return { action: 'up to date', reason: `delivery ${delivery.id}, version ${published.version}` }
}

/** The billing periods to look at, oldest first: those of the range, or the newest `count` and the `outdated` ones. */
export function choosePeriods(
  all: readonly Period[],
  range: PeriodRange | undefined,
  count: number,
  outdated: readonly Period[],
): Period[] {
  if (range !== undefined) return all.filter((period) => inRange(period, range))
  const wanted = new Set([...all.toSorted().slice(-count), ...outdated])
  return all.filter((period) => wanted.has(period)).toSorted()
}
