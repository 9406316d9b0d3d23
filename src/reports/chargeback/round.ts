import { roundTopDown } from '../../core/apportion.ts'
import { UserError } from '../../core/errors.ts'
import type { Period } from '../../core/period.ts'
import { convert, minorUnit } from './amounts.ts'
import type { ChargebackInput } from './input.ts'
import type { LineKey } from './read.ts'

/** A posting or line in the currency of its statement. */
export interface Rounded<Row> {
  readonly row: Row
  readonly currency: string
  /** Count of 10^-36 before rounding. */
  readonly exact: bigint
  /** Count of the currency's minor unit. */
  readonly minor: bigint
}

type Postable = LineKey & { readonly exact: string }

/**
 * Brings one month's rows into the currency of the statements and rounds them top-down: what was billed in a currency,
 * then legal entities, targets, accounts, lines and details, so that each level adds up. The amounts of a level do not
 * depend on what is below it. UserError names a rate that is missing.
 */
export function roundMonth<Row extends Postable>(
  rows: readonly Row[],
  period: Period,
  input: Pick<ChargebackInput, 'reportingCurrency' | 'rates' | 'targets'>,
): Rounded<Row>[] {
  return [...Map.groupBy(rows, ({ currency }) => currency)].flatMap(([billed, members]) => {
    const currency = input.reportingCurrency ?? billed
    const rate = rateOf(billed, currency, period, input)
    const exact = new Map(members.map((row) => [row, convert(row.exact, rate)]))
    const exactOf = (row: Row) => exact.get(row) ?? 0n
    const minors = roundTopDown(members, {
      exact: exactOf,
      levels: [
        ({ target }) => input.targets.get(target)?.legalEntity ?? '',
        ({ target }) => target,
        ({ costCentre, glAccount }) => JSON.stringify([costCentre, glAccount]),
        lineKey,
      ],
      unit: minorUnit(currency),
    })
    return members.map((row, at) => ({ row, currency, exact: exactOf(row), minor: minors[at] ?? 0n }))
  })
}

/** What tells a line from others, as text; the same in every month. */
export function lineKey(key: LineKey): string {
  return JSON.stringify([
    key.currency,
    key.target,
    key.mode,
    key.costCentre,
    key.glAccount,
    key.kind,
    key.pool,
    key.rule,
    key.reason,
    key.originalPeriod,
    key.cause,
    key.lineIssuer,
    key.lineCategory,
  ])
}

/** What one unit of a currency was in another in a month. UserError when nobody has said. */
export function rateOf(from: string, to: string, period: Period, { rates }: Pick<ChargebackInput, 'rates'>): string {
  if (from === to) return '1'
  const found = rates.find((rate) => rate.from === from && rate.to === to && rate.period === period)
  if (found !== undefined) return found.rate
  throw new UserError(`there is no rate from ${from} to ${to} for ${period}`, {
    hint: 'Add it to the file that finance.rates names.',
  })
}
