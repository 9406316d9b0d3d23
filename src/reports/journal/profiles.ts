import { createHash } from 'node:crypto'
import type { Column } from '../sheet.ts'
import type { JournalRules } from './expenses.ts'
import type { Journal, JournalLine } from './journal.ts'

/** How a ledger wants its upload. */
export interface Profile {
  readonly columns: readonly Column<ProfileRow>[]
  /** Lines that one upload may have. */
  readonly maxLines?: number
  /** Digits that an amount may have before the point. */
  readonly maxDigits?: number
  /** Whether its uploads say no currency, so that a company's must all be of one. */
  readonly saysNoCurrency?: boolean
}

export interface ProfileRow {
  readonly journal: Journal
  readonly line: JournalLine
  readonly rules: JournalRules
}

export const profileNames = ['generic', 'netsuite', 'sap', 'quickbooks', 'xero'] as const
export type ProfileName = (typeof profileNames)[number]

type Value = (row: ProfileRow) => string | null
const text = (header: string, value: Value): Column<ProfileRow> => ({ header, kind: 'text', value })
const amount = (header: string, value: Value): Column<ProfileRow> => ({ header, kind: 'amount', value })
const debit: Value = ({ line }) => line.debit
const credit: Value = ({ line }) => line.credit
const account: Value = ({ line }) => line.account
const memo: Value = ({ line }) => line.memo
const costCentre: Value = ({ line }) => line.costCentre
const id: Value = ({ journal }) => journal.id
/** Where 16 or 21 characters are kept of an id: `202610F-5f0c91e2` is the same whenever the posting is. */
const shortId: Value = ({ journal }) => {
  const hash = createHash('sha256').update(journal.id).digest('hex').slice(0, 8)
  return `${journal.period.replace('-', '')}${journal.kind === 'final' ? 'F' : 'A'}-${hash}`
}

const monthFirst = (day: string) => day.replace(/^(\d+)-(\d+)-(\d+)$/, '$2/$3/$1')
const dayFirst = (day: string) => day.replace(/^(\d+)-(\d+)-(\d+)$/, '$3/$2/$1')
const compact = (day: string) => day.replaceAll('-', '')

/**
 * Columns as each ledger's own import names them: NetSuite's journal entry import, the line items of SAP S/4HANA's
 * Upload General Journal Entries, QuickBooks Online's and Xero's templates for journals.
 */
export const profiles: Readonly<Record<ProfileName, Profile>> = {
  generic: {
    columns: [
      text('journal_id', id),
      { header: 'line_no', kind: 'count', value: ({ line }) => String(line.number) },
      text('external_id', ({ line }) => line.externalId),
      text('kind', ({ journal }) => journal.kind),
      text('posting_date', ({ journal }) => journal.postingDate),
      text('reverse_on', ({ journal }) => journal.reverseOn),
      text('period', ({ journal }) => journal.period),
      text('original_period', ({ line }) => line.originalPeriod),
      text('company', ({ journal }) => journal.company),
      text('intercompany_partner', ({ line }) => line.partner),
      text('currency', ({ journal }) => journal.currency),
      text('gl_account', account),
      text('cost_centre', costCentre),
      amount('debit', debit),
      amount('credit', credit),
      text('memo', memo),
      text('source_statement', ({ line }) => line.statement),
      text('reference', ({ journal }) => journal.runId),
    ],
  },
  netsuite: {
    maxDigits: 10,
    columns: [
      text('External ID', id),
      text('Date', ({ journal }) => monthFirst(journal.postingDate)),
      text('Reversal Date', ({ journal }) => journal.reverseOn && monthFirst(journal.reverseOn)),
      text('Subsidiary', ({ journal }) => journal.company),
      text('Currency', ({ journal }) => journal.currency),
      text('Memo', ({ journal }) => journal.memo),
      text('Account', account),
      amount('Debit', debit),
      amount('Credit', credit),
      text('Department', costCentre),
      text('Line Memo', memo),
      text('Due To/From Subsidiary', ({ line }) => line.partner),
    ],
  },
  sap: {
    maxLines: 999,
    columns: [
      text('Reference Document', shortId),
      text('Company Code', ({ journal }) => journal.company),
      text('Journal Entry Type', () => 'SA'),
      text('Journal Entry Date', ({ journal }) => compact(journal.postingDate)),
      text('Posting Date', ({ journal }) => compact(journal.postingDate)),
      text('Reversal Date', ({ journal }) => journal.reverseOn && compact(journal.reverseOn)),
      text('Transaction Currency', ({ journal }) => journal.currency),
      // SAP keeps 25 characters of a header text and 50 of an item text.
      text('Document Header Text', ({ journal }) => journal.memo.slice(0, 25)),
      { header: 'Item', kind: 'count', value: ({ line }) => String(line.number) },
      text('G/L Account', account),
      text('Cost Center', costCentre),
      text('Trading Partner', ({ line }) => line.partner),
      amount('Debit', debit),
      amount('Credit', credit),
      text('Item Text', ({ line }) => line.memo.slice(0, 50)),
      text('Assignment', ({ line }) => line.originalPeriod),
    ],
  },
  quickbooks: {
    columns: [
      text('Journal No', shortId),
      text('Journal Date', ({ journal }) => monthFirst(journal.postingDate)),
      text('Currency', ({ journal }) => journal.currency),
      text('Memo', ({ journal }) => `${journal.memo} (${journal.id})`),
      text('Account Name', account),
      amount('Debits', debit),
      amount('Credits', credit),
      text('Description', memo),
      text('Class', costCentre),
    ],
  },
  xero: {
    maxLines: 300,
    saysNoCurrency: true,
    columns: [
      // Xero takes lines of one narration and date for one journal.
      text('*Narration', ({ journal }) => `${journal.memo} (${journal.id})`),
      text('*Date', ({ journal }) => dayFirst(journal.postingDate)),
      text('Description', memo),
      text('*AccountCode', account),
      text('*TaxRate', ({ rules }) => rules.taxRate),
      amount('*Amount', ({ line }) => line.debit ?? `-${line.credit}`),
      text('TrackingName1', ({ line }) => line.costCentre && 'Cost centre'),
      text('TrackingOption1', costCentre),
    ],
  },
}
