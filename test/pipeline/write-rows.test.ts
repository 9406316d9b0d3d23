import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSession, quoteText, type Session } from '../../src/core/duckdb.ts'
import type { LakeColumn } from '../../src/core/focus.ts'
import { writeRows } from '../../src/pipeline/write-rows.ts'
import { readBeside } from '../../src/core/sql.ts'

/** Staged files of ten, a million and twenty rows, a table to join to, and one row that is of no file. */

const sizes = [10, 1_000_000, 20]
let folder: string
let files: string[]

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'focal-write-rows-'))
  files = sizes.map((_, index) => path.join(folder, `staged-${index}.parquet`))
  const session = await open(2)
  for (const [index, rows] of sizes.entries()) {
    await session.run(
      `COPY (SELECT ${index} * 10000000 + i AS id, i % 7 AS kind FROM range(${rows}) AS numbers (i)) TO ${quoteText(files[index] ?? '')} (FORMAT parquet)`,
    )
  }
  session.close()
})

afterAll(() => rmSync(folder, { recursive: true }))

function open(threads: number): Promise<Session> {
  return openSession({ memoryLimit: '512MB', threads, tempDirectory: path.join(folder, 'spill') })
}

const columns: readonly LakeColumn[] = [
  { name: 'id', type: 'BIGINT' },
  { name: 'kind_name', type: 'VARCHAR' },
]

/** Leaves `focus` in a session, writes it, and gives what was written. */
async function write(threads: number, divisible: boolean) {
  const session = await open(threads)
  try {
    await session.set('staged_files', files)
    await session.set('divisible', divisible)
    await session.run(readBeside(new URL('../../src/transforms/', import.meta.url), 'staged-rows.sql'))
    await session.run("CREATE TABLE kinds AS SELECT i AS kind, 'kind ' || i AS kind_name FROM range(7) AS numbers (i)")
    await session.run(`CREATE VIEW focus AS
      SELECT id, kind_name FROM staged_rows JOIN kinds USING (kind)
      UNION ALL SELECT -1, 'of no file' WHERE coalesce(getvariable('last_piece'), TRUE)`)
    const scratchDirectory = path.join(folder, `scratch-${threads}-${divisible}`)
    mkdirSync(scratchDirectory)
    const target = path.join(folder, `rows-${threads}-${divisible}.parquet`)
    await writeRows(session, { columns, target, metadata: { about: 'a test' }, scratchDirectory })
    await session.set('target', target)
    const [whole] = await session.rows(
      `SELECT count(*)::INTEGER AS rows, count(DISTINCT id)::INTEGER AS different, sum(id)::VARCHAR AS ids,
        arg_max(id, file_row_number)::INTEGER AS last, current_setting('threads')::INTEGER AS threads
      FROM read_parquet(getvariable('target'), file_row_number => TRUE)`,
    )
    const groups = await session.rows<{ rows: number }>(
      "SELECT DISTINCT row_group_id::INTEGER AS id, row_group_num_rows::INTEGER AS rows FROM parquet_metadata(getvariable('target')) ORDER BY id",
    )
    return { whole, groups: groups.map(({ rows }) => rows), sha256: sha256(target) }
  } finally {
    session.close()
  }
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

const everyRow = { rows: 1_000_031, different: 1_000_031, ids: '10500399500234', last: -1, threads: 2 }

test('the pieces hold every row once, and the row that is of no file at the end', async () => {
  const { whole, groups } = await write(2, true)
  expect(whole).toEqual(everyRow)
  // The ten rows, the large file in three pieces of three row groups each, the twenty rows and the one.
  expect([groups.length, groups[0], groups.at(-1)]).toEqual([11, 10, 21])
})

test('the bytes are the same on any number of threads', async () => {
  const written = [await write(1, true), await write(3, true), await write(4, true)]
  expect(new Set(written.map(({ sha256: hash }) => hash)).size).toBe(1)
})

test('rows that depend on one another are written in one piece', async () => {
  const { whole, groups } = await write(2, false)
  expect(whole).toEqual(everyRow)
  expect(groups).toEqual([122_880, 122_880, 122_880, 122_880, 122_880, 122_880, 122_880, 122_880, 16_991])
})

test('the rows of a small bill come by the bill, though the table that they are joined to is larger', async () => {
  const session = await open(2)
  try {
    await session.set('staged_files', files.slice(0, 1))
    await session.run(readBeside(new URL('../../src/transforms/', import.meta.url), 'staged-rows.sql'))
    await session.run(
      "CREATE TABLE kinds AS SELECT i AS kind, 'kind ' || i AS kind_name FROM range(1000) AS numbers (i)",
    )
    await session.run('CREATE VIEW focus AS SELECT id, kind_name FROM staged_rows JOIN kinds USING (kind)')
    const scratchDirectory = path.join(folder, 'scratch-small')
    mkdirSync(scratchDirectory)
    const target = path.join(folder, 'rows-small.parquet')
    await writeRows(session, { columns, target, metadata: {}, scratchDirectory })
    const written = await session.rows<{ ids: string[] }>(
      `SELECT list(id) AS ids FROM read_parquet(${quoteText(target)})`,
    )
    expect(written).toEqual([{ ids: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] }])
    // What the session does next it plans as ever.
    expect(await session.rows("SELECT current_setting('disabled_optimizers') AS disabled")).toEqual([{ disabled: '' }])
  } finally {
    session.close()
  }
})
