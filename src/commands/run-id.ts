import { randomBytes } from 'node:crypto'

/** Sorts by time, and is unique among runs of one second: `20261121T060500Z-3fa9`. */
export function newRunId(now: Date): string {
  return `${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(2).toString('hex')}`
}
