import type { NamedFile } from '../core/archive.ts'
import type { Period } from '../core/period.ts'
import type { StoreTuning } from '../core/stores/tuning.ts'
import type { ObjectInfo } from './stores/object-store.ts'

/**
 * A connector knows where a provider puts its billing exports and how a finished delivery is told from
 * one under way. It knows nothing of FOCUS. One folder per provider; the registry is `index.ts`.
 */
export interface Connector<Options = unknown> {
  open(options: Options, context: ConnectorContext): Promise<BillingSource>
}

export interface ConnectorContext {
  /** A local folder for downloads and look-up caches; may be deleted between runs at the cost of time only. */
  readonly cacheDirectory: string
  /** Directory that relative locations in the configuration start from. */
  readonly baseDirectory: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal?: AbortSignal | undefined
  /** Tells people one line that is no error: another way in was taken, a service asked us to slow down. */
  readonly notice?: ((line: string) => void) | undefined
  /** The clock; that of the machine when absent. */
  readonly now?: (() => Date) | undefined
  /** How patient its store is, and how it waits; the standard where absent. */
  readonly tuning?: Partial<StoreTuning> | undefined
}

/** One configured billing export. */
export interface BillingSource {
  /** Every billing period that the export holds anything for, oldest first. Reads no data file's rows. */
  periods(): Promise<Period[]>
  /** The newest delivery of a billing period, complete or not. */
  delivery(period: Period): Promise<Delivery>
  /** Local copies of a complete delivery's data files, in the delivery's order. */
  fetch(delivery: Delivery, progress?: (bytes: number) => void): Promise<LocalFile[]>
  /** Frees what the deliveries not named here held locally. */
  forget(keep: readonly Delivery[]): Promise<void>
}

/** One full statement of a billing period by the provider. */
export interface Delivery {
  readonly period: Period
  /** The provider's own name of it (assembly id, execution id), or a short hash of the files. */
  readonly id: string
  /** SHA-256 over everything that identifies the content: equal fingerprints mean equal bills. */
  readonly fingerprint: string
  /** For people: `legacy CUR, csv.gz, overwrite`. */
  readonly layout: string
  readonly files: readonly ObjectInfo[]
  /** Columns that the manifest promises, in the provider's spelling; undefined when there is no such list. */
  readonly columns?: readonly string[]
  /** The FOCUS version that metadata beside the files names; undefined when there is none. */
  readonly declaredVersion?: string
  /** Why the delivery cannot be read yet, as one line; undefined when it is complete. */
  readonly waiting?: string
}

/** A data file where it can be read now, and its key in the export. */
export type LocalFile = NamedFile
