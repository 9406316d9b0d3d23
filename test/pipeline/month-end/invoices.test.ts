import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { InvoiceColumns } from '../../../src/config/finance.ts'
import { openSession, quoteText, type Session } from '../../../src/core/duckdb.ts'
import { describeError } from '../../../src/core/errors.ts'
import { readInvoices, type WrittenInvoice } from '../../../src/pipeline/month-end/invoices.ts'
import { temporaryFolder } from '../../stores/temporary-folder.ts'

async function session(): Promise<Session> {
  const opened = await openSession({ memoryLimit: '500MB', threads: 1, tempDirectory: temporaryFolder() })
  onTestFinished(() => opened.close())
  return opened
}

async function read(file: string, columns: InvoiceColumns = {}): Promise<readonly WrittenInvoice[]> {
  const finance = {
    chargeOn: 'EffectiveCost',
    fiscalYearStart: 1,
    rateKind: 'average',
    invoices: { file, columns },
  } as const
  return (await readInvoices({ finance }, await session(), {})) ?? []
}

function write(name: string, text: string): string {
  const file = path.join(temporaryFolder(), name)
  writeFileSync(file, text)
  return file
}

/** The error, with the folder left out. */
async function mistakeIn(file: string, columns?: InvoiceColumns): Promise<string> {
  const error: unknown = await read(file, columns).then(
    () => undefined,
    (caught: unknown) => caught,
  )
  return describeError(error).replaceAll(`${path.dirname(file)}/`, '')
}

describe('invoices.yaml', () => {
  test('an amount, or lines by account and category', async () => {
    const file = write(
      'invoices.yaml',
      `invoices:
  - { id: INV-1, period: 2026-10, currency: USD, amount: 1234.50 }
  - id: "0042"
    issuer: Nimbus Inc.
    period: 2026-10
    currency: EUR
    status: Open
    account: "012"
    amount: 119
    payment: { currency: USD, amount: "130.000000000000000001" }
    lines:
      - { category: Usage, amount: 100 }
      - { category: Tax, account: "013", amount: 19.0 }
`,
    )
    expect(await read(file)).toEqual([
      {
        id: 'INV-1',
        issuer: null,
        period: '2026-10',
        currency: 'USD',
        status: 'Issued',
        payment: null,
        where: { file, line: 2 },
        lines: [{ account: null, category: null, amount: '1234.5', where: { file, line: 2 } }],
      },
      {
        id: '0042',
        issuer: 'Nimbus Inc.',
        period: '2026-10',
        currency: 'EUR',
        status: 'Open',
        payment: { currency: 'USD', amount: '130.000000000000000001' },
        where: { file, line: 3 },
        lines: [
          { account: '012', category: 'Usage', amount: '100', where: { file, line: 12 } },
          { account: '013', category: 'Tax', amount: '19', where: { file, line: 13 } },
        ],
      },
    ])
  })

  const one = (more: string) => `invoices:\n  - { id: INV-1, period: 2026-10, currency: USD, ${more} }\n`

  test.each([
    [
      'an id that is there twice',
      `${one('amount: 5')}  - { id: INV-1, period: 2026-09, currency: USD, amount: 6 }\n`,
      'the invoice INV-1 is there twice: of 2026-10 and of 2026-09\n  where: file invoices.yaml, line 3\n  hint: The other is in line 2. Remove one, or write them as lines of one invoice.',
    ],
    [
      'a currency that is none',
      'invoices:\n  - { id: INV-1, period: 2026-10, currency: XYZ, amount: 5 }\n',
      'the invoice INV-1 is in XYZ, which is no currency\n  where: file invoices.yaml, line 2\n  hint: Write its ISO 4217 code in capitals, such as EUR.',
    ],
    [
      'lines that do not add up',
      one('amount: 5, lines: [{ amount: 2 }, { amount: 2.99 }]'),
      'the lines of the invoice INV-1 add up to 4.99, and its amount is 5\n  where: file invoices.yaml, line 2\n  hint: Mend the line or the amount, or leave the amount out.',
    ],
    [
      'no amount at all',
      one('status: Issued'),
      'the invoice INV-1 has neither an amount nor lines\n  where: file invoices.yaml, line 2\n  hint: Give it one of them.',
    ],
    [
      'an amount with separators',
      one('amount: "1,234.50"'),
      'invoices.0.amount: expected an amount such as 1234.50\n  where: file invoices.yaml, line 2\n  hint: docs/reconcile.md shows a whole file.',
    ],
    [
      'a number of more digits than a double holds',
      one('amount: 1234567890123.4567'),
      'invoices.0.amount: expected an amount such as 1234.50; put quotes around one of more than 15 digits\n  where: file invoices.yaml, line 2\n  hint: docs/reconcile.md shows a whole file.',
    ],
    [
      'an account without quotes',
      one('account: 0123, amount: 5'),
      'invoices.0.account: expected a text; without quotes a number loses the zeros at its start\n  where: file invoices.yaml, line 2\n  hint: docs/reconcile.md shows a whole file.',
    ],
    [
      'a category that FOCUS does not have',
      one('lines: [{ category: Support, amount: 5 }]'),
      'invoices.0.lines.0.category: expected one of Usage, Purchase, Tax, Credit, Adjustment\n  where: file invoices.yaml, line 2\n  hint: docs/reconcile.md shows a whole file.',
    ],
  ])('%s', async (_what, text, message) => {
    expect(await mistakeIn(write('invoices.yaml', text))).toBe(message)
  })

  test('that is not there', async () => {
    expect(await mistakeIn(path.join(temporaryFolder(), 'invoices.yaml'))).toBe(
      'there is no file of invoices invoices.yaml\n  hint: finance.invoices in focal.yaml names it, relative to that file.',
    )
  })
})

