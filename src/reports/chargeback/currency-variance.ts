import { roundToUnit } from '../../core/apportion.ts'
import { toUnits } from '../../core/decimal.ts'
import { minorUnit } from './amounts.ts'
import type { ChargebackInput } from './input.ts'
import { sum, type LineAccount } from './lines.ts'
import { rateOf } from './round.ts'

/**
 * How much of a budget's variance is the currencies': what was billed in others, at the month's rates less at those that
 * the budget was planned with, in minor units. null when nothing was, or nobody says what was planned with.
 */
export function currencyVariance(
  accounts: readonly LineAccount[],
  currency: string,
  input: Pick<ChargebackInput, 'period' | 'rates' | 'budgetRates'>,
): bigint | null {
  const { period, budgetRates } = input
  const converted = accounts.filter(({ key, details }) => key.currency !== currency && details.length > 0)
  const isPlanned = ({ key }: LineAccount) =>
    budgetRates.some((rate) => rate.period === period && rate.from === key.currency && rate.to === currency)
  if (converted.length === 0 || !converted.every(isPlanned)) return null
  const exact = converted.flatMap(({ key, details }) => {
    const actual = toUnits(rateOf(key.currency, currency, period, input))
    const planned = toUnits(rateOf(key.currency, currency, period, { rates: budgetRates }))
    return details.map(({ row }) => toUnits(row.exact) * (actual - planned))
  })
  return roundToUnit(sum(exact), minorUnit(currency))
}
