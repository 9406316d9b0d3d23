import { UserError } from '../../core/errors.ts'
import { periodBounds, type Period } from '../../core/period.ts'
import { amountText } from '../chargeback/amounts.ts'
import type { Chargeback } from '../chargeback/model.ts'
import { accountOf, companyOf, expensesOf, type Expense, type JournalRules } from './expenses.ts'
import type { Journal, JournalKind, JournalLine } from './journal.ts'

export interface PostRequest {
  readonly kind: JournalKind
  readonly rules: JournalRules
  /** Lines that one upload may have, its balancing line included; undefined when any number. */
  readonly maxLines?: number | undefined
}

/** A line before it has a number; `minor` above 0 is a debit. */
interface Entry extends Pick<
  JournalLine,
  'account' | 'costCentre' | 'memo' | 'originalPeriod' | 'partner' | 'statement'
> {
  readonly company: string
  readonly currency: string
  readonly minor: bigint
}

/**
 * A month's chargeback as journals: expense of those who are charged, against the account that the providers' invoices
 * wait on. Where they are of another company than the payer's, the two owe each other over the intercompany account.
 * Each journal balances by itself, however a month is cut into uploads.
 */
export function postChargeback(chargeback: Chargeback, { kind, rules, maxLines }: PostRequest): Journal[] {
  const payer = companyOf(rules.payer, rules)
  const expenses = expensesOf(chargeback, kind, rules)
  refuseSameIds(expenses)
  const entries = [...expenses.map(expenseEntry), ...receivables(expenses, payer, rules, chargeback.period)].filter(
    ({ minor }) => minor !== 0n,
  )
  const journals = Map.groupBy(entries, ({ company, currency }) => JSON.stringify([company, currency]))
  return [...journals.values()].flatMap((members) =>
    chunks(members, maxLines === undefined ? members.length : maxLines - 1).map((chunk, at) =>
      makeJournal([...chunk, balance(chunk, payer, rules, chargeback.period)], at + 1, chargeback, kind),
    ),
  )
}

/** Two companies whose journals would replace each other in the ledger. */
function refuseSameIds(expenses: readonly Expense[]): void {
  const companies = [...new Set(expenses.map(({ company }) => company))]
  for (const [at, company] of companies.entries()) {
    const same = companies.slice(0, at).find((other) => idPart(other) === idPart(company))
    if (same === undefined) continue
    throw new UserError(`the journals of ${same} and ${company} would have the same id`, {
      hint: 'Give each a company code with finance.journal.companies.',
    })
  }
}

function idPart(company: string): string {
  return company.replaceAll(/[^A-Za-z0-9]+/g, '-')
}

function expenseEntry(expense: Expense): Entry {
  return { ...expense, partner: null }
}

/** What other companies owe the payer, a line for each. */
function receivables(expenses: readonly Expense[], payer: string, rules: JournalRules, period: Period): Entry[] {
  const others = expenses.filter(({ company }) => company !== payer)
  return [...Map.groupBy(others, ({ company, currency }) => JSON.stringify([company, currency])).values()].flatMap(
    (members) => {
      const [first] = members
      if (first === undefined) return []
      return {
        company: payer,
        currency: first.currency,
        account: intercompanyAccount(rules, first.company),
        costCentre: null,
        memo: `Cloud cost ${period} of ${first.company}`,
        originalPeriod: period,
        partner: first.company,
        statement: null,
        minor: members.reduce((sum, { minor }) => sum + minor, 0n),
      }
    },
  )
}

/** The line that takes the others to zero: clearing at the payer, what is owed to the payer elsewhere. */
function balance(entries: readonly Entry[], payer: string, rules: JournalRules, period: Period): Entry {
  const [first] = entries
  const company = first?.company ?? payer
  const atPayer = company === payer
  return {
    company,
    currency: first?.currency ?? '',
    account: atPayer ? accountOf(rules.clearingAccount, undefined, rules) : intercompanyAccount(rules, company),
    costCentre: atPayer ? (rules.clearingCostCentre ?? null) : null,
    memo: atPayer ? `Cloud cost ${period} charged to cost centres` : `Cloud cost ${period} owed to ${payer}`,
    originalPeriod: period,
    partner: atPayer ? null : payer,
    statement: null,
    minor: -entries.reduce((sum, { minor }) => sum + minor, 0n),
  }
}

function intercompanyAccount(rules: JournalRules, company: string): string {
  if (rules.intercompanyAccount !== undefined) return accountOf(rules.intercompanyAccount, undefined, rules)
  throw new UserError(`${company} is charged by another company, and there is no account between the two`, {
    hint: 'Name it with finance.journal.intercompanyAccount.',
  })
}

function chunks<Item>(items: readonly Item[], size: number): Item[][] {
  const count = Math.ceil(items.length / Math.max(size, 1))
  return Array.from({ length: count }, (_, at) => items.slice(at * size, (at + 1) * size))
}

function makeJournal(entries: readonly Entry[], part: number, chargeback: Chargeback, kind: JournalKind): Journal {
  const { period, runId, asOf } = chargeback
  const { company = '', currency = '' } = entries[0] ?? {}
  // A later estimate of a month is another posting than an earlier one.
  const which = kind === 'accrual' ? `accrual-${asOf.slice(0, 10)}` : kind
  const id = `focal-${period}-${which}-${idPart(company)}-${currency}-${part}`
  const { end } = periodBounds(period)
  return {
    id,
    kind,
    period,
    company,
    currency,
    postingDate: dayBefore(end),
    reverseOn: kind === 'accrual' ? end : null,
    memo: `Cloud chargeback ${period}${kind === 'accrual' ? ', estimate' : ''}`,
    runId,
    lines: entries.filter(({ minor }) => minor !== 0n).map((entry, at) => makeLine(entry, at + 1, id)),
  }
}

function makeLine(entry: Entry, number: number, journal: string): JournalLine {
  const { account, costCentre, memo, originalPeriod, partner, statement, minor, currency } = entry
  return {
    number,
    externalId: `${journal}-${number}`,
    account,
    costCentre,
    debit: minor > 0n ? amountText(minor, currency) : null,
    credit: minor < 0n ? amountText(-minor, currency) : null,
    memo,
    originalPeriod,
    partner,
    statement,
  }
}

function dayBefore(day: string): string {
  return new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10)
}
