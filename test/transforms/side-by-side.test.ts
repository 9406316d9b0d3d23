import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSession, type Session } from '../../src/core/duckdb.ts'
import { sideBySide } from '../../src/transforms/side-by-side.ts'

let folder: string
let session: Session

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'focal-side-by-side-'))
  session = await openSession({ memoryLimit: '1GB', threads: 3, tempDirectory: path.join(folder, 'spill') })
})

afterEach(() => {
  session.close()
  rmSync(folder, { recursive: true })
})

async function engine() {
  const [threads] = await session.rows("SELECT current_setting('threads')::INTEGER AS threads")
  const relations = await session.rows<{ name: string }>(
    'SELECT view_name AS name FROM duckdb_views() WHERE NOT internal',
  )
  return { ...(threads as object), relations: relations.map(({ name }) => name) }
}

test('each item has views and variables of its own, and sees those that were there before', async () => {
  await session.set('factor', '10')
  await session.run("CREATE MACRO scaled(n) AS n * getvariable('factor')::INTEGER")
  const items = [1, 2, 3, 4, 5, 6, 7]
  const results = await sideBySide(session, items, async (lane, item, index) => {
    await lane.set('item', String(item))
    await lane.run('DROP VIEW IF EXISTS raw')
    await lane.run("CREATE VIEW raw AS SELECT scaled(getvariable('item')::INTEGER) AS n")
    const [row] = await lane.rows<{ n: number; threads: number }>(
      "SELECT n, current_setting('threads')::INTEGER AS threads FROM raw",
    )
    return [index, row?.n, row?.threads]
  })
  expect(results).toEqual(items.map((item, index) => [index, item * 10, 1]))
  expect(await engine()).toEqual({ threads: 3, relations: [] })
  expect(await session.rows("SELECT getvariable('item') AS item")).toEqual([{ item: null }])
})

test('rows put into a table that was there before stay', async () => {
  await session.run('CREATE TABLE found (n INTEGER)')
  await sideBySide(session, [3, 1, 2], (lane, item) => lane.run('INSERT INTO found VALUES ($item)', { item }))
  expect(await session.rows('SELECT n FROM found ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
})

test('the error is that of the first item that fails, however late it fails, and the engine is as before', async () => {
  let failFirst: (error: Error) => void = () => undefined
  const firstFails = new Promise<never>((_, reject) => (failFirst = reject))
  const begun: number[] = []
  const work = sideBySide(session, [0, 1, 2, 3, 4], async (_, item) => {
    begun.push(item)
    if (item === 0) return firstFails
    failFirst(new Error('the first'))
    throw new Error('a later one')
  })
  await expect(work).rejects.toThrow('the first')
  expect(begun).toEqual([0, 1, 2])
  expect(await engine()).toEqual({ threads: 3, relations: [] })
})

test('no item is no work', async () => {
  expect(await sideBySide(session, [], () => Promise.reject(new Error('never')))).toEqual([])
  expect(await engine()).toEqual({ threads: 3, relations: [] })
})
