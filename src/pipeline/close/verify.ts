import type { Sink } from '../../sinks/sink.ts'
import { checkLog, logFile, logText, type LogEntry } from './audit-log.ts'
import { alteredCharge } from './altered-charge.ts'
import { stockOf } from './book.ts'
import type { CloseContext } from './books.ts'
import { monthsOf, readMonths, type MonthRecord } from './month-record.ts'
import type { KeptFile, PostedCorrections } from './events.ts'

/** Something that is not as it was written into the books. */
export interface Alteration {
  readonly file: string
  /** Line of the books; absent for other files. */
  readonly line?: number
  readonly what: string
}

type World = Pick<CloseContext, 'config' | 'lake' | 'signal'>

export interface Verification {
  readonly alterations: readonly Alteration[]
  readonly entries: number
  readonly closed: readonly string[]
  /** Files whose bytes were compared. */
  readonly files: number
  /** SHA-256 of the last line of the books: noted elsewhere, it proves later that none was taken away. */
  readonly head: string
}

/**
 * Proves that nothing of the books was altered: the chain of their lines, the records that follow from them, and each
 * file of closed months (allocated partitions, corrections, statements, rules) byte by byte. Reads only.
 * `knownHead` is a head noted earlier, which must be a line of the books still.
 */
export async function verifyBooks(world: World, knownHead?: string): Promise<Verification> {
  const { lake } = world
  const { entries, broken } = checkLog(await logText(lake))
  const months = monthsOf({ entries })
  const files = filesOf(months, entries)
  const alterations: Alteration[] = broken.map(({ line, what }) => ({ file: logFile, line, what }))
  if (knownHead !== undefined && !entries.some(({ hash }) => hash === knownHead)) {
    alterations.push({
      file: logFile,
      what: `no line has the SHA-256 ${knownHead}: lines were taken away or written anew`,
    })
  }
  alterations.push(...(await alteredRecords(lake, months)))
  for (const file of files) alterations.push(...(await altered(world, file)))
  const closed = months.filter(({ state }) => state === 'closed').map(({ period }) => period)
  return { alterations, entries: entries.length, closed, files: files.length, head: entries.at(-1)?.hash ?? '' }
}

/** Records must be what the log says: so lines cut off the end of the log are found too. */
async function alteredRecords(lake: Sink, months: readonly MonthRecord[]): Promise<Alteration[]> {
  const there = new Map((await readMonths(lake)).map((month) => [month.period, JSON.stringify(month)]))
  const said = new Map(months.map((month) => [month.period, JSON.stringify(month)]))
  return [...new Set([...there.keys(), ...said.keys()])].toSorted().flatMap((period) => {
    if (there.get(period) === said.get(period)) return []
    const what = there.has(period) ? 'the record of the month is not what the ledger says' : 'the record is gone'
    return [{ file: `_focal/closed/${period}.json`, what }]
  })
}

interface Kept {
  readonly file: KeptFile
  readonly isOf: string
  /** What more can be told of an altered one. */
  readonly closer?: (world: World) => Promise<string | undefined>
}

function filesOf(months: readonly MonthRecord[], entries: readonly LogEntry[]): Kept[] {
  const kept = new Map<string, Kept>()
  const keep = (file: KeptFile, isOf: string, closer?: Kept['closer']) =>
    kept.set(file.path, { file, isOf, ...(closer && { closer }) })
  for (const { file, isOf } of latestCorrections(entries)) keep(file, isOf)
  for (const { period, booked, rules } of months) {
    if (booked === null) continue
    for (const source of booked.sources) {
      keep(source.partition, `allocated rows of ${period}`, (world) => alteredCharge(world, period, source))
    }
    for (const file of booked.corrections) keep(file, `corrections on the statements of ${period}`)
    for (const file of booked.reports) keep(file, `statements of ${period}`)
    for (const { file } of [booked.rules, ...(rules === null ? [] : [rules])]) keep(file, `rules of ${period}`)
  }
  return [...kept.values()].toSorted((a, b) => (a.file.path < b.file.path ? -1 : 1))
}

function latestCorrections(entries: readonly LogEntry[]): Kept[] {
  const latest = new Map<string, readonly PostedCorrections[]>()
  for (const entry of entries) if (entry.event === 'corrections-posted') latest.set(entry.period, entry.corrections)
  return [...latest].flatMap(([period, corrections]) =>
    corrections.map(({ partition }) => ({ file: partition, isOf: `corrections posted in ${period}` })),
  )
}

async function altered(world: World, { file, isOf, closer }: Kept): Promise<Alteration[]> {
  const found = await stockOf(world.lake, file.path)
  if (found?.sha256 === file.sha256) return []
  const what = `${isOf}: the file is ${found === undefined ? 'gone' : 'not the one that was booked'}`
  const more = found && (await closer?.(world))
  return [{ file: file.path, what: more === undefined ? what : `${what}; ${more}` }]
}
