import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { makeFolder } from '../../src/sinks/folder.ts'
import { localSink } from '../../src/sinks/local.ts'
import { measure } from '../../src/sinks/measure.ts'
import { historyPath, partitionPath, type Sink } from '../../src/sinks/sink.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'

/** What only a folder does; what every lake does is in conformance.ts. */

const partition = { dataset: 'focus', period: '2026-10', source: 'aws-main' }
const place = 'focus/billing_period=2026-10/source=aws-main/focus.parquet'
let folder: string
let lake: Sink

beforeEach(() => {
  folder = temporaryFolder()
  lake = localSink(folder)
})

const text = (file: string) => readFileSync(path.join(folder, file), 'utf8')

async function put(content: string): Promise<void> {
  const aside = await lake.asidePath('run-1', partition)
  writeFileSync(aside, content)
  await lake.publish(partition, aside)
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
    expect(readdirSync(path.dirname(path.join(folder, place)))).toEqual(['focus.parquet'])
    expect(readdirSync(path.join(folder, '_focal/tmp/run-1'))).toEqual([])
  })

  test('that somebody has open keeps its bytes when another takes its place', async () => {
    await put('one')
    const { open } = await import('node:fs/promises')
    const reader = await open(path.join(folder, place))
    await put('two')
    expect(await reader.readFile('utf8')).toBe('one')
    await reader.close()
  })

  test('is measured before it is put in place', async () => {
    const aside = await lake.asidePath('run-1', partition)
    writeFileSync(aside, 'abc')
    expect(await measure(aside, partition)).toEqual({
      path: place,
      bytes: 3,
      sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    })
  })
})

describe('history', () => {
  test('keeps the published bytes without copying them', async () => {
    await put('one')
    await lake.keepVersion(partition, 1)
    expect(statSync(path.join(folder, historyPath(partition, 1))).ino).toBe(statSync(path.join(folder, place)).ino)
    await put('two')
    expect(text(historyPath(partition, 1))).toBe('one')
    expect(text(place)).toBe('two')
  })
})

test('what was written aside is cleared, of every run', async () => {
  writeFileSync(await lake.asidePath('run-1', partition), 'half')
  writeFileSync(await lake.asidePath('run-2', partition), 'half')
  await lake.clearAside()
  expect(readdirSync(path.join(folder, '_focal'))).toEqual([])
})

test('a folder that cannot be made is an error of the user, with the folder', async () => {
  writeFileSync(path.join(folder, 'file'), '')
  await expect(makeFolder(path.join(folder, 'file', 'below'))).rejects.toMatchObject({
    message: 'the folder cannot be made: a file is in its way',
    where: { file: path.join(folder, 'file', 'below') },
    hint: 'Name another folder, or move the file.',
  })
})

test('files can be read where they are', async () => {
  await put('one')
  expect(await lake.readable([place])).toEqual([path.join(folder, place)])
})
