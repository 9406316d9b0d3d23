import { apportion, roundToUnit } from '../../core/apportion.ts'
import { UserError } from '../../core/errors.ts'
import type { Period } from '../../core/period.ts'
import { minorOf } from '../chargeback/amounts.ts'
import type { Chargeback, Line, Statement } from '../chargeback/model.ts'
import type { JournalKind } from './journal.ts'

/** What a cost centre is charged on an account: one debit, or a credit when below 0. */
export interface Expense {
  readonly company: string
  readonly currency: string
  readonly account: string
  readonly costCentre: string
  readonly originalPeriod: Period
  readonly memo: string
  readonly statement: string
  /** Minor units of the currency. */
  readonly minor: bigint
}

export interface JournalRules {
  /** The legal entity that pays the providers. */
  readonly payer: string
  readonly clearingAccount: string
  readonly clearingCostCentre?: string | undefined
  readonly intercompanyAccount?: string | undefined
  /** Company codes by legal entity. */
  readonly companies?: Readonly<Record<string, string>> | undefined
  /** The ledger's names of accounts. */
  readonly accounts?: Readonly<Record<string, string>> | undefined
  readonly taxRate: string
}

/**
 * What is charged, by statement, account, cost centre and original month. Showback is not posted. An accrual posts the
 * forecast of a statement where there is one. UserError for a target without account or cost centre, an account that the
 * ledger does not have and a legal entity without a company.
 */
export function expensesOf(chargeback: Chargeback, kind: JournalKind, rules: JournalRules): Expense[] {
  return chargeback.statements.flatMap((statement) => {
    const charged = statement.lines.filter(({ mode }) => mode === 'chargeback')
    const groups = Map.groupBy(charged, ({ costCentre, glAccount, originalPeriod }) =>
      JSON.stringify([originalPeriod ?? chargeback.period, glAccount, costCentre]),
    )
    const expenses = [...groups.values()].flatMap((lines) => expenseOf(statement, lines, chargeback.period, rules))
    const posted = (kind === 'accrual' ? atForecast(statement, expenses) : expenses).filter(({ minor }) => minor !== 0n)
    return posted.toSorted(inOrder)
  })
}

/** By what an expense is, not by its amount: it keeps its place, and so its line's id, when amounts change. */
function inOrder(one: Expense, other: Expense): number {
  const key = ({ account, costCentre, originalPeriod }: Expense) => [account, costCentre, originalPeriod].join('\n')
  return key(one) < key(other) ? -1 : 1
}

function expenseOf(statement: Statement, lines: readonly Line[], period: Period, rules: JournalRules): Expense[] {
  const [first] = lines
  if (first === undefined) return []
  const { target, name, currency, id } = statement
  const original = first.originalPeriod ?? period
  if (first.costCentre === null) throw unmapped(target, 'cost centre', 'cost_centre')
  if (first.glAccount === null) throw unmapped(target, 'GL account', 'gl_account')
  return [
    {
      company: companyOf(statement.legalEntity, rules, target),
      currency,
      account: accountOf(first.glAccount, target, rules),
      costCentre: first.costCentre,
      originalPeriod: original,
      memo: original === period ? `Cloud cost ${period}, ${name}` : `Cloud cost correction of ${original}, ${name}`,
      statement: id,
      minor: lines.reduce((sum, { amount }) => sum + minorOf(amount, currency), 0n),
    },
  ]
}

function unmapped(target: string, what: string, column: string): UserError {
  return new UserError(`the target ${target} is charged but has no ${what}`, {
    hint: `Give it one in the registry (${column}), or set its mode to showback.`,
  })
}

export function accountOf(account: string, target: string | undefined, { accounts }: JournalRules): string {
  const known = accounts === undefined ? account : accounts[account]
  if (known !== undefined) return known
  const whose = target === undefined ? '' : ` of the target ${target}`
  throw new UserError(`the ledger has no account for the GL account ${account}${whose}`, {
    hint: 'Add it to finance.journal.accounts, or correct the registry.',
  })
}

export function companyOf(legalEntity: string | null, rules: JournalRules, target?: string): string {
  const entity = legalEntity ?? rules.payer
  const company = rules.companies === undefined ? entity : rules.companies[entity]
  if (company !== undefined) return company
  const whose = target === undefined ? '' : ` of the target ${target}`
  throw new UserError(`there is no company for the legal entity ${entity}${whose}`, {
    hint: 'Add it to finance.journal.companies, or correct the registry.',
  })
}

/** What is booked so far, grown to what the statement is forecast to be at the month's end. */
function atForecast({ forecast, total: shown, currency }: Statement, expenses: readonly Expense[]): Expense[] {
  const booked = minorOf(shown, currency)
  if (forecast === null || booked === 0n) return [...expenses]
  // An expense grows as its statement does, by expected / booked: here in units of 1 / booked of the minor unit.
  const sign = booked < 0n ? -1n : 1n
  const [factor, unit] = [minorOf(forecast.expected, currency) * sign, booked * sign]
  const grown = expenses.map(({ minor }) => minor * factor)
  const total = roundToUnit(
    grown.reduce((sum, amount) => sum + amount, 0n),
    unit,
  )
  const shares = apportion(total, grown, unit)
  return expenses.map((expense, at) => ({ ...expense, minor: shares[at] ?? 0n, memo: `${expense.memo}, estimate` }))
}
