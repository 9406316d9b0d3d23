import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { describeError } from '../../../src/core/errors.ts'
import { closeMonth } from '../../../src/pipeline/close/close.ts'
import { acceptStatement, disputeStatement, resolveDispute } from '../../../src/pipeline/close/dispute.ts'
import { readMonth } from '../../../src/pipeline/close/month-record.ts'
import { reopenMonth } from '../../../src/pipeline/close/reopen.ts'
import { localSink } from '../../../src/sinks/local.ts'
import { temporaryFolder } from '../../stores/temporary-folder.ts'
import { temporaryFolderOfFile } from '../../transforms/aws/temporary-folder.ts'
import { hashes } from '../workbench.ts'
import { closingLake, copyOf, month, payments, type ClosingLake } from './closing-lake.ts'

const period = '2026-09'
const templateFolder = temporaryFolderOfFile()
let template: ClosingLake
let closed: ClosingLake
let lake: ClosingLake

/** Four months, published and allocated; nobody has begun to close one. */
beforeAll(async () => {
  template = closingLake(path.join(templateFolder(), 'open'))
  for (const of of ['2026-09', '2026-10', '2026-11', '2026-12']) template.deliver(of, 'd1')
  await template.publish()
  closed = copyOf(template, path.join(templateFolder(), 'closed'))
  await closed.closeWhole(period)
})

beforeEach(() => {
  lake = copyOf(template, temporaryFolder())
})

const stateOf = async (of: string) => readMonth(localSink(lake.lake), of)
const failure = async (work: Promise<unknown>) =>
  describeError(
    await work.then(
      () => 'no error',
      (error: unknown) => error,
    ),
  )

const accept = async (target: string, by = 'carl') =>
  acceptStatement(await lake.context(), { period, target, by, comment: 'as agreed' })
const dispute = async (target: string, reason = 'not our cluster', amount?: string) =>
  disputeStatement(await lake.context(), { period, target, by: 'carl', reason, amount })
const resolve = async (number: number, resolution = 'it is: see the tags') =>
  resolveDispute(await lake.context(), { period, number, by: 'anna', resolution })
const reopen = async (by: string, reason = 'wrong year', of = period) =>
  reopenMonth(await lake.context(), { period: of, by, reason })

describe('a month', () => {
  test('is prepared, reviewed and closed, by two people, and every step is in the books', async () => {
    expect((await lake.close(period, 'anna')).steps).toEqual(['preliminary'])
    expect((await lake.close(period, 'anna')).steps).toEqual(['review'])
    expect((await lake.close(period, 'bert')).steps).toEqual(['closed'])
    expect(await stateOf(period)).toMatchObject({
      state: 'closed',
      preparers: ['anna'],
      approver: 'bert',
      statements: [
        { id: '2026-09/payments/USD', target: 'payments', currency: 'USD', total: '8.00' },
        { id: '2026-09/search/USD', target: 'search', currency: 'USD', total: '7.00' },
      ],
      seq: 3,
    })
    const lines = readFileSync(path.join(lake.lake, '_focal/ledger.jsonl'), 'utf8').trim().split('\n')
    expect(lines.map((line) => JSON.parse(line) as { by: string; event: string })).toMatchObject([
      { by: 'anna', event: 'month-prepared' },
      { by: 'anna', event: 'review-begun' },
      { by: 'bert', event: 'month-closed' },
    ])
  })

  test('books what it consists of: partitions, rules, statements, evidence', async () => {
    lake = closed
    const files = hashes(lake.lake)
    const booked = (await stateOf(period))?.booked
    expect(booked?.sources).toMatchObject([
      { source: 'tiny', focus: { version: 1 }, totals: [{ currency: 'USD', effectiveCost: '15.000000000000000000' }] },
    ])
    const kept = [...(booked?.sources ?? []).map(({ partition }) => partition), ...(booked?.reports ?? [])]
    expect(kept.map(({ path: file }) => file)).toEqual([
      'allocated/billing_period=2026-09/source=tiny/allocated.parquet',
      ...['json', 'csv', 'xlsx', 'html', 'pdf'].map((format) => `reports/2026-09/chargeback.${format}`),
      'reports/2026-09/evidence.zip',
    ])
    expect(kept.map(({ sha256 }) => sha256)).toEqual(kept.map(({ path: file }) => files[file]))
    expect(JSON.parse(readFileSync(path.join(lake.lake, 'reports/2026-09/chargeback.json'), 'utf8'))).toMatchObject({
      state: 'closed',
      runId: booked?.runId,
    })
  })

  test('stays where it is when it is asked to be there', async () => {
    await lake.close(period, 'anna', 'preliminary')
    const before = hashes(lake.lake)
    expect((await lake.close(period, 'zoe', 'preliminary')).steps).toEqual([])
    expect(hashes(lake.lake)).toEqual(before)
    await lake.close(period, 'anna', 'review')
    const reviewed = hashes(lake.lake)
    await lake.close(period, 'anna', 'review')
    expect(hashes(lake.lake)).toEqual(reviewed)
  })

  test('under review goes through it again once its figures have changed', async () => {
    await lake.close(period, 'anna', 'review')
    await accept('payments')
    lake.deliver(period, 'd2', [...month, { cost: '1', account: payments }])
    await lake.publish()
    expect(await failure(lake.close(period, 'bert'))).toBe(`the figures of 2026-09 have changed since its review began
  hint: Begin the review again: focal close --period 2026-09 --to review --as NAME. What was accepted is to be accepted again.`)
    await lake.close(period, 'anna', 'review')
    expect(await stateOf(period)).toMatchObject({ state: 'review', acceptances: [] })
    await lake.close(period, 'bert')
    expect(await stateOf(period)).toMatchObject({ state: 'closed', statements: [{ total: '9.00' }, { total: '7.00' }] })
  })
})

