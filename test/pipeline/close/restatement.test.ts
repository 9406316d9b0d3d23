import { appendFileSync, copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openSession } from '../../../src/core/duckdb.ts'
import { approveRules } from '../../../src/pipeline/close/approve-rules.ts'
import { readMonth } from '../../../src/pipeline/close/month-record.ts'
import { reopenMonth } from '../../../src/pipeline/close/reopen.ts'
import { verifyBooks } from '../../../src/pipeline/close/verify.ts'
import { makeChargeback } from '../../../src/pipeline/month-end/chargeback.ts'
import type { Chargeback } from '../../../src/reports/chargeback/model.ts'
import { localSink } from '../../../src/sinks/local.ts'
import { temporaryFolder } from '../../stores/temporary-folder.ts'
import { temporaryFolderOfFile } from '../../transforms/aws/temporary-folder.ts'
import { hashes } from '../workbench.ts'
import { closingLake, copyOf, payments, search, type ClosingLake } from './closing-lake.ts'

/** What providers do to months that finance has closed. */

const templateFolder = temporaryFolderOfFile()
let template: ClosingLake
let lake: ClosingLake

/** September is closed with 8 USD of payments' and 7 of search's; October is open. */
beforeAll(async () => {
  template = closingLake(path.join(templateFolder(), 'closed'))
  for (const period of ['2026-09', '2026-10', '2026-11']) template.deliver(period, 'd1')
  await template.publish()
  await template.closeWhole('2026-09')
})

beforeEach(() => {
  lake = copyOf(template, temporaryFolder())
})

/** Files that belong to closed September. */
const ofSeptember = ({ lake: folder }: ClosingLake) =>
  Object.fromEntries(
    Object.entries(hashes(folder)).filter(([file]) =>
      /^(reports\/2026-09|allocated\/billing_period=2026-09|_focal\/(allocated\/tiny|closed)\/2026-09)/.test(file),
    ),
  )

async function ask<Row>(sql: string): Promise<Row[]> {
  const session = await openSession({ memoryLimit: '500MB', threads: 1, tempDirectory: '' })
  try {
    return await session.rows<Row>(sql.replaceAll('LAKE', lake.lake))
  } finally {
    session.close()
  }
}

const posted = (period: string) =>
  ask<Record<string, unknown>>(`
    SELECT x_Target AS target, x_CorrectsPeriod AS corrects, x_Cause AS cause, ChargeClass AS class, ChargeCategory AS category,
      strftime(ChargePeriodStart, '%Y-%m') AS charged, strftime(BillingPeriodStart, '%Y-%m') AS billed,
      ServiceName AS service, BilledCost::DECIMAL(18, 2)::VARCHAR AS cost
    FROM read_parquet('LAKE/corrections/billing_period=${period}/source=tiny/corrections.parquet') ORDER BY ALL`)

const statements = async (period: string): Promise<Chargeback> => makeChargeback({ ...(await lake.context()), period })

const totals = async (period: string) =>
  (await statements(period)).statements.map(
    ({ target, total, yearToDate }) => `${target} ${total}, ${yearToDate} this year`,
  )

const verify = async (head?: string) => verifyBooks(await lake.context(), head)

const allocated = 'allocated/billing_period=2026-09/source=tiny/allocated.parquet'
const notBooked = 'allocated rows of 2026-09: the file is not the one that was booked'
const unlike = `${notBooked}; x_OriginRow 2: 1 charge is not the sum of the parts: {'BilledCost': 10`
const forged = { file: allocated, what: expect.stringContaining(unlike) as string }

/** Takes a dollar off what payments owes of closed September. */
async function forge(): Promise<void> {
  const file = path.join(lake.folder, 'forged.parquet')
  await ask(`COPY (
    SELECT * REPLACE (CASE WHEN x_Target = 'payments' AND x_OriginRow = 2 THEN BilledCost - 1 ELSE BilledCost END AS BilledCost)
    FROM read_parquet('LAKE/${allocated}', hive_partitioning = false)) TO '${file}' (FORMAT parquet)`)
  copyFileSync(file, path.join(lake.lake, allocated))
}

const charge = { charged: '2026-09', billed: '2026-10', class: 'Correction', category: 'Usage', corrects: '2026-09' }
const compute = 'Amazon Elastic Compute Cloud'

