import type { Period } from '../core/period.ts'
import type { Waiting } from './holder.ts'

/**
 * Where the lake is written: a local folder or a bucket. Readers see each partition before or after a change,
 * never between. Names and paths are relative to the lake. One file per kind of store; `open.ts` tells them apart.
 */
export interface Sink {
  /** As people write it: an absolute folder, `s3://bucket/prefix`. */
  readonly address: string
  /**
   * Runs `work` as the only run on the lake. RetryableError names the holder when another run is at work, unless it is
   * to be waited for. While `work` runs, what it puts in place is refused once another run has taken the lake over.
   */
  hold<T>(runId: string, now: Date, work: () => Promise<T>, options?: Waiting): Promise<T>
  /** A path on this machine to write a partition to before it is put in place. Its folder exists. */
  asidePath(runId: string, partition: Partition): Promise<string>
  /** Puts a file written aside in place, in one step and for good. */
  publish(partition: Partition, aside: string): Promise<void>
  /**
   * Keeps the published file as a version of the history, under the number it was published with. What lies
   * there under that number gives way. Nothing happens when there is no published file.
   */
  keepVersion(partition: Partition, version: number): Promise<void>
  /** Removes the oldest versions beyond `keep`. */
  trimHistory(partition: Partition, keep: number): Promise<void>
  /** Removes everything written aside. Only for the run that holds the lake. */
  clearAside(): Promise<void>
  /** What is at the partition's place, told by the size alone: nothing is read. `bytes` is what was published. */
  partitionState(partition: Partition, bytes: number): Promise<PartitionState>
  /** Paths on this machine where DuckDB can read these files of the lake, in their order; each ends with its path in the lake. undefined for one that is not there. */
  readable(files: readonly string[]): Promise<(string | undefined)[]>
  /** Writes a small file whole or not at all. */
  writeFile(name: string, content: string | Uint8Array): Promise<void>
  /** `undefined` when there is no such file. */
  readFile(name: string): Promise<Buffer | undefined>
  /** Names in a folder of the lake, sorted; none when it does not exist. */
  listNames(folder: string): Promise<string[]>
}

export interface Partition {
  readonly dataset: string
  readonly period: Period
  readonly source: string
}

export interface PartitionFile {
  /** Relative to the lake. */
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

export type PartitionState = 'as published' | 'missing' | 'another file'

/** `focus/billing_period=2025-01/source=aws-main/focus.parquet`. */
export function partitionPath({ dataset, period, source }: Partition): string {
  return `${dataset}/billing_period=${period}/source=${source}/${dataset}.parquet`
}

/** Writes JSON, indented for people. */
export async function writeJson(lake: Sink, name: string, content: unknown): Promise<void> {
  await lake.writeFile(name, `${JSON.stringify(content, null, 2)}\n`)
}

/** `undefined` when there is no such file; the caller says what it holds. */
export async function readJson<Content>(lake: Sink, name: string): Promise<Content | undefined> {
  const content = await lake.readFile(name)
  return content === undefined ? undefined : (JSON.parse(content.toString('utf8')) as Content)
}

/** `history/focus/billing_period=2025-01/source=aws-main/3.parquet`. */
export function historyPath({ dataset, period, source }: Partition, version: number): string {
  return `history/${dataset}/billing_period=${period}/source=${source}/${version}.parquet`
}

/** Of the names in a folder of the history, the versions beyond the newest `keep`. */
export function versionsBeyond(names: readonly string[], keep: number): number[] {
  return names
    .flatMap((name) => /^(\d+)\.parquet$/.exec(name)?.[1] ?? [])
    .map(Number)
    .toSorted((a, b) => b - a)
    .slice(keep)
}
