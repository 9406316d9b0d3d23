import { describeWhere } from '../core/errors.ts'
import type { Control } from '../reports/chargeback/model.ts'
import type { Break, Bridge, InvoicePart, InvoiceResult, Reconciliation } from '../reports/reconcile/model.ts'
import { count, money, table } from './table.ts'

/** A month held against its invoices, as people read it: invoices, what differs and why, the way to the statements. */
export function describeReconciliation(found: Reconciliation): string {
  const { period, invoices, breaks, bridges, controls } = found
  return [
    ...(found.hasInvoices
      ? [`Invoices of ${period}:`, '', describeInvoices(invoices)]
      : ['No invoices to hold the charges against: finance.invoices in focal.yaml names their file.']),
    ...breaks.flatMap((one, at) => ['', ...describeBreak(one, at + 1)]),
    ...bridges.flatMap((bridge) => ['', describeBridge(bridge)]),
    '',
    ...describeControls(controls),
    verdict(found),
  ].join('\n')
}

function describeInvoices(invoices: readonly InvoiceResult[]): string {
  return table(
    ['issuer', 'invoice', 'currency', 'rows', 'invoiced', 'BilledCost', 'difference', 'tolerance', 'result'],
    invoices.flatMap((found) => [
      [found.issuer ?? '', found.invoice ?? '(on none)', found.currency, ...figures(found), found.result],
      ...(found.parts.length < 2
        ? []
        : found.parts.map((part) => ['', `  ${partName(part)}`, '', ...figures(part), ''])),
    ]),
  )
}

function figures({ rows, invoiced, billed, difference, tolerance }: InvoiceResult | InvoicePart): string[] {
  return [count(rows), ...[invoiced, billed, difference, tolerance].map(money)]
}

function partName({ account, category }: Pick<InvoicePart, 'account' | 'category'>): string {
  return [account, category].filter((name) => name !== null).join(', ')
}

function describeBreak(found: Break, number: number): string[] {
  const { currency, invoiced, billed, difference } = found
  const part = partName(found)
  const place = [found.invoice ?? `${found.issuer ?? 'charges'} without an invoice`, part].filter(Boolean).join(': ')
  return [
    `${number}. ${found.class}, ${place}: ${money(difference)} ${currency}${found.counts ? '' : ' (told only)'}`,
    `   ${found.text}`,
    `   Invoiced ${money(invoiced)}, BilledCost ${money(billed)}.`,
    ...found.lines.map((where) => `   Look at ${describeWhere(where)}.`),
    ...describeCharges(found),
  ]
}

function describeCharges({ charges, found }: Break): string[] {
  if (charges.length === 0) return []
  const shown = table(
    ['charge', 'month', 'used', 'sub account', 'service', 'category', 'BilledCost'],
    charges.map(({ charge, period, used, subAccount, service, category, billed }) => [
      charge,
      period,
      used,
      subAccount ?? '',
      service ?? '',
      category,
      money(billed),
    ]),
  )
  const heading = found > charges.length ? `The largest of ${count(found)} charges:` : `${count(found)} charges:`
  return [`   ${found === 1 ? '1 charge:' : heading}`, ...shown.split('\n').map((line) => `   ${line}`)]
}

function describeBridge({ currency, steps }: Bridge): string {
  return table(
    ['from the invoices to the statements', currency],
    steps.map(({ name, amount, isTotal }) => [isTotal ? name : `  ${name}`, money(amount)]),
  )
}

function describeControls(controls: readonly Control[]): string[] {
  const wrong = controls.filter(({ difference }) => difference !== '0')
  if (wrong.length === 0)
    return [`Of focal's own steps, ${count(controls.length)} totals were compared: all tie to the last digit.`]
  return wrong.map(
    ({ name, left, right, difference }) => `${name}: ${left} and ${right}, which differ by ${difference}`,
  )
}

function verdict({ period, ties, breaks, hasInvoices }: Reconciliation): string {
  const counting = breaks.filter(({ counts }) => counts).length
  if (ties) return hasInvoices ? `${period} ties.` : `${period} ties within the lake; it was held against no invoice.`
  if (counting === 0) return `${period} does not tie.`
  return `${period} does not tie: ${count(counting)} ${counting === 1 ? 'difference' : 'differences'}.`
}
