import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { RetryableError, UserError } from '../../core/errors.ts'
import type { Session } from '../../core/duckdb.ts'
import type { Period } from '../../core/period.ts'
import { readBeside } from '../../core/sql.ts'
import type { Sink } from '../../sinks/sink.ts'
import { correctionFiles } from '../close/correction-files.ts'
import { readAllocations, type AllocationRecord } from '../allocate-record.ts'

/** What a range of months is made of: the partitions that were read, and what tells them from other ones. */
export interface Ledger {
  readonly records: readonly AllocationRecord[]
  /** Period, source and SHA-256 of each partition, sorted. */
  readonly print: readonly (readonly [string, string, string])[]
}

/**
 * Makes the view `ledger` over what is allocated, as booked, and the corrections posted, in the months from `first` to
 * `last`. UserError when nothing is allocated of the last month, RetryableError when a partition is gone.
 */
export async function openLedger(session: Session, lake: Sink, first: Period, last: Period): Promise<Ledger> {
  const inRange = ({ period }: { period: Period }) => first <= period && period <= last
  const records = (await readAllocations(lake, 'allocated')).filter(inRange)
  if (!records.some(({ period }) => period === last)) {
    throw new UserError(`nothing is allocated of ${last}`, {
      hint: 'Run `focal allocate` first, or name another month.',
    })
  }
  const corrections = (await correctionFiles(lake)).filter(inRange)
  const names = [...records.map(({ partition }) => partition.path), ...corrections.map(({ path }) => path)]
  const found = await lake.readable(names)
  const files = found.filter((file) => file !== undefined)
  if (files.length < names.length) {
    throw new RetryableError('a partition is missing from the lake', {
      where: { file: names[found.indexOf(undefined)] ?? '' },
      hint: 'Run `focal allocate` first: it makes the partition again.',
    })
  }
  await session.set('ledger_files', files)
  await session.run(readBeside(import.meta.url, 'ledger.sql'))
  const print: [string, string, string][] = records.map(({ period, source, partition }) => [
    period,
    source,
    partition.sha256,
  ])
  for (const [at, { period, source }] of corrections.entries()) {
    print.push([period, `corrections of ${source}`, await sha256Of(files[records.length + at] ?? '')])
  }
  return { records, print: print.toSorted((a, b) => (a.join() < b.join() ? -1 : 1)) }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
