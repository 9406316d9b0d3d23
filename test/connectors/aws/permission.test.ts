import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadCase, placeInput } from '../../cases/case.ts'
import { plainCase, workspace } from '../../cases/refusal.ts'

const focal = fileURLToPath(new URL('../../../bin/focal.js', import.meta.url))
const isRoot = process.getuid?.() === 0
/** Permissions do not bind root: the run is then somebody else's. */
const asNobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups']

function canBecomeNobody(): boolean {
  try {
    execFileSync('setpriv', [...asNobody, process.execPath, focal, '--help'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function runFocal(folder: string) {
  const options = { cwd: folder, encoding: 'utf8' } as const
  const { status, stderr } = isRoot
    ? spawnSync('setpriv', [...asNobody, process.execPath, focal, 'run'], options)
    : spawnSync(process.execPath, [focal, 'run'], options)
  return { status, messages: stderr.split('\n').slice(0, 3).join('\n') }
}

describe.skipIf(isRoot && !canBecomeNobody())('without permission (skipped where nobody else can be)', () => {
  test.each([
    [
      'to enter the folder of one source: the other is published',
      (folder: string) => chmodSync(path.join(folder, 'bill'), 0o000),
      3,
      (folder: string) => `bill  failed: ${folder}/bill may not be read
    where: bill, file ${folder}/bill
    hint: Give the user that runs focal permission to read it (and to enter the folders above it).`,
    ],
    [
      'to read a file of one source: the other is published',
      (folder: string) => chmodSync(path.join(folder, 'bill/acme-cur-00001.csv'), 0o000),
      3,
      (folder: string) => `bill  failed: ${folder}/bill/acme-cur-00001.csv may not be read
    where: bill, file ${folder}/bill/acme-cur-00001.csv
    hint: Give the user that runs focal permission to read it (and to enter the folders above it).`,
    ],
    [
      'to write the lake: nothing is begun',
      (folder: string) => chmodSync(path.join(folder, 'lake'), 0o555),
      2,
      (folder: string) => `error: the folder cannot be written
  where: file ${folder}/lake/_focal
  hint: Let the user that runs focal write there, or name another folder.`,
    ],
  ])('%s', async (_what, forbid, exitCode, message) => {
    const { folder } = workspace()
    chmodSync(folder, 0o777)
    for (const name of ['bill', 'other']) await placeInput(loadCase('aws', plainCase), path.join(folder, name))
    mkdirSync(path.join(folder, 'lake'))
    chmodSync(path.join(folder, 'lake'), 0o777)
    const sources = ['bill', 'other'].map((name) => `  - { name: ${name}, connector: aws, location: ./${name} }\n`)
    writeFileSync(path.join(folder, 'focal.yaml'), `lake: ./lake\nworkDir: ./work\nsources:\n${sources.join('')}`)
    forbid(folder)
    expect(runFocal(folder)).toEqual({ status: exitCode, messages: message(folder) })
  })
})
