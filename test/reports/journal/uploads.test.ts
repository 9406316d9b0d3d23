import { describe, expect, test } from 'vitest'
import { describeError } from '../../../src/core/errors.ts'
import { buildChargeback } from '../../../src/reports/chargeback/build.ts'
import type { DetailRow } from '../../../src/reports/chargeback/read.ts'
import type { JournalRules } from '../../../src/reports/journal/expenses.ts'
import type { JournalKind } from '../../../src/reports/journal/journal.ts'
import { postChargeback } from '../../../src/reports/journal/post.ts'
import { profiles, type ProfileName } from '../../../src/reports/journal/profiles.ts'
import { journalUploads } from '../../../src/reports/journal/uploads.ts'
import { chargebackInput, posting } from '../chargeback/postings.ts'

const rules: JournalRules = {
  payer: 'Acme GmbH',
  clearingAccount: '189000',
  companies: { 'Acme GmbH': '1000' },
  accounts: { '640100': '6401', '189000': '1890' },
  taxRate: 'Tax Exempt',
}

function uploads(name: ProfileName, details: readonly DetailRow[], kind: JournalKind = 'final'): string[] {
  const profile = profiles[name]
  const chargeback = buildChargeback(chargebackInput(details))
  return journalUploads(postChargeback(chargeback, { kind, rules, maxLines: profile.maxLines }), profile, rules)
}

const charge = [posting({ exact: '1234.5' })]
const linesOf = (csv: string | undefined) => csv?.trimEnd().split('\r\n')

describe('an upload for', () => {
  test('any ledger has every fact in columns of its own', () => {
    expect(linesOf(uploads('generic', charge, 'accrual')[0])).toEqual([
      'journal_id,line_no,external_id,kind,posting_date,reverse_on,period,original_period,company,intercompany_partner,currency,gl_account,cost_centre,debit,credit,memo,source_statement,reference',
      'focal-2026-10-accrual-2026-11-03-1000-USD-1,1,focal-2026-10-accrual-2026-11-03-1000-USD-1-1,accrual,2026-10-31,2026-11-01,2026-10,2026-10,1000,,USD,6401,CC-1100,1234.50,,"Cloud cost 2026-10, Payments",2026-10/payments/USD,0123456789abcdef',
      'focal-2026-10-accrual-2026-11-03-1000-USD-1,2,focal-2026-10-accrual-2026-11-03-1000-USD-1-2,accrual,2026-10-31,2026-11-01,2026-10,2026-10,1000,,USD,1890,,,1234.50,Cloud cost 2026-10 charged to cost centres,,0123456789abcdef',
    ])
  })

  test('NetSuite', () => {
    expect(linesOf(uploads('netsuite', charge)[0])).toEqual([
      'External ID,Date,Reversal Date,Subsidiary,Currency,Memo,Account,Debit,Credit,Department,Line Memo,Due To/From Subsidiary',
      'focal-2026-10-final-1000-USD-1,10/31/2026,,1000,USD,Cloud chargeback 2026-10,6401,1234.50,,CC-1100,"Cloud cost 2026-10, Payments",',
      'focal-2026-10-final-1000-USD-1,10/31/2026,,1000,USD,Cloud chargeback 2026-10,1890,,1234.50,,Cloud cost 2026-10 charged to cost centres,',
    ])
  })

  test('SAP keeps to 16 characters of a reference, 25 of a header and 50 of an item', () => {
    const name = posting({ exact: '1', target: 'a-team-that-is-not-in-the-registry-and-is-long' })
    const [, first = ''] = linesOf(uploads('sap', [name])[0]) ?? []
    expect(first).toBe(
      '202610F-60ac5395,1000,SA,20261031,20261031,,USD,Cloud chargeback 2026-10,1,6401,CC-1100,,1.00,,"Cloud cost 2026-10, a-team-that-is-not-in-the-regi",2026-10',
    )
  })

  test('QuickBooks', () => {
    expect(linesOf(uploads('quickbooks', charge)[0])).toEqual([
      'Journal No,Journal Date,Currency,Memo,Account Name,Debits,Credits,Description,Class',
      '202610F-60ac5395,10/31/2026,USD,Cloud chargeback 2026-10 (focal-2026-10-final-1000-USD-1),6401,1234.50,,"Cloud cost 2026-10, Payments",CC-1100',
      '202610F-60ac5395,10/31/2026,USD,Cloud chargeback 2026-10 (focal-2026-10-final-1000-USD-1),1890,,1234.50,Cloud cost 2026-10 charged to cost centres,',
    ])
  })

  test('Xero has one amount, credits below 0', () => {
    expect(linesOf(uploads('xero', charge)[0])).toEqual([
      '*Narration,*Date,Description,*AccountCode,*TaxRate,*Amount,TrackingName1,TrackingOption1',
      'Cloud chargeback 2026-10 (focal-2026-10-final-1000-USD-1),31/10/2026,"Cloud cost 2026-10, Payments",6401,Tax Exempt,1234.50,Cost centre,CC-1100',
      'Cloud chargeback 2026-10 (focal-2026-10-final-1000-USD-1),31/10/2026,Cloud cost 2026-10 charged to cost centres,1890,Tax Exempt,-1234.50,,',
    ])
  })
})

test('a month of more lines than an upload may have is several, each within the limit', () => {
  const many = Array.from({ length: 1500 }, (_, at) => posting({ exact: '1', costCentre: `CC-${at}` }))
  const made = uploads('sap', many)
  expect(made.map((csv) => (linesOf(csv)?.length ?? 0) - 1)).toEqual([999, 503])
  expect(new Set(made.map((csv) => linesOf(csv)?.[1]?.split(',')[0])).size).toBe(2)
})

test('a name that is a formula is a name in an upload too', () => {
  const [csv = ''] = uploads('generic', [posting({ exact: '1', costCentre: '=1+1' })])
  expect(csv).toContain(`,'=1+1,`)
})

test('an amount that the ledger has no room for is refused', () => {
  const refused = () => uploads('netsuite', [posting({ exact: '12345678901.25' })])
  expect(told(refused)).toBe(
    'the ledger takes amounts of at most 10 digits before the point\n  where: row 1, value "12345678901.25"\n  hint: Post this journal by hand, or with the generic profile.',
  )
})

test('two currencies are refused where uploads say no currency', () => {
  const refused = () => uploads('xero', [posting({ exact: '1' }), posting({ exact: '1', currency: 'EUR' })])
  expect(told(refused)).toBe(
    "1000 has journals in EUR and USD, and this ledger's uploads say no currency\n  hint: Set finance.reportingCurrency, or take the generic profile.",
  )
})

function told(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return describeError(error)
  }
  return 'nothing was refused'
}
