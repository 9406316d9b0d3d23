import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as fc from 'fast-check'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSession, quoteText, type Session } from '../../src/core/duckdb.ts'
import { joinParquet } from '../../src/core/parquet-join.ts'

let folder: string
let session: Session

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'focal-join-'))
  session = await openSession({ memoryLimit: '512MB', threads: 1, tempDirectory: path.join(folder, 'spill') })
})

afterAll(() => {
  session.close()
  rmSync(folder, { recursive: true })
})

const inFolder = (name: string) => path.join(folder, name)

/** Rows from `first` up to `last` with every kind of page: dictionary, plain, null, bloom filter. */
async function write(name: string, first: number, last: number, more = ''): Promise<string> {
  await session.run(
    `COPY (
       SELECT i AS id, 'kind ' || i % 5 AS kind, md5(i::VARCHAR) AS digest, (i * 0.01)::DECIMAL(38, 18) AS cost,
         TIMESTAMPTZ '2026-09-01' + INTERVAL (i) MINUTE AS at, CASE WHEN i % 3 = 0 THEN i END AS third
       FROM range(${first}, ${last}) AS rows (i)
     ) TO ${quoteText(inFolder(name))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048, KV_METADATA {about: ${quoteText(name)}} ${more})`,
  )
  return inFolder(name)
}

async function rowsOf(file: string): Promise<unknown[]> {
  await session.set('file', file)
  return session.rows("SELECT * FROM read_parquet(getvariable('file'))")
}

test('the rows are those of the parts, in order, for DuckDB and for another reader', async () => {
  const parts = [await write('a', 0, 5000), await write('b', 5000, 5003), await write('c', 5003, 10_000)]
  await joinParquet(parts, inFolder('joined'))
  await write('whole', 0, 10_000)
  expect(await rowsOf(inFolder('joined'))).toEqual(await rowsOf(inFolder('whole')))
  const file = await asyncBufferFromFile(inFolder('joined'))
  const other = await parquetReadObjects({ file, compressors, columns: ['id', 'digest', 'third'] })
  expect(other.length).toBe(10_000)
  expect(other[5002]).toEqual({ id: 5002n, digest: createHash('md5').update('5002').digest('hex'), third: null })
})

test('row groups keep their statistics, and filters skip by them', async () => {
  const parts = [await write('a', 0, 4096), await write('b', 4096, 8192)]
  await joinParquet(parts, inFolder('joined'))
  const metadata = await parquetMetadataAsync(await asyncBufferFromFile(inFolder('joined')))
  expect(Number(metadata.num_rows)).toBe(8192)
  const facts = metadata.row_groups.map(({ columns, num_rows }) => {
    const { min_value, max_value } = columns[0]?.meta_data?.statistics ?? {}
    return [num_rows, min_value, max_value].map(Number)
  })
  expect(facts).toEqual([
    [2048, 0, 2047],
    [2048, 2048, 4095],
    [2048, 4096, 6143],
    [2048, 6144, 8191],
  ])
  await session.set('file', inFolder('joined'))
  const [found] = await session.rows("SELECT id FROM read_parquet(getvariable('file')) WHERE digest = md5('7000')")
  expect(found).toEqual({ id: '7000' })
})

test('bloom filters are found where they lie now', async () => {
  const parts = [await write('a', 0, 3000), await write('b', 3000, 6000)]
  await joinParquet(parts, inFolder('joined'))
  await session.set('file', inFolder('joined'))
  const excludes = (value: string) =>
    session.rows(`SELECT row_group_id::INTEGER AS row_group, bloom_filter_excludes AS excludes
      FROM parquet_bloom_probe(getvariable('file'), 'kind', '${value}') ORDER BY row_group`)
  expect(await excludes('kind 3')).toEqual([0, 1, 2, 3].map((row_group) => ({ row_group, excludes: false })))
  expect(await excludes('none')).toEqual([0, 1, 2, 3].map((row_group) => ({ row_group, excludes: true })))
})

