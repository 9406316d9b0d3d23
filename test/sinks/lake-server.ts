import type { Sink } from '../../src/sinks/sink.ts'
import type { LakeTuning } from '../../src/sinks/tuning.ts'

/** Somewhere that lakes can be made: a disk, a fake on loopback, a real server. */
export interface LakeServer {
  /** What focal is told of it, beside the address of a lake. */
  readonly env: Readonly<Record<string, string>>
  /** A lake that nothing is in. */
  create(): Promise<LakePlace>
  close(): Promise<void>
}

export interface LakePlace {
  /** As `lake:` of focal.yaml. */
  readonly address: string
  /** Large enough to be brought in several parts where files are. */
  readonly severalParts: number
  /** A sink as another machine has it: with a work folder of its own. */
  open(tuning?: Partial<LakeTuning>, options?: Readonly<Record<string, unknown>>): Promise<Sink>
  /** A sink to whom every holder of the lake has been silent for too long. */
  openAfterSilence(): Promise<Sink>
  /** The bytes of a file of the lake, not by way of the sink; undefined when there is none. */
  get(path: string): Promise<Buffer | undefined>
  /** Puts a file there, not by way of the sink. */
  put(path: string, bytes: Buffer | string): Promise<void>
  /** Every file that is there, sorted, but for the lease. */
  paths(): Promise<string[]>
}

/** The lease is the one file that a bucket keeps for itself. */
export const visible = (paths: readonly string[]) => paths.filter((name) => name !== '_focal/lock.json').toSorted()
