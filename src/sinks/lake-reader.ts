import PQueue from 'p-queue'
import { DataError } from '../core/errors.ts'
import { checksumOf } from '../core/stores/checksum.ts'
import { download } from '../core/stores/download.ts'
import type { Bucket, Facts } from './bucket.ts'
import type { LakeCache } from './lake-cache.ts'
import type { LakeTuning } from './tuning.ts'

export interface LakeReader {
  /** The path of a copy on this machine of what the lake holds now; undefined when it holds no such file. */
  bring(key: string): Promise<string | undefined>
}

/** Brings files of the lake in parts, all of the same content, compared with the checksum that their writer noted. */
export function lakeReader(bucket: Bucket, cache: LakeCache, tuning: LakeTuning): LakeReader {
  const { retry: policy, sleep, random } = tuning
  const queue = new PQueue({ concurrency: tuning.concurrency })

  async function fetch(key: string, facts: Facts): Promise<string> {
    const { bytes: size, tag, sha256 } = facts
    const open = (from: number, to: number, attempt: AbortSignal) => bucket.open({ key, tag, from, to }, attempt)
    const options = {
      partSize: tuning.partSize,
      idleMs: tuning.idleMs,
      queue,
      retry: { policy, judge: (error: unknown) => bucket.judge(error), sleep, random },
    }
    return cache.fill(key, facts, async (file, part) => {
      for (let attempt = 1; ; attempt += 1) {
        await download({ size, open, progress: () => undefined }, file, options)
        if (sha256 === undefined) return
        const { value } = await checksumOf(part, 'SHA256')
        if (Buffer.from(value, 'base64').toString('hex') === sha256) return
        if (attempt === 2) throw wrongBytes(`${bucket.address}/${key}`, sha256)
      }
    })
  }

  return {
    async bring(key) {
      for (;;) {
        const facts = await bucket.head(key)
        if (facts === undefined) return undefined
        const present = await cache.find(key, facts)
        if (present !== undefined) return present
        try {
          return await fetch(key, facts)
        } catch (error) {
          // A run put another in its place meanwhile: that one is what is wanted.
          if (!bucket.isReplaced(error)) throw await bucket.explain(error, key)
        }
      }
    },
  }
}

function wrongBytes(object: string, sha256: string): DataError {
  return new DataError(`${object} arrived twice with other bytes than were written (SHA-256 ${sha256})`, {
    where: { file: object },
    hint: 'Something between here and the store alters the data, or somebody wrote the object anew and kept its metadata.',
  })
}
