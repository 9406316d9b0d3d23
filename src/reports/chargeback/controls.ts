import { exactOfText, exactText, convert } from './amounts.ts'
import type { ChargebackInput, PublishedTotal } from './input.ts'
import { sum } from './lines.ts'
import type { Control, Statement } from './model.ts'
import type { LedgerTotal } from './read.ts'
import { rateOf } from './round.ts'

/**
 * What must agree, each side summed by itself: the FOCUS rows with what was allocated of them, the postings with the
 * statements, the statements with their lines and details. Differences are exact; rounding is the statements' own.
 */
export function controlsOf(currency: string, statements: readonly Statement[], input: ChargebackInput): Control[] {
  const { period, reportingCurrency, chargeOn, postings, published } = input
  const own = postings.totals.filter((total) => (reportingCurrency ?? total.currency) === currency)
  const charged = sum(
    own.map((total) =>
      convert(
        chargeOn === 'BilledCost' ? total.billed : total.effective,
        rateOf(total.currency, currency, period, input),
      ),
    ),
  )
  const lines = statements.flatMap((statement) => statement.lines)
  const added = (amounts: readonly string[]) => sum(amounts.map(exactOfText))
  const totals = added(statements.map(({ total }) => total))
  return [
    ...own.flatMap((total) => focusControls(total, published)),
    control(
      `Postings = statements before rounding, ${currency}`,
      charged,
      sum(statements.map(({ exact }) => exactOfText(exact))),
    ),
    control(`Statements = their lines, ${currency}`, totals, added(lines.map(({ amount }) => amount))),
    control(
      `Lines = their details, ${currency}`,
      added(lines.map(({ amount }) => amount)),
      added(lines.flatMap(({ details }) => details.map(({ amount }) => amount))),
    ),
  ]
}

function focusControls(total: LedgerTotal, published: readonly PublishedTotal[]): Control[] {
  const focus = published.find(({ currency }) => currency === total.currency)
  const allocated = (all: string, corrections: string) => exactOfText(all) - exactOfText(corrections)
  return [
    control(
      `BilledCost of FOCUS rows = allocated, ${total.currency}`,
      exactOfText(focus?.billed ?? '0'),
      allocated(total.billed, total.correctedBilled),
    ),
    control(
      `EffectiveCost of FOCUS rows = allocated, ${total.currency}`,
      exactOfText(focus?.effective ?? '0'),
      allocated(total.effective, total.correctedEffective),
    ),
  ]
}

function control(name: string, left: bigint, right: bigint): Control {
  return { name, left: exactText(left), right: exactText(right), difference: exactText(left - right) }
}
