import { readdir, unlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openParts } from '../../../../src/connectors/gcp/bigquery/parts.ts'
import { temporaryFolder } from '../../../stores/temporary-folder.ts'

const write = (file: string) => writeFile(file, 'rows')
const failing = async (file: string) => {
  await write(file)
  throw new Error('killed')
}

test('what was written is found again, by stream and row', async () => {
  const folder = temporaryFolder()
  const parts = await openParts(folder)
  await parts.add(1, 40, write)
  await parts.add(0, 100, write)
  await parts.add(0, 50, write)
  await writeFile(path.join(folder, 'reading.json'), '{}')
  for (const one of [parts, await openParts(folder)]) {
    expect([one.rows(), one.end(0), one.end(1), one.end(2)]).toEqual([190, 150, 40, 0])
    expect(one.names()).toEqual([
      '0000-000000000000-000000000100.parquet',
      '0000-000000000100-000000000050.parquet',
      '0001-000000000000-000000000040.parquet',
    ])
  }
})

test('a part that could not be written leaves nothing behind', async () => {
  const folder = temporaryFolder()
  const parts = await openParts(folder)
  await expect(parts.add(0, 100, failing)).rejects.toThrow('killed')
  expect(parts.rows()).toBe(0)
  expect(await readdir(folder)).toEqual([])
})

test.each([
  ['one is gone', async (folder: string) => unlink(path.join(folder, '0000-000000000000-000000000100.parquet'))],
  [
    'one is empty',
    async (folder: string) => writeFile(path.join(folder, '0000-000000000100-000000000050.parquet'), ''),
  ],
])('all parts are deleted when %s', async (_what, damage) => {
  const folder = temporaryFolder()
  const parts = await openParts(folder)
  await parts.add(0, 100, write)
  await parts.add(0, 50, write)
  await damage(folder)
  expect((await openParts(folder)).rows()).toBe(0)
  expect(await readdir(folder)).toEqual([])
})
