import { readJson, writeJson, type Sink } from '../../sinks/sink.ts'
import type { CurrencyTotals } from '../state.ts'

/** What people have been told, so that they are told once: `_focal/notify.json` in the lake. */
export interface ToldState {
  /** By the incident's id. */
  readonly incidents: Readonly<Record<string, Incident>>
  /** Billed cost of each month as it was told last, or when the month was over: by `source/period`. */
  readonly months: Readonly<Record<string, readonly Billed[]>>
  /** Warnings that a source has been known for, without their counts of rows. Absent for a source nobody has looked at. */
  readonly warnings: Readonly<Record<string, readonly string[]>>
  /** Keys of notices in the outbox that are still to go somewhere. */
  readonly open: readonly string[]
}

/** Something that goes wrong until it is over. */
export interface Incident {
  /** How often it has come up; part of the key of its notices. */
  readonly count: number
  readonly open: boolean
  /** ISO time. */
  readonly since: string
  /** Of what was told of it: it is told again when that changes. */
  readonly fingerprint: string
  /** What will be said when it is over. */
  readonly overTitle: string
}

export type Billed = Pick<CurrencyTotals, 'currency' | 'billedCost'>

const file = '_focal/notify.json'

export const nothingTold: ToldState = { incidents: {}, months: {}, warnings: {}, open: [] }

export async function readTold(lake: Sink): Promise<ToldState> {
  return (await readJson<ToldState>(lake, file)) ?? nothingTold
}

export async function writeTold(lake: Sink, told: ToldState): Promise<void> {
  await writeJson(lake, file, told)
}
