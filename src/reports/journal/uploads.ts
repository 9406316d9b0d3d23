import { UserError } from '../../core/errors.ts'
import { csvOf, type Sheet } from '../sheet.ts'
import type { JournalRules } from './expenses.ts'
import type { Journal, JournalLine } from './journal.ts'
import type { Profile, ProfileRow } from './profiles.ts'

/**
 * One upload for each journal, as CSV. UserError when an amount is larger than the ledger takes, or when a company has
 * journals of two currencies and the uploads do not say which.
 */
export function journalUploads(journals: readonly Journal[], profile: Profile, rules: JournalRules): string[] {
  if (profile.saysNoCurrency) refuseTwoCurrencies(journals)
  return journals.map((journal) => {
    for (const line of journal.lines) refuseLongAmount(line, profile)
    const sheet: Sheet<ProfileRow> = {
      name: journal.id,
      columns: profile.columns,
      rows: journal.lines.map((line) => ({ journal, line, rules })),
    }
    return csvOf(sheet)
  })
}

function refuseTwoCurrencies(journals: readonly Journal[]): void {
  for (const [company, own] of Map.groupBy(journals, (journal) => journal.company)) {
    const currencies = [...new Set(own.map(({ currency }) => currency))]
    if (currencies.length < 2) continue
    throw new UserError(
      `${company} has journals in ${currencies.join(' and ')}, and this ledger's uploads say no currency`,
      {
        hint: 'Set finance.reportingCurrency, or take the generic profile.',
      },
    )
  }
}

function refuseLongAmount({ debit, credit, number }: JournalLine, { maxDigits }: Profile): void {
  const value = debit ?? credit ?? ''
  const digits = value.split('.')[0]?.length ?? 0
  if (maxDigits === undefined || digits <= maxDigits) return
  throw new UserError(`the ledger takes amounts of at most ${maxDigits} digits before the point`, {
    where: { row: number, value },
    hint: 'Post this journal by hand, or with the generic profile.',
  })
}
