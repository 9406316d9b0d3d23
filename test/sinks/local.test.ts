import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  asidePath,
  clearAside,
  historyPath,
  keepVersion,
  listNames,
  makeFolder,
  measure,
  partitionPath,
  partitionState,
  publish,
  readJson,
  trimHistory,
  writeJson,
} from '../../src/sinks/local.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'

const partition = { dataset: 'focus', period: '2026-10', source: 'aws-main' }
const place = 'focus/billing_period=2026-10/source=aws-main/focus.parquet'
let lake: string

beforeEach(() => {
  lake = temporaryFolder()
})

const text = (file: string) => readFileSync(path.join(lake, file), 'utf8')

async function put(content: string): Promise<void> {
  const aside = await asidePath(lake, 'run-1', partition)
  writeFileSync(aside, content)
  await publish(lake, partition, aside)
}

test('partitions and versions lie where every reader of hive partitions expects them', () => {
  expect(partitionPath(partition)).toBe(place)
  expect(historyPath(partition, 3)).toBe('history/focus/billing_period=2026-10/source=aws-main/3.parquet')
})

describe('a partition', () => {
  test('is what was written aside, and nothing else is near it', async () => {
    await put('one')
    await put('two')
    expect(text(place)).toBe('two')
    expect(readdirSync(path.dirname(path.join(lake, place)))).toEqual(['focus.parquet'])
    expect(readdirSync(path.join(lake, '_focal/tmp/run-1'))).toEqual([])
  })

  test('that somebody has open keeps its bytes when another takes its place', async () => {
    await put('one')
    const { open } = await import('node:fs/promises')
    const reader = await open(path.join(lake, place))
    await put('two')
    expect(await reader.readFile('utf8')).toBe('one')
    await reader.close()
  })

  test('is measured before it is put in place', async () => {
    const aside = await asidePath(lake, 'run-1', partition)
    writeFileSync(aside, 'abc')
    expect(await measure(aside, partition)).toEqual({
      path: place,
      bytes: 3,
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    })
  })

  test('is as published, missing, or another file', async () => {
    expect(await partitionState(lake, partition, 3)).toBe('missing')
    await put('one')
    expect(await partitionState(lake, partition, 3)).toBe('as published')
    truncateSync(path.join(lake, place), 2)
    expect(await partitionState(lake, partition, 3)).toBe('another file')
  })
})

describe('history', () => {
  test('keeps the published bytes without copying them', async () => {
    await put('one')
    await keepVersion(lake, partition, 1)
    expect(statSync(path.join(lake, historyPath(partition, 1))).ino).toBe(statSync(path.join(lake, place)).ino)
    await put('two')
    expect(text(historyPath(partition, 1))).toBe('one')
    expect(text(place)).toBe('two')
  })

  test('keeping a version again changes nothing; a stale file of that number gives way', async () => {
    await put('one')
    await keepVersion(lake, partition, 1)
    await keepVersion(lake, partition, 1)
    expect(text(historyPath(partition, 1))).toBe('one')
    writeFileSync(path.join(lake, historyPath(partition, 2)), 'of a lake whose records were lost')
    await put('two')
    await keepVersion(lake, partition, 2)
    expect(text(historyPath(partition, 2))).toBe('two')
    expect(readdirSync(path.dirname(path.join(lake, historyPath(partition, 1))))).toEqual(['1.parquet', '2.parquet'])
  })

  test('there is nothing to keep of a partition that is gone', async () => {
    await keepVersion(lake, partition, 1)
    expect(readdirSync(path.dirname(path.join(lake, historyPath(partition, 1))))).toEqual([])
  })

  test('is trimmed by number, not by name, and only of versions', async () => {
    const folder = path.dirname(path.join(lake, historyPath(partition, 0)))
    mkdirSync(folder, { recursive: true })
    for (const name of ['1', '2', '9', '10', '11']) writeFileSync(path.join(folder, `${name}.parquet`), '')
    writeFileSync(path.join(folder, 'note.txt'), '')
    await trimHistory(lake, partition, 2)
    expect(readdirSync(folder).toSorted()).toEqual(['10.parquet', '11.parquet', 'note.txt'])
  })

  test('of a partition without any is trimmed to nothing', async () => {
    await trimHistory(lake, partition, 2)
    expect(readdirSync(lake)).toEqual([])
  })
})

test('what was written aside is cleared, of every run', async () => {
  writeFileSync(await asidePath(lake, 'run-1', partition), 'half')
  writeFileSync(await asidePath(lake, 'run-2', partition), 'half')
  await clearAside(lake)
  expect(readdirSync(path.join(lake, '_focal'))).toEqual([])
})

describe('small JSON files', () => {
  test('are there whole, and indented for people', async () => {
    await writeJson(lake, '_focal/units/a/2026-10.json', { rows: 1 })
    await writeJson(lake, '_focal/units/a/2026-10.json', { rows: 2 })
    expect(text('_focal/units/a/2026-10.json')).toBe('{\n  "rows": 2\n}\n')
    expect(await listNames(lake, '_focal/units/a')).toEqual(['2026-10.json'])
    expect(await readJson(lake, '_focal/units/a/2026-10.json')).toEqual({ rows: 2 })
  })

  test('that are not there are undefined', async () => {
    expect(await readJson(lake, '_focal/units/a/2026-10.json')).toBeUndefined()
    expect(await listNames(lake, '_focal/units/a')).toEqual([])
  })
})

test('a folder that cannot be made is an error of the user, with the folder', async () => {
  writeFileSync(path.join(lake, 'file'), '')
  await expect(makeFolder(path.join(lake, 'file', 'below'))).rejects.toMatchObject({
    message: 'the folder cannot be made: a file is in its way',
    where: { file: path.join(lake, 'file', 'below') },
    hint: 'Name another folder, or move the file.',
  })
})