const mapping = { invoice: 'Document', period: 'Month', currency: 'Curr', amount: 'Net', account: 'Payer' }

describe("a finance system's table", () => {
  test('csv, with its own names of columns', async () => {
    const file = write(
      'ap.csv',
      'Document,Month,Curr,Net,Payer,Clerk\nINV-1,2026-10,USD,100.50,A-1,Jo\nINV-1,2026-10,USD,-3,A-2,Jo\n',
    )
    expect(await read(file, mapping)).toEqual([
      {
        id: 'INV-1',
        issuer: null,
        period: '2026-10',
        currency: 'USD',
        status: 'Issued',
        payment: null,
        where: { file, row: 1 },
        lines: [
          { account: 'A-1', category: null, amount: '100.50', where: { file, row: 1 } },
          { account: 'A-2', category: null, amount: '-3', where: { file, row: 2 } },
        ],
      },
    ])
  })

  test("FOCUS's own InvoiceDetail as Parquet, with what was paid", async () => {
    const file = path.join(temporaryFolder(), 'invoice-detail.parquet')
    const opened = await session()
    await opened.run(`COPY (
      SELECT * FROM (VALUES
        ('INV-1', 'D-1', 'Nimbus Inc.', 'A-1', 'Usage', TIMESTAMPTZ '2026-10-01 00:00:00+00', 'USD', 100.25::DECIMAL(38, 18), 'Issued', 'EUR', 92.5::DECIMAL(38, 18)),
        ('INV-1', 'D-2', 'Nimbus Inc.', 'A-1', 'Usage', TIMESTAMPTZ '2026-10-01 00:00:00+00', 'USD', 10, 'Issued', 'EUR', 9.5)
      ) AS t(InvoiceId, InvoiceDetailId, InvoiceIssuerName, BillingAccountId, ChargeCategory, BillingPeriodStart, BillingCurrency,
        BilledCost, InvoiceIssueStatus, PaymentCurrency, PaymentCurrencyBilledCost)
    ) TO ${quoteText(file)} (FORMAT parquet)`)
    // As a provider delivers it: in several files.
    const files = file.replace('invoice-detail', '*')
    expect(await read(files)).toMatchObject([
      {
        id: 'INV-1',
        issuer: 'Nimbus Inc.',
        period: '2026-10',
        payment: { currency: 'EUR', amount: '102' },
        lines: [
          { account: 'A-1', category: 'Usage', amount: '100.250000000000000000' },
          { account: 'A-1', category: 'Usage', amount: '10.000000000000000000' },
        ],
      },
    ])
  })

  test.each([
    [
      'a column that is missing',
      'Document,Month,Curr\nINV-1,2026-10,USD\n',
      'the file has no column Net\n  where: file ap.csv\n  hint: It has Document, Month, Curr; commas separate columns.',
    ],
    [
      'a duplicate id',
      'Document,Month,Curr,Net,Payer\nINV-1,2026-10,USD,1,A-1\nINV-2,2026-10,USD,1,A-1\nINV-1,2026-10,USD,1,A-1\n',
      'the invoice INV-1 is there twice: in rows 1 and 3\n  where: file ap.csv, row 3, column Document, value "INV-1"\n  hint: Remove one; or tell lines apart by account, category or an id of the line.',
    ],
    [
      'two currencies of one invoice',
      'Document,Month,Curr,Net,Payer\nINV-1,2026-10,USD,1,A-1\nINV-1,2026-10,EUR,1,A-2\n',
      'the invoice INV-1 has two values of it: see row 1\n  where: file ap.csv, row 2, column Curr, value "EUR"\n  hint: An invoice has one month, one currency and one status.',
    ],
    [
      'an amount that is none',
      'Document,Month,Curr,Net,Payer\nINV-1,2026-10,USD,1e3,A-1\n',
      'this is no amount\n  where: file ap.csv, row 1, column Net, value "1e3"\n  hint: Write it as 1234.50, without thousands separators.',
    ],
    [
      'a month that is none',
      'Document,Month,Curr,Net,Payer\nINV-1,Oct 2026,USD,1,A-1\n',
      'this is no month\n  where: file ap.csv, row 1, column Month, value "Oct 2026"\n  hint: Write it as 2026-10, or as its first day.',
    ],
    [
      'an unknown currency',
      'Document,Month,Curr,Net,Payer\nINV-1,2026-10,usd,1,A-1\n',
      'the invoice INV-1 is in usd, which is no currency\n  where: file ap.csv, row 1\n  hint: Write its ISO 4217 code in capitals, such as EUR.',
    ],
  ])('%s', async (_what, text, message) => {
    expect(await mistakeIn(write('ap.csv', text), mapping)).toBe(message)
  })
})
