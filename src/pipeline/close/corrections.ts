import { createHash } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { periodBounds, type Period } from '../../core/period.ts'
import { readJson, writeJson, type Sink } from '../../sinks/sink.ts'
import { scratchFolder } from '../scratch.ts'
import { readUnits } from '../state.ts'
import { entriesOf, type Books, type CloseContext } from './books.ts'
import { correctMonth, type Ground } from './correct-month.ts'
import { correctionFiles, type CorrectionFile } from './correction-files.ts'
import type { PostedCorrections } from './events.ts'
import { publishCorrections, type PublishedCorrections } from './publish-corrections.ts'

type World = Pick<CloseContext, 'config' | 'lake' | 'runId' | 'signal'>

/** Who says that corrections were posted: they follow from what the provider delivered. */
const poster = 'focal'

/** What is posted in the first month after the closed ones. */
export interface Posted {
  readonly postedIn: Period
  readonly corrections: readonly PostedCorrections[]
}

/** What the corrections in the lake follow from: `_focal/corrections.json`. */
interface Made {
  readonly fingerprint: string
}

const madeFile = '_focal/corrections.json'

/**
 * Posts what closed months would be today, less what is posted of them, in the first month after the closed ones:
 * `corrections/billing_period=<that month>/source=<source>/corrections.parquet`. What is posted in closed months stays;
 * what is posted in an open one is made anew. Gives undefined when nothing has changed since. Call it while the lake is
 * held.
 */
export async function postCorrections(world: World, books: Books): Promise<Posted | undefined> {
  const { lake, config, runId } = world
  const closed = books.months().filter(({ state }) => state === 'closed')
  const there = await correctionFiles(lake)
  const newest = closed.at(-1)?.period
  if (newest === undefined && there.length === 0) return undefined
  const grounds = await findGrounds(lake, books, there)
  const postedIn = newest === undefined ? '' : monthAfter(newest)
  const fingerprint = fingerprintOf(grounds, postedIn)
  const made = await readJson<Made>(lake, madeFile)
  if (made?.fingerprint === fingerprint && (await areWhole(lake, books, postedIn))) return undefined
  const scratch = path.join(scratchFolder(config), runId, 'corrections')
  try {
    await mkdir(scratch, { recursive: true })
    const files: string[] = []
    for (const ground of grounds) files.push(await correctMonth(world, ground, { postedIn, scratch }))
    const isClosed = ({ period }: CorrectionFile) => closed.some((month) => month.period === period)
    const open = there.filter((file) => !isClosed(file))
    const published = await publishCorrections(world, { made: files, postedIn, open, scratch })
    await note(books, published)
    await writeJson(lake, madeFile, { fingerprint } satisfies Made)
    return { postedIn, corrections: published.filter(({ period }) => period === postedIn) }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

function monthAfter(period: Period): Period {
  return periodBounds(period).end.slice(0, 7)
}

/** Closed months whose rows or rules are others than those that they were booked from, or that were corrected before. */
async function findGrounds(lake: Sink, books: Books, there: readonly CorrectionFile[]): Promise<Ground[]> {
  const units = await readUnits(lake)
  const closed = books.months().filter(({ state }) => state === 'closed')
  const frozen = there.filter((file) => closed.some(({ period }) => period === file.period))
  return closed.flatMap(({ period, booked, rules }) => {
    if (booked === null || rules === null) return []
    const own = units.filter((unit) => unit.period === period)
    const isBooked = own.every(({ source, partition }) =>
      booked.sources.some((one) => one.source === source && one.focus.sha256 === partition.sha256),
    )
    const earlier = frozen.filter((file) => file.period > period).map((file) => file.path)
    if (isBooked && rules.print === booked.rules.print && earlier.length === 0) return []
    return [{ period, units: own, booked, rules, earlier }]
  })
}

function fingerprintOf(grounds: readonly Ground[], postedIn: Period): string {
  const facts = grounds.map(({ period, units, booked, rules, earlier }) => [
    period,
    units.map(({ source, partition }) => `${source} ${partition.sha256}`).toSorted(),
    booked.sources.map(({ source, partition }) => `${source} ${partition.sha256}`).toSorted(),
    rules.print,
    earlier,
  ])
  return createHash('sha256')
    .update(JSON.stringify([postedIn, facts]))
    .digest('hex')
}

/** Whether the partitions that were posted are all there, told by their sizes. */
async function areWhole(lake: Sink, books: Books, period: Period): Promise<boolean> {
  const states = await Promise.all(
    postedBefore(books, period).map(({ source, partition }) =>
      lake.partitionState({ dataset: 'corrections', period, source }, partition.bytes),
    ),
  )
  return states.every((state) => state === 'as published')
}

/** Writes into the books what is posted in which month now, where they say otherwise. */
async function note(books: Books, published: readonly PublishedCorrections[]): Promise<void> {
  for (const [period, own] of Map.groupBy(published, (one) => one.period)) {
    const corrections = own.map(({ source, partition, totals }) => ({ source, partition, totals }))
    if (JSON.stringify(postedBefore(books, period)) === JSON.stringify(corrections)) continue
    await books.write(period, poster, { event: 'corrections-posted', corrections })
  }
}

function postedBefore(books: Books, period: Period): readonly PostedCorrections[] {
  const last = entriesOf(books.log(), period).findLast(({ event }) => event === 'corrections-posted')
  return last?.event === 'corrections-posted' ? last.corrections : []
}