describe('a restatement after the close', () => {
  let restated: ClosingLake
  let said: Awaited<ReturnType<ClosingLake['publish']>>

  /** The shared service costs 12 instead of 10, and search used half a dollar of it that nobody knew of. */
  beforeAll(async () => {
    restated = copyOf(template, path.join(templateFolder(), 'restated'))
    restated.deliver('2026-09', 'd2', [
      { cost: '2', account: payments },
      { cost: '3', account: search },
      { cost: '12', account: payments, service: 'AmazonEC2' },
      { cost: '0.5', account: search, service: 'AmazonEC2' },
    ])
    said = await restated.publish()
  })

  beforeEach(() => {
    lake = copyOf(restated, temporaryFolder())
  })

  test('leaves the closed month byte for byte, and is posted in the open one with its cause', async () => {
    expect(ofSeptember(lake)).toEqual(ofSeptember(template))
    expect(said?.corrections).toEqual({
      result: 'posted',
      detail: 'in 2026-10: 2026-09 late usage 0.5 USD, 2026-09 provider correction 2 USD',
    })
    expect(await posted('2026-10')).toEqual([
      { ...charge, target: 'payments', cause: 'late_usage', service: compute, cost: '0.30' },
      { ...charge, target: 'payments', cause: 'provider_correction', service: compute, cost: '1.20' },
      { ...charge, target: 'search', cause: 'late_usage', service: compute, cost: '0.20' },
      { ...charge, target: 'search', cause: 'provider_correction', service: compute, cost: '0.80' },
    ])
    const october = await statements('2026-10')
    const adjustments = october.statements.flatMap(({ target, lines }) =>
      lines.flatMap(({ kind, originalPeriod, cause, amount }) =>
        kind === 'adjustment' ? [[target, originalPeriod, cause, amount].join(' ')] : [],
      ),
    )
    expect(adjustments.toSorted()).toEqual([
      'payments 2026-09 late_usage 0.30',
      'payments 2026-09 provider_correction 1.20',
      'search 2026-09 late_usage 0.20',
      'search 2026-09 provider_correction 0.80',
    ])
    expect(await totals('2026-10')).toEqual(['payments 9.50, 17.50 this year', 'search 8.00, 15.00 this year'])
    expect(october.summaries.flatMap(({ controls }) => controls).map(({ difference }) => difference)).toEqual(
      Array.from({ length: 5 }, () => '0'),
    )
    expect((await verify()).alterations).toEqual([])
  })

  test('is posted once, however often it is looked at, and is gone when the provider takes it back', async () => {
    const before = hashes(lake.lake)
    expect((await lake.allocate())?.corrections).toBeUndefined()
    const after = hashes(lake.lake)
    expect(Object.keys(after).filter((file) => after[file] !== before[file])).toEqual([
      expect.stringMatching(/^_focal\/runs\//),
    ])
    lake.deliver('2026-09', 'd3')
    // By the rules of the close: by those of today, a dollar would be with another team.
    lake.rules({ payments: '50', search: '50' })
    expect((await lake.publish())?.corrections?.detail).toBe('in 2026-10: none any more')
    expect(await posted('2026-10')).toEqual([])
    expect(await totals('2026-10')).toEqual(['payments 7.00, 15.00 this year', 'search 8.00, 15.00 this year'])
    expect((await verify()).alterations).toEqual([])
  })

  test('is posted on top of what a closed month has of it already', async () => {
    await lake.closeWhole('2026-10')
    const october = hashes(lake.lake)['corrections/billing_period=2026-10/source=tiny/corrections.parquet']
    lake.deliver('2026-09', 'd3')
    await lake.publish()
    expect(hashes(lake.lake)['corrections/billing_period=2026-10/source=tiny/corrections.parquet']).toBe(october)
    const back = { ...charge, billed: '2026-11', service: compute, cause: 'provider_correction' }
    expect(await posted('2026-11')).toEqual([
      { ...back, target: 'payments', cost: '-0.30' },
      { ...back, target: 'payments', cost: '-1.20' },
      { ...back, target: 'search', cost: '-0.20' },
      { ...back, target: 'search', cost: '-0.80' },
    ])
    expect(await totals('2026-11')).toEqual(['payments 6.50, 24.00 this year', 'search 6.00, 21.00 this year'])
    expect((await verify()).alterations).toEqual([])
  })

  test('is in files whose pages lie behind a gap, as all that readers may be reading when it is replaced', () => {
    const files = Object.keys(hashes(lake.lake)).filter((file) => file.endsWith('.parquet'))
    expect(new Set(files.map((file) => file.split('/')[0]))).toEqual(
      new Set(['allocated', 'corrections', 'focus', 'history', 'restated']),
    )
    // Where there is no gap, the first page begins behind the four bytes PAR1, and never with a zero.
    expect(files.filter((file) => readFileSync(path.join(lake.lake, file))[4] !== 0)).toEqual([])
  })

  test('is taken back when the month is opened again', async () => {
    for (const by of ['bert', 'zoe']) {
      await reopenMonth(await lake.context(), { period: '2026-09', by, reason: 'too early' })
    }
    await lake.allocate()
    expect(await posted('2026-10')).toEqual([])
    expect(await totals('2026-10')).toEqual(['payments 8.00, 17.50 this year', 'search 7.00, 15.00 this year'])
    expect((await verify()).alterations).toEqual([])
  })

  test('does not hide what was altered in the closed month: its charges of then are kept', async () => {
    await forge()
    expect((await verify()).alterations).toEqual([forged])
  })

  test('is noticed when somebody alters it, and made again by a run', async () => {
    const file = 'corrections/billing_period=2026-10/source=tiny/corrections.parquet'
    truncateSync(path.join(lake.lake, file), 100)
    expect((await verify()).alterations).toEqual([
      { file, what: 'corrections posted in 2026-10: the file is not the one that was booked' },
    ])
    await lake.allocate()
    expect((await verify()).alterations).toEqual([])
  })
})

describe('other rules', () => {
  test('correct a closed month once an approver lets them', async () => {
    lake.rules({ payments: '50', search: '50' })
    expect((await lake.allocate())?.corrections).toBeUndefined()
    const request = { period: '2026-09', by: 'bert', reason: 'the cluster is half theirs' }
    await approveRules(await lake.context(), request)
    const moved = { ...charge, cause: 'rule_change', service: compute }
    expect(await posted('2026-10')).toEqual([
      { ...moved, target: 'payments', cost: '-1.00' },
      { ...moved, target: 'search', cost: '1.00' },
    ])
    expect(await totals('2026-10')).toEqual(['payments 6.00, 14.00 this year', 'search 9.00, 16.00 this year'])
    await expect(approveRules(await lake.context(), request)).rejects.toThrow(
      'the rules of today count for 2026-09 already',
    )
    await expect(approveRules(await lake.context(), { ...request, period: '2026-10' })).rejects.toThrow(
      '2026-10 is not closed but open',
    )
    expect((await verify()).alterations).toEqual([])
  })
})

describe('the audit', () => {
  const inLake = (file: string) => path.join(lake.lake, file)
  const alter = (file: string, from: string, to: string) =>
    writeFileSync(inLake(file), readFileSync(inLake(file), 'latin1').replace(from, to), 'latin1')

  test('finds nothing where nothing was altered, and gives the head of the ledger', async () => {
    const { alterations, entries, closed, files, head } = await verify()
    expect({ alterations, entries, closed, files }).toEqual({
      alterations: [],
      entries: 3,
      closed: ['2026-09'],
      files: 8,
    })
    expect((await verify(head)).alterations).toEqual([])
  })

  test('names the line of the ledger that was altered', async () => {
    alter('_focal/ledger.jsonl', '"by":"bert"', '"by":"fred"')
    expect((await verify()).alterations).toEqual([
      { file: '_focal/ledger.jsonl', line: 3, what: 'the line is not as it was written' },
      { file: '_focal/closed/2026-09.json', what: 'the record of the month is not what the ledger says' },
    ])
  })

  test('is heard of by the next run, which allocates nothing on books that were altered', async () => {
    alter('_focal/ledger.jsonl', '"by":"bert"', '"by":"fred"')
    const before = hashes(path.join(lake.lake, 'allocated'))
    lake.rules({ payments: '50', search: '50' })
    expect((await lake.allocate())?.failed).toBe(`the line is not as it was written
  where: file _focal/ledger.jsonl, line 3
  hint: Nothing was changed. \`focal audit verify\` lists all that was altered; bring the file back from a backup.`)
    expect(hashes(path.join(lake.lake, 'allocated'))).toEqual(before)
  })

  test('finds lines that were cut off the end, by the record of the month or by a head noted elsewhere', async () => {
    const { head } = await verify()
    const lines = readFileSync(inLake('_focal/ledger.jsonl'), 'utf8').split('\n')
    writeFileSync(inLake('_focal/ledger.jsonl'), `${lines.slice(0, 2).join('\n')}\n`)
    expect((await verify(head)).alterations).toEqual([
      { file: '_focal/ledger.jsonl', what: `no line has the SHA-256 ${head}: lines were taken away or written anew` },
      { file: '_focal/closed/2026-09.json', what: 'the record of the month is not what the ledger says' },
    ])
  })

  test.each([
    ['reports/2026-09/chargeback.csv', 'statements of 2026-09'],
    ['reports/2026-09/evidence.zip', 'statements of 2026-09'],
  ])('finds an altered %s', async (file, isOf) => {
    appendFileSync(inLake(file), ' ')
    expect((await verify()).alterations).toEqual([{ file, what: `${isOf}: the file is not the one that was booked` }])
  })

  test('names the charge whose parts were altered', async () => {
    await forge()
    expect((await verify()).alterations).toEqual([forged])
  })

  test('says of a partition that was cut short that it cannot be read', async () => {
    truncateSync(inLake(allocated), 500)
    expect((await verify()).alterations).toEqual([
      { file: allocated, what: `${notBooked}; it cannot be read any more` },
    ])
  })

  test('the record alone is no way to open a month', async () => {
    alter('_focal/closed/2026-09.json', '"state": "closed"', '"state": "open"')
    expect((await verify()).alterations).toEqual([
      { file: '_focal/closed/2026-09.json', what: 'the record of the month is not what the ledger says' },
    ])
    const before = hashes(lake.lake)['allocated/billing_period=2026-09/source=tiny/allocated.parquet']
    lake.rules({ payments: '50', search: '50' })
    await lake.allocate()
    expect(hashes(lake.lake)['allocated/billing_period=2026-09/source=tiny/allocated.parquet']).toBe(before)
    expect((await readMonth(localSink(lake.lake), '2026-09'))?.state).toBe('closed')
  })
})
