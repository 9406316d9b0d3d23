import { execFile, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { loadCase, placeInput } from '../../cases/case.ts'
import { plainCase, workspace } from '../../cases/refusal.ts'

/** A disk that is full, made of a small file system of the test's own; run by the real command, for its exit code. */

const focal = fileURLToPath(new URL('../../../bin/focal.js', import.meta.url))
const good = loadCase('aws', plainCase)

function canMount(): boolean {
  try {
    execFileSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs -o size=64k tmpfs /mnt'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Rows whose tags do not compress, so that the bill is some 4 MB however it is written. */
function largeBill(): string {
  const [header = '', row = ''] = readFileSync(path.join(good.folder, 'input/acme-cur-00001.csv'), 'utf8').split('\n')
  const rows = Array.from({ length: 20_000 }, () => `${row},${randomBytes(100).toString('hex')}`)
  return [`${header},resourceTags/user:noise`, ...rows, ''].join('\n')
}

interface FullDisk {
  readonly exitCode: number
  readonly messages: string
  /** `sha256sum` lines of what readers see, before and after. */
  readonly before: readonly string[]
  readonly after: readonly string[]
}

/** Publishes a small bill, then runs with a large one, `full` being a file system of 1 MB. */
async function runOnFullDisk(full: 'lake' | 'work', bill: 'csv' | 'gzip'): Promise<FullDisk> {
  const { folder, lake } = workspace()
  await placeInput(good, path.join(folder, 'bill'))
  await lake.run([{ name: 'bill', connector: 'aws', options: { location: './bill' } }])
  const text = largeBill()
  mkdirSync(path.join(folder, 'large/acme/20250101-20250201'), { recursive: true })
  const key = `acme/20250101-20250201/acme-1.csv${bill === 'gzip' ? '.gz' : ''}`
  writeFileSync(path.join(folder, 'large', key), bill === 'gzip' ? gzipSync(text) : text)
  const manifest = JSON.stringify({ assemblyId: 'a1', reportKeys: [key] })
  writeFileSync(path.join(folder, 'large/acme/20250101-20250201/acme-Manifest.json'), manifest)
  await placeInput(good, path.join(folder, 'other'))
  const config = `lake: ./lake\nworkDir: ./work\nengine: { memoryLimit: 1GB, threads: 1 }\nsources:\n`
  writeFileSync(
    path.join(folder, 'focal.yaml'),
    config +
      '  - { name: bill, connector: aws, location: ./large }\n  - { name: other, connector: aws, location: ./other }\n',
  )
  const sums = `(cd lake/focus && find . -name '*.parquet' -exec sha256sum {} + | sort -k 2)`
  const script = [
    `cp -a ${full} kept && mount -t tmpfs -o size=1m tmpfs ${full} && cp -a kept/. ${full}/`,
    `${sums} > before`,
    `"$NODE" "$FOCAL" run > output 2> messages && echo 0 > code || echo $? > code`,
    `${sums} > after`,
  ]
  mkdirSync(path.join(folder, 'work'), { recursive: true })
  const env = { ...process.env, NODE: process.execPath, FOCAL: focal }
  await new Promise<void>((resolve, reject) => {
    execFile('unshare', ['-rm', 'sh', '-ec', script.join('\n')], { cwd: folder, env }, (error) =>
      error ? reject(error) : resolve(),
    )
  })
  const read = (name: string) => readFileSync(path.join(folder, name), 'utf8')
  return {
    exitCode: Number(read('code')),
    messages: read('messages').split('\n').slice(0, 3).join('\n'),
    before: read('before').trim().split('\n'),
    after: read('after').trim().split('\n'),
  }
}

describe.skipIf(!canMount())('no space left on the device (skipped where file systems cannot be mounted)', () => {
  test.each([
    [
      'for the lake',
      'lake',
      'csv',
      `bill 2025-01  failed: no space left on the device
    where: bill, 2025-01, file acme/20250101-20250201/acme-1.csv
    hint: Free space where the lake and the working folder (workDir) are, or point them at a larger disk.`,
    ],
    [
      'for what is unpacked',
      'work',
      'gzip',
      `bill 2025-01  failed: no space left on the device while unpacking
    where: bill, 2025-01, file acme/20250101-20250201/acme-1.csv.gz
    hint: Free space in the working folder (workDir), or point it at a larger disk.`,
    ],
    [
      'for what is staged',
      'work',
      'csv',
      `bill 2025-01  failed: no space left on the device
    where: bill, 2025-01, file acme/20250101-20250201/acme-1.csv
    hint: Free space where the lake and the working folder (workDir) are, or point them at a larger disk.`,
    ],
  ] as const)('%s', async (_what, full, bill, message) => {
    const { messages, exitCode, before, after } = await runOnFullDisk(full, bill)
    expect(messages).toBe(message)
    expect(exitCode).toBe(3)
    expect(before).toHaveLength(1)
    expect(after[0]).toBe(before[0])
    expect(after.map((line) => line.slice(66))).toEqual([
      './billing_period=2025-01/source=bill/focus.parquet',
      './billing_period=2025-01/source=other/focus.parquet',
    ])
  })
})
