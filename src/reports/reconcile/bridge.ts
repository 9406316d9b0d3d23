import { fromUnits } from '../../core/decimal.ts'
import type { BridgeStep } from '../chargeback/model.ts'
import { add } from './cells.ts'
import { breakClasses, type Break, type Bridge, type InvoiceResult } from './model.ts'
import type { ChargeGroup } from './place.ts'

/**
 * From the invoices of each billing currency to BilledCost and EffectiveCost: what differs by class, then what rounding
 * leaves. Every step is the exact difference between what is before and after it.
 */
export function bridgesOf(
  invoices: readonly InvoiceResult[],
  breaks: readonly Break[],
  groups: readonly ChargeGroup[],
): Bridge[] {
  const currencies = new Set([...invoices, ...groups].map(({ currency }) => currency))
  return [...currencies].toSorted().map((currency) => {
    const isOwn = (entry: { readonly currency: string }) => entry.currency === currency
    const own = groups.filter(isOwn)
    const invoiced = add(invoices.filter(isOwn).map((invoice) => invoice.invoiced))
    const billed = add(own.map((group) => group.billed))
    const effective = add(own.map((group) => group.effective))
    const differing = breakClasses.flatMap((kind) => {
      const members = breaks.filter((found) => isOwn(found) && found.class === kind)
      const amount = -add(members.map(({ difference }) => difference))
      return members.length === 0 ? [] : step(`Difference: ${kind}`, amount)
    })
    const told = add(differing.map(({ amount }) => amount))
    return {
      currency,
      steps: [
        ...(invoices.some(({ invoice, status }) => invoice !== null && status !== null)
          ? [
              step('Invoiced by the providers', invoiced, true),
              ...differing,
              step('Rounding of the invoices', billed - invoiced - told),
            ]
          : []),
        step('Billed by the providers (BilledCost)', billed, true),
        step('Commitments and prepayments spread over their use', effective - billed),
        step('Cost of the month (EffectiveCost)', effective, true),
      ],
    }
  })
}

/**
 * Bridges with the statements' own put on: after the billed cost of a currency where that is what they begin with, by
 * themselves where they are of amounts that were converted.
 */
export function withStatements(bridges: readonly Bridge[], statements: readonly Bridge[]): Bridge[] {
  const joined = bridges.map((bridge) => {
    const following = statements.find(({ currency, steps: [first] }) => {
      const billed = bridge.steps.find(({ name }) => name === first?.name)
      return currency === bridge.currency && billed?.amount === first?.amount
    })
    if (following === undefined) return { bridge, following }
    const at = bridge.steps.findIndex(({ name }) => name === following.steps[0]?.name)
    return { bridge: { ...bridge, steps: [...bridge.steps.slice(0, at), ...following.steps] }, following }
  })
  const alone = statements.filter((bridge) => !joined.some(({ following }) => following === bridge))
  return [...joined.map(({ bridge }) => bridge), ...alone]
}

function step(name: string, amount: bigint, isTotal = false): BridgeStep {
  return { name, amount: fromUnits(amount), isTotal }
}
