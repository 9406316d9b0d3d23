import { exactOfText, exactText, convert } from './amounts.ts'
import type { ChargebackInput } from './input.ts'
import { sum } from './lines.ts'
import type { BridgeStep, Statement } from './model.ts'
import type { LedgerTotal } from './read.ts'
import { rateOf } from './round.ts'

/** From what providers billed to what statements say, each step to the last digit. */
export function bridgeOf(currency: string, statements: readonly Statement[], input: ChargebackInput): BridgeStep[] {
  const { period, reportingCurrency, chargeOn } = input
  const own = input.postings.totals.filter((total) => (reportingCurrency ?? total.currency) === currency)
  const converted = (pick: (total: LedgerTotal) => string) =>
    sum(own.map((total) => convert(pick(total), rateOf(total.currency, currency, period, input))))
  const billed = converted((total) => total.billed) - converted((total) => total.correctedBilled)
  const effective = converted((total) => total.effective) - converted((total) => total.correctedEffective)
  const corrections = converted((total) =>
    chargeOn === 'BilledCost' ? total.correctedBilled : total.correctedEffective,
  )
  const shown = sum(statements.map(({ total }) => exactOfText(total)))
  const charged = (chargeOn === 'BilledCost' ? billed : effective) + corrections
  const step = (name: string, amount: bigint, isTotal = false): BridgeStep => ({
    name,
    amount: exactText(amount),
    isTotal,
  })
  return [
    step('Billed by the providers (BilledCost)', billed, true),
    ...(chargeOn === 'BilledCost'
      ? []
      : [
          step('Commitments and prepayments spread over their use', effective - billed),
          step('Cost of the month (EffectiveCost)', effective, true),
        ]),
    step('Corrections of closed months', corrections),
    step('Allocated to targets', charged, true),
    step('Rounding', shown - charged),
    step('Statements', shown, true),
  ]
}