describe('a step is refused', () => {
  test('to who prepared the month and would approve it too, however the name is written', async () => {
    await lake.close(period, 'Anna', 'review')
    const before = hashes(lake.lake)
    expect(await failure(lake.close(period, 'anna'))).toBe(`anna prepared 2026-09 and cannot approve it too
  hint: Somebody else closes it: focal close --period 2026-09 --as NAME.`)
    expect(hashes(lake.lake)).toEqual(before)
  })

  test('to who began the review alone', async () => {
    await lake.close(period, 'anna')
    await lake.close(period, 'zoe', 'review')
    expect(await failure(lake.close(period, 'zoe'))).toContain('zoe prepared 2026-09 and cannot approve it too')
    expect(await failure(lake.close(period, 'anna'))).toContain('anna prepared 2026-09 and cannot approve it too')
  })

  test('with open disputes', async () => {
    await lake.close(period, 'anna', 'review')
    await dispute('payments')
    await dispute('search', 'counted twice')
    expect(await failure(lake.close(period, 'bert'))).toBe(
      `2026-09 has 2 open disputes: #1 of payments by carl: not our cluster; #2 of search by carl: counted twice
  hint: Resolve what is disputed: focal dispute resolve --period 2026-09 --number 1 …`,
    )
    await resolve(1)
    await resolve(2)
    expect((await lake.close(period, 'bert')).steps).toEqual(['closed'])
  })

  test('before the statements were reviewed', async () => {
    expect(await failure(lake.close(period, 'bert', 'closed')))
      .toBe(`2026-09 is open: its statements have not been reviewed
  hint: Begin the review first: focal close --period 2026-09 --to review --as NAME.`)
  })

  test('when nothing is allocated of it', async () => {
    expect(await failure(lake.close('2026-08', 'anna'))).toBe(`nothing is allocated of 2026-08
  hint: Run \`focal allocate\` first, or name another month.`)
  })

  test('when what is allocated is not of today', async () => {
    await lake.close(period, 'anna')
    lake.rules({ payments: '50', search: '50' })
    expect(await failure(lake.close(period, 'anna'))).toBe(`2026-09 is not allocated by the rows and rules of today
  hint: Run \`focal allocate --period 2026-09\` first.`)
  })

  test('once it is closed, and out of order', async () => {
    await lake.closeWhole('2026-10')
    expect(await failure(lake.close('2026-10', 'anna'))).toBe(`2026-10 is closed already
  hint: What the provider restates of it is posted as corrections in a later month. \`focal reopen --period 2026-10\` asks for it to be opened.`)
    expect(await failure(lake.close('2026-10', 'anna', 'review')))
      .toBe(`2026-10 is closed: it cannot be made review again
  hint: \`focal reopen --period 2026-10\` asks for it to be opened.`)
    expect(await failure(lake.close(period, 'anna')))
      .toBe(`2026-10 is closed, so 2026-09 before it cannot be closed any more
  hint: Books are closed month after month. What is before the first closed month was never part of them.`)
    expect(await failure(lake.close('2026-12', 'anna'))).toBe(`2026-11 is not closed yet, so 2026-12 cannot be
  hint: Books are closed month after month: begin with focal close --period 2026-11.`)
  })

  test('to who is not on the list, where there is one', async () => {
    const context = await lake.context({ close: { preparers: ['anna'], approvers: ['bert', 'zoe'] } })
    expect(await failure(closeMonth(context, { period, by: 'carl' })))
      .toBe(`carl is not among the preparers of the configuration
  hint: finance.close.preparers names anna.`)
    await closeMonth(context, { period, by: 'Anna', to: 'review' })
    expect(await failure(closeMonth(context, { period, by: 'carl' })))
      .toBe(`carl is not among the approvers of the configuration
  hint: finance.close.approvers names bert, zoe.`)
  })
})

