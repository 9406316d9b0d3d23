import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeRules } from '../pipeline/allocation-rules.ts'
import { startFakeS3, type FakeS3 } from '../stores/fake-s3.ts'
import { realS3Credentials } from '../stores/versitygw.ts'
import { temporaryFolderOfFile } from '../transforms/aws/temporary-folder.ts'
import { deliver } from '../pipeline/tiny-bill.ts'
import { focal, type Outcome } from './focal.ts'

/** Every command on a lake in a bucket, of which only the configuration tells. */

const templateFolder = temporaryFolderOfFile()
let folder: string
let fake: FakeS3
let firstRun: Outcome
const address = 's3://acme-billing/lakes/prod'

const run = (...args: string[]) =>
  focal(folder, args, {
    env: {
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: fake.endpoint,
      AWS_ACCESS_KEY_ID: realS3Credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: realS3Credentials.secretAccessKey,
    },
  })

beforeAll(async () => {
  folder = templateFolder()
  fake = await startFakeS3()
  const engine = 'engine: { memoryLimit: 1GB, threads: 2 }'
  const source = 'sources:\n  - name: tiny\n    connector: aws\n    location: ./bills\n'
  const lake = `lake: ${address}\nlakeOptions: { sse: AES256, storageClass: STANDARD_IA }`
  writeFileSync(
    path.join(folder, 'focal.yaml'),
    `${lake}\nfocusVersion: "1.4"\nallocation: ./allocation.yaml\n${engine}\n${source}`,
  )
  writeRules(folder)
  const charges = [
    { cost: '2', account: '222233334444' },
    { cost: '5', account: '999988887777' },
    { cost: '9', account: '222233334444', service: 'AmazonEC2' },
  ]
  deliver(path.join(folder, 'bills'), { period: '2026-10', id: 'd1', charges })
  firstRun = await run('run')
})
afterAll(async () => fake.close())

describe('on a lake in a bucket', () => {
  test('run publishes and allocates, into the bucket alone', async () => {
    expect(firstRun).toEqual({
      code: 0,
      out: `source  period   result     rows  billed  effective  currency  month   why
──────  ───────  ─────────  ────  ──────  ─────────  ────────  ──────  ─────────────────
tiny    2026-10  published     3   16.00      16.00  USD       closed  first delivery d1

period   allocation  rows  effective  without owner      %  currency  why
───────  ──────────  ────  ─────────  ─────────────  ─────  ────────  ────────────────
2026-10  allocated      4      16.00           5.00  31.25  USD       first allocation
`,
      err: 'tiny 2026-10  published version 1: 3 rows, 16.00 USD billed\n2026-10  allocated: first allocation\n',
    })
    const month = 'billing_period=2026-10/source=tiny'
    const beside = ['billing-period', 'contract-commitment', 'invoice-detail']
    const keys = fake.keys().map((key) => key.replace('lakes/prod/', ''))
    expect(keys.filter((key) => !/^(_focal\/runs|metadata)\//.test(key)).toSorted()).toEqual(
      [
        '_focal/allocated/tiny/2026-10.json',
        '_focal/lock.json',
        '_focal/units/tiny/2026-10.json',
        ...beside.map((dataset) => `_focal/datasets/${dataset}/tiny/2026-10.json`),
        ...['allocated', 'focus', ...beside].map((dataset) => `${dataset}/${month}/${dataset}.parquet`),
      ].toSorted(),
    )
    const told = fake.writes
      .filter(({ verb }) => verb === 'PUT' || verb === 'BEGIN')
      .map(({ verb, headers }) =>
        [verb, headers['x-amz-server-side-encryption'], headers['x-amz-storage-class']].join(' '),
      )
    expect(new Set(told)).toEqual(new Set(['PUT AES256 ', 'BEGIN AES256 STANDARD_IA']))
  })

  test('a second run is up to date on a new machine, too: it neither brings nor writes rows', async () => {
    const parquet = fake.writes.filter(({ key }) => key.endsWith('.parquet')).length
    rmSync(path.join(folder, '.focal'), { recursive: true })
    fake.requests()
    const { code, err } = await run('run')
    expect({ code, err }).toEqual({ code: 0, err: 'tiny 2026-10  up to date: delivery d1, version 1\n' })
    expect(fake.writes.filter(({ key }) => key.endsWith('.parquet'))).toHaveLength(parquet)
    expect(fake.requests().filter((request) => /^GET .*\.parquet/.test(request))).toEqual([])
  })

  test('status says what is published', async () => {
    const { code, out } = await run('status', '--json')
    const { units, lastRun } = JSON.parse(out) as { units: { source: string; rows: number }[]; lastRun: object }
    expect(code).toBe(0)
    expect(units).toMatchObject([{ source: 'tiny', period: '2026-10', version: 1, rows: 3 }])
    expect(lastRun).toMatchObject({ outcome: 'done' })
  })

  test('query reads the charges and what they were allocated to', async () => {
    const sql = `SELECT sum(BilledCost) AS billed, (SELECT sum(EffectiveCost) FROM allocated) AS allocated, any_value(source) AS source FROM focus`
    expect(await run('query', '--format', 'csv', sql)).toEqual({
      code: 0,
      out: 'billed,allocated,source\n16.000000000000000000,16.000000000000000000,tiny\n',
      err: '',
    })
  })

  test('allocate finds the month up to date', async () => {
    const { code, out, err } = await run('allocate')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out.split('\n')[2]).toMatch(/^2026-10 +up to date +16\.00 +5\.00 +31\.25 +USD/)
  })

  test('export writes the rows to this machine', async () => {
    const { code, out } = await run('export', '--format', 'csv', '--output', 'out', '--focus-version', '1.0')
    expect(code).toBe(0)
    const [, , line = ''] = out.split('\n')
    const [file = ''] = line.split(/\s{2,}/)
    const text = readFileSync(path.join(folder, 'out', file), 'utf8')
    expect(text.trimEnd().split('\n')).toHaveLength(4)
  })

  test('validate takes the address of the lake', async () => {
    const { code, out } = await run('validate', address, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ files: 1, rows: 3 })
    const none = await run('validate', 's3://acme-billing/lakes/none')
    expect(none).toEqual({
      code: 2,
      out: '',
      err: 'error: nothing is published in this lake\n  where: file s3://acme-billing/lakes/none\n  hint: Check the address; `focal run` publishes.\n',
    })
  })
})
