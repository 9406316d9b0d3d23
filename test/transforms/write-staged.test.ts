import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { onOneThread, openSession, quoteText, type Session } from '../../src/core/duckdb.ts'
import { inOrderOfPlaces, writeStaged, type Layout } from '../../src/transforms/write-staged.ts'

/** A file of 60,000 charges: 2,000 of each day, with six services in turn. */

const rows = 60_000
let folder: string
let session: Session

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'focal-write-staged-'))
  session = await openSession({ memoryLimit: '512MB', threads: 2, tempDirectory: path.join(folder, 'spill') })
})

afterAll(() => {
  session.close()
  rmSync(folder, { recursive: true })
})

const inOrder = "TIMESTAMPTZ '2026-09-01' + to_days((i // 2000)::INTEGER)"

interface Bill {
  readonly name: string
  /** SQL over `i`, the number of the row counted from 0. */
  readonly start?: string
  readonly service?: string
  readonly layout?: Layout
  readonly filler?: number
}

/** Stages the bill and tells of each part its place, its rows, and the first and last of services and days. */
async function stage({ name, start = inOrder, service = "'service ' || i % 6", layout, filler = 80 }: Bill) {
  const source = path.join(folder, `${name}.parquet`)
  await session.run(`COPY (
    SELECT i, ${service} AS service, ${start} AS start, ${filler > 0 ? `repeat(md5(i::VARCHAR), ${filler} // 32)` : "''"} AS filler
    FROM range(${rows}) AS numbers (i)
  ) TO ${quoteText(source)} (FORMAT parquet, COMPRESSION uncompressed)`)
  await session.run(`CREATE OR REPLACE VIEW raw AS SELECT * FROM read_parquet(${quoteText(source)})`)
  const parts = await onOneThread(session, () =>
    writeStaged(
      session,
      {
        select: 'SELECT i, service, start, row_number() OVER () AS row_number FROM raw;',
        source: { name: `${name}.parquet`, path: source },
        layout: layout ?? { service: 'service', start: 'start' },
      },
      path.join(folder, `staged-${name}`),
    ),
  )
  const told: string[] = []
  for (const part of parts) {
    const [facts] = await session.rows<{ told: string }>(`
      SELECT format('{} rows, {} to {}, day {} to {}', count(*), min(service), max(service), day(min(start)), day(max(start))) AS told
      FROM read_parquet(${quoteText(part.path)})`)
    told.push(`${part.place}: ${facts?.told}`)
  }
  const files = parts.map((part) => quoteText(part.path)).join(', ')
  const everyRow = await session.rows(
    `SELECT count(*)::INTEGER AS count, count(DISTINCT i)::INTEGER AS different, bool_and(row_number = i + 1) AS numbered
    FROM read_parquet([${files}], hive_partitioning => FALSE)`,
  )
  expect(everyRow).toEqual([{ count: rows, different: rows, numbered: true }])
  return { told, bytes: statSync(source).size }
}

test('a large file is laid apart by services, and each row knows its number in the file', async () => {
  const { told, bytes } = await stage({ name: 'services' })
  expect(bytes).toBeGreaterThan(4 * 1024 * 1024)
  expect(told).toEqual([
    '0: 10000 rows, service 0 to service 0, day 1 to 30',
    '1: 10000 rows, service 1 to service 1, day 1 to 30',
    '2: 10000 rows, service 2 to service 2, day 1 to 30',
    '3: 10000 rows, service 3 to service 3, day 1 to 30',
    '4: 10000 rows, service 4 to service 4, day 1 to 30',
    '5: 10000 rows, service 5 to service 5, day 1 to 30',
  ])
})

test('many services are laid in ranges of about as many rows, and the largest is not divided', async () => {
  const service = "CASE WHEN i % 2 = 0 THEN 'm' ELSE 'service ' || lpad((i % 40)::VARCHAR, 2, '0') END"
  const { told } = await stage({ name: 'ranges', service })
  expect(told).toEqual([
    '0: 30000 rows, m to m, day 1 to 30',
    '1: 10500 rows, service 01 to service 13, day 1 to 30',
    '2: 10500 rows, service 15 to service 27, day 1 to 30',
    '3: 9000 rows, service 29 to service 39, day 1 to 30',
  ])
})

test('a list that begins again behind the end of the month is apart', async () => {
  const twice = `CASE WHEN i < 45000 THEN TIMESTAMPTZ '2026-09-01' + to_days((i // 1500)::INTEGER)
    ELSE TIMESTAMPTZ '2026-09-01' + to_days(((i - 45000) // 500)::INTEGER) END`
  const { told } = await stage({ name: 'again', start: twice, service: "'service ' || i % 2" })
  expect(told).toEqual([
    '0: 22500 rows, service 0 to service 0, day 1 to 30',
    '1: 22500 rows, service 1 to service 1, day 1 to 30',
    '6: 7500 rows, service 0 to service 0, day 1 to 30',
    '7: 7500 rows, service 1 to service 1, day 1 to 30',
  ])
})

test('single charges of other days are apart from their neighbours', async () => {
  const some = `CASE WHEN i % 5000 = 4999 THEN TIMESTAMPTZ '2026-09-01' ELSE ${inOrder} END`
  const { told } = await stage({ name: 'single', start: some, service: "'one'" })
  expect(told).toEqual(['0: 59988 rows, one to one, day 1 to 30', '6: 12 rows, one to one, day 1 to 1'])
})

test('a bill that goes back and forth is laid apart by services alone', async () => {
  const { told } = await stage({
    name: 'shuffled',
    start: "TIMESTAMPTZ '2026-09-01' + to_days((i * 7919 % 30)::INTEGER)",
    service: "'service ' || i % 2",
  })
  expect(told).toEqual([
    '0: 30000 rows, service 0 to service 0, day 1 to 29',
    '1: 30000 rows, service 1 to service 1, day 2 to 30',
  ])
})

test('nothing is apart in a small file, or where all is of one service and the days are not known', async () => {
  const whole = ['0: 60000 rows, service 0 to service 5, day 1 to 30']
  expect((await stage({ name: 'small', filler: 0 })).told).toEqual(whole)
  const oneService = await stage({ name: 'unknown', service: 'NULL::VARCHAR', layout: { service: 'service' } })
  expect(oneService.told).toHaveLength(1)
})

test('parts of several files come place by place, each in the order of the files', () => {
  const first = [
    { path: 'a/0', place: 0 },
    { path: 'a/7', place: 7 },
  ]
  const second = [
    { path: 'b/0', place: 0 },
    { path: 'b/3', place: 3 },
  ]
  expect(inOrderOfPlaces([first, second])).toEqual(['a/0', 'b/0', 'b/3', 'a/7'])
})
