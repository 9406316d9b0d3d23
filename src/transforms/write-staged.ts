import { mkdir, readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import type { NamedFile } from '../core/archive.ts'
import { quoteText, type Session } from '../core/duckdb.ts'
import { readBeside } from '../core/sql.ts'

/** What is laid down as typed Parquet of ours, for all queries of a unit. */
export interface Stage {
  /** The text of a stage's `.sql`: one SELECT over `raw`. */
  readonly select: string
  /** The file that `raw` reads, unpacked. */
  readonly source: NamedFile
  readonly layout: Layout
}

/** What of a row tells where it is laid in a large file, as SQL over the columns of its stage. */
export interface Layout {
  /** The service, as far as the provider names it. NULL for none. */
  readonly service: string
  /** When the charge begins: TIMESTAMPTZ. Undefined when the stage does not know yet. */
  readonly start?: string
}

export const focusLayout: Layout = { service: 'ServiceName', start: 'ChargePeriodStart' }

/** Rows of one file: all of them in their order, or those that are laid together, of which the engine swaps some. */
export interface StagedPart {
  readonly path: string
  /** Its place among the parts of the file, counted from 0. */
  readonly place: number
}

/** Row groups are half as large as usual: each lane holds one in memory. */
const format = 'FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 61440'

/** Some 40,000 rows or more. Of smaller files, which may be many, opening six parts costs more than it brings. */
const isLarge = ({ name }: NamedFile, bytes: number) => bytes >= (/\.parquet$/i.test(name) ? 4 : 32) * 1024 * 1024
const serviceRanges = 6

/**
 * Writes the rows of a stage to Parquet files in the scratch folder, whose names begin with `target`: on one thread,
 * the same rows give the same files. Those of a large file are laid apart by ranges of services: then a row group of the
 * partition holds few services, and readers pass over the others. What a bill by time lists behind its end, from the
 * first day again, is apart too, so that readers pass over days. It takes a quarter of the time of a sort.
 */
export async function writeStaged(session: Session, stage: Stage, target: string): Promise<StagedPart[]> {
  const placing = await placingOf(session, stage)
  if (placing === undefined) return writeWhole(session, stage.select, target)
  await mkdir(target)
  await session.run('SET partitioned_write_flush_threshold = 16384')
  await session.run(`COPY (${placing}) TO ${quoteText(target)} (${format}, PARTITION_BY (staged_place))`)
  return partsIn(target)
}

/** Writes the rows of a SELECT to one file, whose name begins with `target`. The SELECT is no view, for the engine would work out its types twice. */
export async function writeWhole(session: Session, select: string, target: string): Promise<StagedPart[]> {
  const whole = `${target}.parquet`
  await session.run(`COPY (${queryOf(select)}) TO ${quoteText(whole)} (${format})`)
  return [{ path: whole, place: 0 }]
}

/** The parts of all files as the partition is to hold them: place by place, each in the order of the files. */
export function inOrderOfPlaces(files: readonly (readonly StagedPart[])[]): string[] {
  return files
    .flat()
    .toSorted((a, b) => a.place - b.place)
    .map((part) => part.path)
}

/** The rows of a stage with their `place`; undefined when the file is small, or there is nothing to lay apart. */
async function placingOf(session: Session, { select, source, layout }: Stage): Promise<string | undefined> {
  const { size } = await stat(source.path)
  if (!isLarge(source, size)) return undefined
  const { service, start } = layout
  const microseconds = start === undefined ? 'NULL::BIGINT' : `epoch_us(${start})`
  await session.run(`CREATE OR REPLACE TEMP TABLE first_rows AS
    WITH raw AS (SELECT * FROM raw LIMIT 20000)
    SELECT coalesce(${service}, '') AS service, ${microseconds} AS start FROM (${queryOf(select)})`)
  await session.set('service_ranges', String(serviceRanges))
  const [told] = await session.rows<{ last_services: string[]; by_time: boolean }>(
    readBeside(import.meta.url, 'staged-layout.sql'),
  )
  const bounds = told?.last_services.slice(0, -1) ?? []
  const range = ['0::TINYINT', ...bounds.map((last) => `(coalesce(${service}, '') > ${quoteText(last)})::TINYINT`)]
  if (told?.by_time === true) return placedByTime(queryOf(select), range.join(' + '), microseconds)
  return bounds.length === 0 ? undefined : `SELECT *, ${range.join(' + ')} AS staged_place FROM (${queryOf(select)})`
}

/**
 * A row is behind where the bill has gone back by more days than it has gone on since, steps of a day or less left out: one
 * row among later ones, or a list that begins again. Functions without an order follow that of the rows.
 */
function placedByTime(query: string, range: string, microseconds: string): string {
  return `SELECT * EXCLUDE (staged_step, staged_days), ${range} + CASE WHEN staged_days < 0 THEN ${serviceRanges} ELSE 0 END AS staged_place
    FROM (
      SELECT *, sum(CASE WHEN abs(staged_step) > ${microsecondsOfDay} THEN staged_step // ${microsecondsOfDay} END)
        OVER (ROWS UNBOUNDED PRECEDING) AS staged_days
      FROM (SELECT *, ${microseconds} - lag(${microseconds}) OVER () AS staged_step FROM (${query}))
    )`
}

const microsecondsOfDay = 86_400_000_000

async function partsIn(folder: string): Promise<StagedPart[]> {
  const names = await readdir(folder, { recursive: true })
  return names
    .filter((name) => name.endsWith('.parquet'))
    .toSorted()
    .map((name) => ({ path: path.join(folder, name), place: Number(/staged_place=(\d+)/.exec(name)?.[1]) }))
}

function queryOf(select: string): string {
  return select.trimEnd().replace(/;$/, '')
}
