import type { ChargebackInput } from './input.ts'
import { lineAccounts, poolTotals } from './lines.ts'
import type { Chargeback } from './model.ts'
import { monthsLater } from './months.ts'
import { roundMonth } from './round.ts'
import { makeStatement } from './statements.ts'
import { makeSummary } from './summary.ts'

/**
 * A month's statements and the controller's summaries: pure, so that the same ledger gives the same chargeback.
 * UserError when a rate is missing.
 */
export function buildChargeback(input: ChargebackInput): Chargeback {
  const { period, postings } = input
  const details = roundMonth(postings.details, period, input)
  const earlier = [...Map.groupBy(postings.earlier, (line) => line.period)].flatMap(([month, lines]) =>
    roundMonth(lines, month, input),
  )
  const accounts = lineAccounts(period, details, earlier)
  const around = { input, previous: monthsLater(period, -1), poolTotals: poolTotals(details) }
  const statements = [...Map.groupBy(accounts, ({ key, currency }) => `${currency} ${key.target}`).values()]
    .flatMap((own) => {
      const [first] = own
      return first === undefined ? [] : makeStatement(first.key.target, first.currency, own, around)
    })
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const currencies = [...new Set(statements.map(({ currency }) => currency))].toSorted()
  return {
    period,
    state: input.state,
    chargeOn: input.chargeOn,
    runId: input.runId,
    ruleSet: input.ruleSet,
    asOf: input.asOf,
    yearFrom: input.yearFrom,
    rates: input.rates,
    summaries: currencies.map((currency) =>
      makeSummary(
        currency,
        statements.filter((statement) => statement.currency === currency),
        input,
      ),
    ),
    statements,
  }
}

/** The statements of one target alone, for sending on; without the controller's summaries. */
export function onlyTarget(chargeback: Chargeback, target: string): Chargeback {
  return {
    ...chargeback,
    summaries: [],
    statements: chargeback.statements.filter((statement) => statement.target === target),
  }
}
