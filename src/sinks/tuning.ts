import { standardTuning, type StoreTuning } from '../core/stores/tuning.ts'

/** How a lake in a bucket is written, beside how it is read. */
export interface LakeTuning extends StoreTuning {
  /** Bytes of one request of a large upload; S3 wants at least 5 MiB of all but the last, Google multiples of 256 KiB. */
  readonly uploadPartSize: number
  /** Parts on their way at one time. Each is in memory. */
  readonly uploadsAtOnce: number
  /** Bytes that one request may copy; the limit of S3. */
  readonly largestCopy: number
  /** A holder that has not been heard of for so long, by the store's clock, has lost the lake. */
  readonly leaseMs: number
  /** How often a holder is heard of. */
  readonly beatMs: number
  /** How often one that waits looks again. */
  readonly pollMs: number
}

const mebibyte = 1024 * 1024

export const standardLakeTuning: LakeTuning = {
  ...standardTuning,
  uploadPartSize: 16 * mebibyte,
  uploadsAtOnce: 4,
  largestCopy: 5 * 1024 * mebibyte,
  leaseMs: 3 * 60_000,
  beatMs: 30_000,
  pollMs: 5_000,
}
