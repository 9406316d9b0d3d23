import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Finance } from '../../../src/config/finance.ts'
import { describeError } from '../../../src/core/errors.ts'
import { closeMonth } from '../../../src/pipeline/close/close.ts'
import { acceptStatement, disputeStatement, resolveDispute } from '../../../src/pipeline/close/dispute.ts'
import { driverChanges } from '../../../src/pipeline/close/rule-changes.ts'
import { readMonth } from '../../../src/pipeline/close/month-record.ts'
import { localSink } from '../../../src/sinks/local.ts'
import { unzip } from '../../core/unzip.ts'
import { temporaryFolderOfFile } from '../../transforms/aws/temporary-folder.ts'
import { hashes } from '../workbench.ts'
import { closingLake, month, payments, type ClosingLake } from './closing-lake.ts'

/** What an auditor finds of October, which follows on a closed September with other rules and a restatement. */

const folder = temporaryFolderOfFile()
let lake: ClosingLake
let finance: Partial<Finance>
let refused: string
let pack: Record<string, string>

const json = (name: string): unknown => JSON.parse(pack[name] ?? '')

beforeAll(async () => {
  lake = closingLake(folder())
  for (const period of ['2026-09', '2026-10']) lake.deliver(period, 'd1')
  await lake.publish()
  await lake.closeWhole('2026-09')
  lake.deliver('2026-09', 'd2', [...month, { cost: '1', account: payments }])
  lake.rules({ payments: '50', search: '50' })
  await lake.publish()
  const invoices = path.join(lake.folder, 'invoices.yaml')
  writeFileSync(invoices, 'invoices:\n  - { id: INV-1, period: 2026-10, currency: USD, amount: 11 }\n')
  finance = { invoices: { file: invoices, columns: {} } }
  const about = { period: '2026-10', target: 'search', by: 'sue' }
  await closeMonth(await lake.context(finance), { period: '2026-10', by: 'anna', to: 'review' })
  await disputeStatement(await lake.context(), { ...about, reason: 'counted twice', amount: '5' })
  await resolveDispute(await lake.context(), { period: '2026-10', number: 1, by: 'anna', resolution: 'it is not' })
  await acceptStatement(await lake.context(), { ...about, comment: undefined })
  const close = { period: '2026-10', by: 'bert' }
  refused = await closeMonth(await lake.context(finance), close).then(() => 'closed', describeError)
  await closeMonth(await lake.context(finance), { ...close, despite: 'a credit note is on its way' })
  pack = await unzip(readFileSync(path.join(lake.lake, 'reports/2026-10/evidence.zip')))
})

describe('a month that does not tie with its invoices', () => {
  test('is not closed without a reason', () => {
    expect(refused).toBe(`2026-10 does not tie with its invoices
  hint: \`focal reconcile --period 2026-10\` shows the differences. With --despite REASON it is closed all the same, and the books say why.`)
  })

  test('is closed with one, which the books keep', async () => {
    expect((await readMonth(localSink(lake.lake), '2026-10'))?.booked?.invoices).toBe(
      'differ: a credit note is on its way',
    )
  })
})

describe('the evidence', () => {
  test('names every file in it by its checksum', () => {
    const { files } = json('manifest.json') as { files: { name: string; sha256: string }[] }
    const sha256 = (name: string) =>
      createHash('sha256')
        .update(pack[name] ?? '')
        .digest('hex')
    const text = files.filter(({ name }) => !/\.(pdf|xlsx)$/.test(name))
    expect(text.map(({ sha256: said }) => said)).toEqual(text.map(({ name }) => sha256(name)))
    expect(['manifest.json', ...files.map(({ name }) => name)]).toEqual(Object.keys(pack))
    expect(Object.keys(pack)).toEqual([
      'manifest.json',
      'approvals.json',
      'control-totals.csv',
      'bridge.csv',
      'reconciliation.json',
      'corrections.csv',
      'rule-changes.csv',
      'rules.json',
      'books.jsonl',
      ...['json', 'csv', 'xlsx', 'html', 'pdf'].map((format) => `statements/chargeback.${format}`),
    ])
  })

  test('says from which delivery the month was made', () => {
    expect(json('manifest.json')).toMatchObject({
      period: '2026-10',
      approver: 'bert',
      sources: [
        {
          source: 'tiny',
          delivery: { id: 'd1' },
          partition: { sha256: hashes(lake.lake)['allocated/billing_period=2026-10/source=tiny/allocated.parquet'] },
        },
      ],
      corrections: [{ path: 'corrections/billing_period=2026-10/source=tiny/corrections.parquet' }],
    })
  })

  test('says who prepared, accepted, disputed and approved, and who was not heard of', () => {
    const at = '2026-11-20T08:00:00.000Z'
    expect(json('approvals.json')).toEqual({
      period: '2026-10',
      preparers: ['anna'],
      approver: 'bert',
      acceptances: [{ target: 'search', by: 'sue', at, comment: null }],
      silent: ['payments'],
      disputes: [
        {
          number: 1,
          target: 'search',
          by: 'sue',
          at,
          reason: 'counted twice',
          amount: '5',
          resolution: { text: 'it is not', by: 'anna', at },
        },
      ],
    })
  })

  test('holds the totals that tie, the difference from the invoices, the corrections and what changed in the rules', () => {
    const differences = (pack['control-totals.csv'] ?? '')
      .trim()
      .split('\r\n')
      .slice(1)
      .map((line) => line.split(',').at(-1))
    expect(new Set(differences)).toEqual(new Set(['0']))
    expect(json('reconciliation.json')).toMatchObject({ ties: false, hasInvoices: true })
    expect(pack['corrections.csv']).toBe(
      'Source,Corrects,Cause,Currency,BilledCost,EffectiveCost\r\n' +
        'tiny,2026-09,provider_correction,USD,1.000000000000000000,1.000000000000000000\r\n',
    )
    expect(pack['rule-changes.csv']).toBe('Part,Id,Change\r\nsplits,shared-fixed,changed\r\n')
    expect(
      (pack['books.jsonl'] ?? '')
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { event: string }).event),
    ).toEqual([
      'corrections-posted',
      'month-prepared',
      'review-begun',
      'statement-disputed',
      'dispute-resolved',
      'statement-accepted',
    ])
  })
})

test('drivers are compared by what they hold', () => {
  expect(driverChanges({ a: '1', b: '2', gone: '3' }, { a: '1', b: '4', new: '5' })).toEqual([
    { part: 'weights', id: 'b', change: 'changed' },
  ])
})
