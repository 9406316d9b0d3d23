import type { Partition, Sink } from '../sinks/sink.ts'

/** What the record of a partition says of it, whatever else it says. */
export interface Published {
  /** Counts up with every version. */
  readonly version: number
  /** The version that was being put in place when a run died. */
  readonly publishing?: number
}

export interface Replacement<Recorded extends Published> {
  readonly partition: Partition
  /** The new file. */
  readonly aside: string
  /** What is recorded of it. */
  readonly record: Recorded
  /** What was recorded before. */
  readonly last: Recorded | undefined
  /** Whether the partition's file is the one that `last` tells of. */
  readonly isThere: boolean
  readonly write: (record: Recorded) => Promise<void>
  /** As many versions as the history keeps. */
  readonly historyVersions: number
  /** Told of each step when it is done; what it throws before 'put in place' leaves the partition as it was. */
  readonly told?: (step: 'kept' | 'put in place' | 'recorded') => void
}

/**
 * Puts a file in place of a partition's last version, which goes into the history. A run may die at any step: the record
 * says before that the partition is about to be another, since nobody can tell from outside which of the two its file is.
 */
export async function replacePartition<Recorded extends Published>(
  lake: Sink,
  { partition, aside, record, last, isThere, write, historyVersions, told }: Replacement<Recorded>,
): Promise<void> {
  if (last !== undefined) {
    // Only the very file that was published is that version. After a run that died it is in the history already.
    if (last.publishing === undefined && isThere) await lake.keepVersion(partition, last.version)
    await write({ ...last, publishing: record.version })
  }
  told?.('kept')
  await lake.publish(partition, aside)
  told?.('put in place')
  await write(record)
  await lake.trimHistory(partition, historyVersions)
  told?.('recorded')
}