test('one part is the same pages again behind a gap, with its metadata', async () => {
  const part = await write('a', 0, 5000)
  await joinParquet([part], inFolder('joined'))
  const [before, after] = [part, inFolder('joined')].map((file) => readFileSync(file))
  const pages = before?.subarray(4, before.length - 8 - (before.readUInt32LE(before.length - 8) ?? 0))
  const at = after?.indexOf(pages ?? '') ?? 0
  expect(at).toBeGreaterThan(4)
  expect(after?.subarray(4, at).every((byte) => byte === 0)).toBe(true)
  await session.set('file', inFolder('joined'))
  const [about] = await session.rows("SELECT decode(value) AS value FROM parquet_kv_metadata(getvariable('file'))")
  expect(about).toEqual({ value: 'a' })
})

test('the pages of one file are not found with the footer of another, however alike the two are', async () => {
  for (const [name, factor] of [
    ['old', 1],
    ['new', 7],
  ] as const) {
    await session.run(`COPY (SELECT i AS id, i * ${factor} AS cost FROM range(100) AS rows (i))
      TO ${quoteText(inFolder(`${name}-part`))} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {about: '${name}'})`)
    await joinParquet([inFolder(`${name}-part`)], inFolder(name))
  }
  const [before, after] = ['old', 'new'].map((name) => readFileSync(inFolder(name)))
  if (before === undefined || after === undefined) throw new Error('there are two files')
  const footerOf = (file: Buffer) => file.subarray(file.length - 8 - file.readUInt32LE(file.length - 8))
  // What a reader sees that took the footer before the file was replaced, and the pages after.
  const pages = after.subarray(0, after.length - footerOf(after).length)
  const room = Buffer.alloc(Math.max(0, before.length - footerOf(before).length - pages.length))
  writeFileSync(inFolder('torn'), Buffer.concat([pages, room, footerOf(before)]))
  await expect(rowsOf(inFolder('torn'))).rejects.toThrow()
})

test('parts without rows add nothing', async () => {
  const parts = [await write('empty', 0, 0), await write('a', 0, 3), await write('none', 0, 0)]
  await joinParquet(parts, inFolder('joined'))
  expect(await rowsOf(inFolder('joined'))).toEqual(await rowsOf(inFolder('a')))
  await joinParquet([inFolder('empty'), inFolder('none')], inFolder('joined'))
  expect(await rowsOf(inFolder('joined'))).toEqual([])
})

test('wherever the rows are divided, the joined file holds them all in order', async () => {
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 8999 }), { maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(cuts, async (found) => {
      const bounds = [0, ...found.toSorted((a, b) => a - b), 9000]
      const parts: string[] = []
      for (const [index, end] of bounds.slice(1).entries())
        parts.push(await write(`part-${index}`, bounds[index] ?? 0, end))
      await joinParquet(parts, inFolder('joined'))
      await session.set('file', inFolder('joined'))
      const [facts] = await session.rows(
        "SELECT count(*)::INTEGER AS n, sum(cost) AS cost, list(id ORDER BY file_row_number) = range(9000) AS ordered FROM read_parquet(getvariable('file'), file_row_number => true)",
      )
      expect(facts).toEqual({ n: 9000, cost: '404955.000000000000000000', ordered: true })
    }),
    { numRuns: 15 },
  )
})

test('what is no Parquet file, or of another schema, is refused', async () => {
  writeFileSync(inFolder('short'), 'PAR1')
  writeFileSync(inFolder('text'), 'a,b\n1,2\n3,4\n5,6\n')
  await expect(joinParquet([inFolder('short')], inFolder('joined'))).rejects.toThrow(
    `${inFolder('short')} is no Parquet file`,
  )
  await expect(joinParquet([inFolder('text')], inFolder('joined'))).rejects.toThrow(
    `${inFolder('text')} is no Parquet file`,
  )
  await session.run(`COPY (SELECT 1 AS id) TO ${quoteText(inFolder('other'))} (FORMAT parquet)`)
  const parts = [await write('a', 0, 3), inFolder('other')]
  await expect(joinParquet(parts, inFolder('joined'))).rejects.toThrow(
    `${inFolder('other')} has another schema than ${inFolder('a')}`,
  )
  await expect(joinParquet([], inFolder('joined'))).rejects.toThrow('no Parquet file to join')
})