describe('a target', () => {
  test('accepts, and is taken at its word until it disputes', async () => {
    await lake.close(period, 'anna', 'review')
    expect((await accept('payments')).acceptances).toEqual([
      { target: 'payments', by: 'carl', at: '2026-11-20T08:00:00.000Z', comment: 'as agreed' },
    ])
    await dispute('payments', 'not our cluster', '2.50')
    expect(await stateOf(period)).toMatchObject({
      acceptances: [],
      disputes: [{ number: 1, target: 'payments', reason: 'not our cluster', amount: '2.50', resolution: null }],
    })
    expect(await failure(accept('payments'))).toBe(`payments disputes its statement of 2026-09: #1, not our cluster
  hint: Resolve the dispute first: focal dispute resolve --period 2026-09 --number 1 …`)
    await resolve(1)
    expect((await accept('payments')).disputes[0]?.resolution).toEqual({
      text: 'it is: see the tags',
      by: 'anna',
      at: '2026-11-20T08:00:00.000Z',
    })
  })

  test('is refused what makes no sense', async () => {
    expect(await failure(accept('payments'))).toBe(`2026-09 is not under review but open
  hint: Statements are accepted and disputed between the beginning of their review and the close.`)
    await lake.close(period, 'anna', 'review')
    expect(await failure(accept('nobody'))).toBe(`the target nobody has no statement for 2026-09
  hint: There are statements for payments, search.`)
    expect(await failure(dispute('payments', '  '))).toBe(`the reason is empty
  hint: It goes into the books: say in a few words why.`)
    expect(await failure(dispute('payments', 'too much', 'all'))).toBe(`"all" is not an amount
  hint: Write it as 1250.00.`)
    expect(await failure(resolve(1))).toBe(`2026-09 has no dispute #1
  hint: It has none at all.`)
    await dispute('payments')
    await resolve(1)
    expect(await failure(resolve(1))).toBe('dispute #1 of 2026-09 is resolved already, by anna: it is: see the tags')
    expect(await failure(resolve(7))).toBe(`2026-09 has no dispute #7
  hint: It has #1.`)
  })
})

describe('reopening', () => {
  beforeEach(() => {
    lake = copyOf(closed, temporaryFolder())
  })

  test('takes two approvers, and keeps the statements that were closed', async () => {
    const before = hashes(lake.lake)
    expect(await reopen('bert')).toMatchObject({ state: 'closed', reopening: { by: 'bert', reason: 'wrong year' } })
    expect(await failure(reopen('BERT'))).toBe(`BERT has asked already for 2026-09 to be opened
  hint: It takes two: another approver says the same with their own --as.`)
    expect(await reopen('zoe')).toMatchObject({ state: 'open', preparers: [], booked: null })
    const after = hashes(lake.lake)
    expect(after['history/reports/2026-09/1/chargeback.pdf']).toBe(before['reports/2026-09/chargeback.pdf'])
    lake.rules({ payments: '50', search: '50' })
    await lake.allocate()
    await lake.closeWhole(period)
    expect(await stateOf(period)).toMatchObject({ statements: [{ total: '7.00' }, { total: '8.00' }] })
  })

  test('is for the newest closed month alone', async () => {
    expect(await failure(reopen('bert', 'wrong year', '2026-11'))).toBe('2026-11 is not closed but open')
    await lake.closeWhole('2026-10')
    expect(await failure(reopen('bert'))).toBe(`2026-10 is closed after 2026-09
  hint: Only the newest closed month can be opened: open 2026-10 first, or let what changes be posted as corrections.`)
  })
})

test('a command that died between the ledger and the record is made up for by the next', async () => {
  await lake.close(period, 'anna')
  const file = path.join(lake.lake, '_focal/closed/2026-09.json')
  rmSync(file)
  await lake.close('2026-10', 'anna')
  expect(await stateOf(period)).toMatchObject({ state: 'preliminary' })
})
