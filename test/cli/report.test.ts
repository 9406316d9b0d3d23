import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { reportChargeback } from '../../src/commands/report.ts'
import type { Terminal } from '../../src/commands/terminal.ts'
import { describeError } from '../../src/core/errors.ts'
import type { Chargeback } from '../../src/reports/chargeback/model.ts'
import { writeFinanceLake } from '../pipeline/month-end/finance-lake.ts'
import { temporaryFolderOfFile } from '../transforms/aws/temporary-folder.ts'
import { focal } from './focal.ts'

const fileFolder = temporaryFolderOfFile()
let folder: string

beforeAll(async () => {
  folder = fileFolder()
  writeFinanceLake(folder)
  const { code, err } = await focal(folder, ['run'])
  expect(err).toContain('2026-10  allocated: first allocation')
  expect(code).toBe(0)
})

const table = `statement             name      mode        this month  last month  year to date  currency
────────────────────  ────────  ──────────  ──────────  ──────────  ────────────  ────────
2026-10/payments/USD  Payments  chargeback        5.35        5.34         10.69  USD
2026-10/platform/USD  Platform  showback          5.00        5.00         10.00  USD
2026-10/search/USD    Search    chargeback        6.34        6.33         12.67  USD
2026-10/shop/USD      Shop      chargeback        7.34        7.34         14.68  USD
`

test('writes the statements into the lake, and says who owes what', async () => {
  const { code, out, err } = await focal(folder, ['report', 'chargeback', '--period', '2026-10'])
  expect(err).toBe('')
  const reports = `${folder}/lake/reports/2026-10`
  const names = ['xlsx', 'html', 'pdf', 'json'].map((format) => `${reports}/chargeback.${format}`)
  expect(out).toBe(`${table}\n${names.join('\n')}\n`)
  expect(code).toBe(0)
  expect(readdirSync(reports).toSorted()).toEqual(names.map((name) => path.basename(name)).toSorted())
})

test('writes one target, or the journal, into a folder of one’s own', async () => {
  const statement = ['--target', 'search', '--format', 'json,csv', '--output', 'for-search']
  expect(await report(...statement)).toContain(
    `${folder}/for-search/chargeback-search.json\n${folder}/for-search/chargeback-search.csv\n`,
  )
  const made = JSON.parse(readFileSync(path.join(folder, 'for-search/chargeback-search.json'), 'utf8')) as Chargeback
  expect(made.statements.map(({ id }) => id)).toEqual(['2026-10/search/USD'])

  await report('--format', 'journal', '--profile', 'netsuite', '--output', 'for-ledger')
  expect(readdirSync(path.join(folder, 'for-ledger')).toSorted()).toEqual([
    'journal-netsuite-final-Acme-GmbH-USD-1.csv',
    'journal-netsuite-final-Acme-Ltd-USD-1.csv',
  ])
})

describe('refuses', () => {
  test.each([
    [['--period', 'October'], '"October" is not a billing period\n  hint: Write a month as 2026-10.'],
    [['--format', 'docx'], 'there is no format docx\n  hint: Name some of json, csv, xlsx, html, pdf, journal.'],
    [
      ['--format', 'journal', '--profile', 'datev'],
      'there is no profile datev\n  hint: Name one of generic, netsuite, sap, quickbooks, xero.',
    ],
    [
      ['--format', 'journal', '--target', 'search'],
      'a journal is of all targets\n  hint: Leave --target out, or journal out of --format.',
    ],
    [
      ['--target', 'nobody'],
      'the target nobody has no statement for 2026-10\n  hint: There are statements for payments, platform, search, shop.',
    ],
  ])('%j', async (args, message) => {
    const nothing = path.join(folder, 'nothing')
    mkdirSync(nothing, { recursive: true })
    expect(await report(...args, '--output', 'nothing').catch(describeError)).toBe(message)
    expect(readdirSync(nothing)).toEqual([])
  })
})

/** Runs the command within this process, and gives what it prints. */
async function report(...args: readonly string[]): Promise<string> {
  let out = ''
  const terminal: Terminal = {
    stdout: { write: (text) => (out += text) },
    stderr: { write: () => undefined },
    cwd: folder,
    env: {},
    now: () => new Date('2026-11-03T06:00:00Z'),
  }
  const given = Object.fromEntries(
    args.flatMap((word, at) => (word.startsWith('--') ? [[word.slice(2), args[at + 1] ?? '']] : [])),
  )
  const options = {
    config: 'focal.yaml',
    period: '2026-10',
    format: 'json',
    profile: 'generic',
    kind: 'final',
    ...given,
  }
  await reportChargeback(options as Parameters<typeof reportChargeback>[0], terminal, new AbortController().signal)
  return out
}
