import type { BillingSource, Delivery } from '../connectors/connector.ts'
import type { Config, SourceConfig } from '../config/config.ts'
import type { StoreTuning } from '../core/stores/tuning.ts'
import type { PartitionState, Sink } from '../sinks/sink.ts'
import type { Transform } from '../transforms/transform.ts'
import type { Report } from './events.ts'
import type { UnitRecord } from './state.ts'

/** What a run is given: the world comes in as arguments. */
export interface RunContext {
  readonly config: Config
  readonly lake: Sink
  readonly runId: string
  readonly now: () => Date
  readonly report: Report
  readonly signal?: AbortSignal | undefined
  /** How patient the stores of the sources are, and how they wait; the standard where absent. */
  readonly tuning?: Partial<StoreTuning> | undefined
}

/** One unit to publish, with everything that is known of it. */
export interface SourceUnit {
  readonly source: SourceConfig
  readonly origin: BillingSource
  readonly delivery: Delivery
  readonly transform: Transform
  readonly transformPrint: string
  readonly published: UnitRecord | undefined
  /** What is at the partition's place in the lake. */
  readonly partition: PartitionState
  readonly today: Date
}
