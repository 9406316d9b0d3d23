import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { partitionPath, type Partition, type PartitionFile } from './sink.ts'

/** Size and checksum of a file that was written aside. */
export async function measure(aside: string, partition: Partition): Promise<PartitionFile> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(aside, { highWaterMark: 1 << 20 }), hash)
  return { path: partitionPath(partition), bytes: (await stat(aside)).size, sha256: hash.digest('hex') }
}
