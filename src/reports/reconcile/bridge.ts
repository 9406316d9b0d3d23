import { fromUnits } from '../../core/decimal.ts'
import { convert, exactOfText, exactText } from '../chargeback/amounts.ts'
import type { BridgeStep, Rate } from '../chargeback/model.ts'
import { add } from './cells.ts'
import { breakClasses, type Break, type Bridge, type InvoiceResult } from './model.ts'
import type { ChargeGroup } from './place.ts'

const billedStep = 'Billed by the providers (BilledCost)'

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
        step(billedStep, billed, true),
        step('Commitments and prepayments spread over their use', effective - billed),
        step('Cost of the month (EffectiveCost)', effective, true),
      ],
    }
  })
}

/**
 * Bridges with those of the statements put on at BilledCost. Statements in the currency of a bill go on with its bridge;
 * those in a reporting currency begin with what was billed in each currency, at the month's rate.
 */
export function withStatements(
  bridges: readonly Bridge[],
  statements: readonly Bridge[],
  rates: readonly Pick<Rate, 'from' | 'to' | 'rate'>[],
): Bridge[] {
  const converted = (to: string) =>
    bridges.flatMap(({ currency: from, steps }) => {
      const rate = from === to ? '1' : rates.find((one) => one.from === from && one.to === to)?.rate
      const billed = steps.find(({ name }) => name === billedStep)?.amount
      return rate === undefined || billed === undefined ? [] : { from, rate, amount: convert(billed, rate) }
    })
  const isConverted = (currency: string) => rates.some(({ to }) => to === currency)
  const joined = bridges.map((bridge) => {
    const following = statements.find(({ currency }) => currency === bridge.currency && !isConverted(currency))
    const at = bridge.steps.findIndex(({ name }) => name === billedStep)
    const billed = bridge.steps[at]
    if (following === undefined || billed === undefined) return bridge
    return { ...bridge, steps: [...bridge.steps.slice(0, at), ...goOn(billed, following.steps)] }
  })
  const alone = statements
    .filter(({ currency }) => isConverted(currency))
    .map(({ currency, steps }) => {
      const parts = converted(currency)
      const total = exactText(parts.reduce((sum, { amount }) => sum + amount, 0n))
      const told = parts.map(({ from, rate, amount }) => ({
        name: `Billed in ${from}${from === currency ? '' : `, at ${rate}`}`,
        amount: exactText(amount),
        isTotal: false,
      }))
      return { currency, steps: [...told, ...goOn({ name: billedStep, amount: total, isTotal: true }, steps)] }
    })
  return [...joined, ...alone]
}

/** From what is billed on with the statements' steps; before those, what they do not have of it. */
function goOn(billed: BridgeStep, [first, ...rest]: readonly BridgeStep[]): BridgeStep[] {
  if (first === undefined) return [billed]
  const difference = exactOfText(first.amount) - exactOfText(billed.amount)
  if (difference === 0n) return [billed, ...rest]
  const restated = { name: 'Restated since it was allocated or closed', amount: exactText(difference), isTotal: false }
  return [billed, restated, { ...first, name: 'Billed, as allocated' }, ...rest]
}

function step(name: string, amount: bigint, isTotal = false): BridgeStep {
  return { name, amount: fromUnits(amount), isTotal }
}
