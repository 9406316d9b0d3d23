import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSession, type Session } from '../../src/core/duckdb.ts'
import { hasSettled, readSettlement } from '../../src/pipeline/settlement.ts'
import { temporaryFolder } from '../stores/temporary-folder.ts'
import { workbench } from './workbench.ts'

let session: Session
beforeAll(async () => {
  session = await openSession({ memoryLimit: '500MB', threads: 1, tempDirectory: tmpdir() })
})
afterAll(() => session.close())

/** A month of charges, each `[invoice, billed cost]`, as it is judged on a day. */
async function judged(charges: string, { today, settlingDays }: { today: string; settlingDays?: number }) {
  await session.run(`CREATE OR REPLACE VIEW focus AS
    SELECT col0::VARCHAR AS InvoiceId, col1::DECIMAL(38, 18) AS BilledCost FROM (VALUES ${charges})`)
  await session.run('RESET VARIABLE settling_days')
  return readSettlement(session, 'focus', '2026-10', settlingDays, new Date(`${today}T06:00:00Z`))
}

const invoiced = "('INV-1', 1), ('INV-1', -1), (NULL, -2), (NULL, 0)"
const waiting = "('INV-1', 1), (NULL, 1)"
const unnamed = '(NULL, 1), (NULL, -1)'

describe('a bill that names its invoices', () => {
  test.each([
    ['2026-10-31', { status: 'open' }],
    ['2026-11-01', { status: 'closed', settlesOn: '2026-11-01' }],
  ])('read on %s when every charge is on one', async (today, expected) => {
    expect(await judged(invoiced, { today })).toEqual(expected)
    expect(await judged(invoiced, { today, settlingDays: 10 })).toEqual(expected)
  })

  test('stays open while a charge waits for its invoice, however long that takes', async () => {
    expect(await judged(waiting, { today: '2027-10-20' })).toEqual({ status: 'open' })
    expect(await judged(waiting, { today: '2027-10-20', settlingDays: 10 })).toEqual({ status: 'open' })
  })
})

describe('a bill that names no invoice', () => {
  test.each([
    ['2026-10-31', { status: 'open' }],
    ['2026-11-01', { status: 'open', settlesOn: '2026-11-11' }],
    ['2026-11-10', { status: 'open', settlesOn: '2026-11-11' }],
    ['2026-11-11', { status: 'closed', settlesOn: '2026-11-11' }],
  ])('read on %s where the provider settles within 10 days', async (today, expected) => {
    expect(await judged(unnamed, { today, settlingDays: 10 })).toEqual(expected)
  })

  test('stays open where the provider says nothing of how long it takes', async () => {
    expect(await judged(unnamed, { today: '2027-10-20' })).toEqual({ status: 'open' })
  })
})

test.each([
  [{ status: 'open', settlesOn: '2026-11-11' }, '2026-11-10', false],
  [{ status: 'open', settlesOn: '2026-11-11' }, '2026-11-11', true],
  [{ status: 'closed', settlesOn: '2026-11-11' }, '2026-11-12', false],
  [{ status: 'open' }, '2027-11-12', false],
] as const)('time has closed %o by %s: %s', (settlement, today, expected) => {
  expect(hasSettled(settlement, new Date(`${today}T00:00:00Z`))).toBe(expected)
})

test('a month that has had its last delivery closes by itself, in a run that finds nothing new', async () => {
  const folder = temporaryFolder()
  const row = readFileSync('test/cases/gcp/plain-usage/input/export.json', 'utf8').split('\n')[0]
  mkdirSync(path.join(folder, 'gcp'))
  writeFileSync(path.join(folder, 'gcp', 'export.json'), `${row}\n`)
  const bench = workbench(folder)
  bench.configure({ more: ['  - name: gcp', '    connector: gcp', `    location: ${path.join(folder, 'gcp')}`] })
  const seen = async (today: string) => {
    const [line = ''] = await bench.run({ sources: ['gcp'] }, { today })
    return `${line.split(':')[0]}, ${(await bench.unit('2025-01', 'gcp'))?.status}`
  }
  expect(await seen('2025-02-02')).toBe('2025-01 published, open')
  expect(await seen('2025-02-10')).toBe('2025-01 up to date, open')
  expect(await seen('2025-02-11')).toBe('2025-01 up to date, closed')
  expect((await bench.unit('2025-01', 'gcp'))?.version).toBe(1)
})
