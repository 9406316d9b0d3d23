import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { zipOf } from '../../src/core/zip.ts'
import { billText, dataFile, deliver } from '../pipeline/tiny-bill.ts'
import { published, workbench, type Workbench } from '../pipeline/workbench.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'

const october = { period: '2026-10', id: 'd1', charges: [{ cost: '1' }] }

/** A month whose manifest names this file. */
function named(bench: Workbench, key: string): void {
  const manifest = path.join(bench.bills, '20261001-20261101/tiny-Manifest.json')
  mkdirSync(path.dirname(manifest), { recursive: true })
  writeFileSync(manifest, JSON.stringify({ assemblyId: 'd1', reportKeys: [key] }))
}

describe('a manifest cannot name a file that is not below the location', () => {
  test.each(['../outside.csv', 'cur/../../outside.csv', 's3://acme/../../outside.csv', './../outside.csv'])(
    '%s',
    async (key) => {
      const bench = workbench(temporaryFolder())
      writeFileSync(path.join(bench.folder, 'outside.csv'), billText(october))
      named(bench, key)
      const [said = ''] = await bench.run()
      expect(said).toMatch(/the key ".*outside\.csv" leads out of /)
      expect(said).toContain('hint: A manifest may only name files below the location; check who can write to it.')
      expect(published(bench.lake)).toEqual({})
    },
  )

  test('nor by an absolute path: it is looked for below the location', async () => {
    const bench = workbench(temporaryFolder())
    const outside = path.join(bench.folder, 'outside.csv')
    writeFileSync(outside, billText(october))
    named(bench, outside)
    expect((await bench.run())[0]).toContain('not complete: 1 of 1 files of the manifest are not there yet')
    expect(published(bench.lake)).toEqual({})
  })
})

test('the name of an entry of a zip decides nothing: it is read as a stream, and nothing is unpacked by name', async () => {
  const bench = workbench(temporaryFolder())
  deliver(bench.bills, october)
  const plain = path.join(bench.bills, dataFile(october))
  const zip = `${dataFile(october)}.zip`
  const content = readFileSync(plain)
  rmSync(plain)
  named(bench, zip)
  const before = readdirSync(bench.folder).toSorted()

  writeFileSync(path.join(bench.bills, zip), zipOf([{ name: 'inner/tiny-1.csv', content }]))
  expect(await bench.run()).toEqual(['2026-10 published: first delivery d1'])

  writeFileSync(path.join(bench.bills, zip), zipOf([{ name: '../../../evil.csv', content }]))
  named(bench, zip)
  const [said = ''] = await bench.run({ full: true })
  expect(said).toMatch(/^2026-10 failed: the zip file is damaged: invalid relative path: \.\.\/\.\.\/\.\.\/evil\.csv/)
  expect(readdirSync(bench.folder).toSorted()).toEqual([...before, '.focal', 'lake'].toSorted())
})

test('a link in the export folder cannot lead out of it', async () => {
  const bench = workbench(temporaryFolder())
  deliver(bench.bills, october)
  const file = path.join(bench.bills, dataFile(october))
  const outside = path.join(bench.folder, 'outside.csv')
  renameSync(file, outside)
  symlinkSync(outside, file)
  expect((await bench.run())[0]).toMatch(/is a link that leads out of /)
  expect(published(bench.lake)).toEqual({})
})

test.each(['../up', '/root', '.hidden', 'a/b', 'a b', ''])(
  'a source cannot be called %j, since that is a folder of the lake',
  async (name) => {
    const bench = workbench(temporaryFolder())
    writeFileSync(
      bench.configFile,
      `lake: ./lake\nsources:\n  - name: ${JSON.stringify(name)}\n    connector: aws\n    location: ./bills\n`,
    )
    await expect(bench.config()).rejects.toThrow(
      'sources.0.name: expected letters, digits, dot, dash or underscore: it becomes a folder name',
    )
  },
)
