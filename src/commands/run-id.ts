import { randomBytes } from 'node:crypto'

/** Sorts by time to the millisecond, and is unique among runs of one: `20261121T060500123Z-3fa9`. */
export function newRunId(now: Date): string {
  return `${now.toISOString().replaceAll(/[-:.]/g, '')}-${randomBytes(2).toString('hex')}`
}
