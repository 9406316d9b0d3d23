import type { Invoice, InvoiceLine, InvoiceStatus } from './model.ts'

/** Charges of a month that no invoice could tell apart; BilledCost as decimal text. */
export interface ChargeGroup {
  readonly source: string
  readonly issuer: string | null
  readonly invoice: string | null
  readonly account: string
  readonly currency: string
  readonly category: string
  readonly rows: number
  readonly billed: string
  readonly effective: string
}

/** What is compared: invoices, mostly one, and the charges that are on them. Either may be missing. */
export interface Bill {
  /** Index in the list of bills. */
  readonly id: number
  readonly issuer: string | null
  /** As people say it: `INV-1`, or `INV-1 + INV-2` where the charges do not tell which; null for charges on none. */
  readonly name: string | null
  readonly invoices: readonly string[]
  readonly currency: string
  readonly status: InvoiceStatus | null
  readonly lines: readonly InvoiceLine[]
  readonly groups: readonly ChargeGroup[]
  /** Whether the charges name the invoice but are in another currency than it. */
  readonly otherCurrency: boolean
}

type Draft = Omit<Bill, 'id'>

/**
 * Puts charges to the invoices of their month: by InvoiceId where the charges have one, else by issuer and billing account.
 * Exports of some providers name no invoice. Invoices that the charges then do not tell apart are compared as one.
 */
export function placeCharges(groups: readonly ChargeGroup[], invoices: readonly Invoice[]): Bill[] {
  const payable = invoices.filter(({ status }) => status !== 'Voided')
  const names = new Set(groups.map(({ invoice }) => invoice))
  const sets = [
    ...payable.filter(({ id }) => names.has(id)).map((invoice) => [invoice]),
    ...Map.groupBy(
      payable.filter(({ id }) => !names.has(id)),
      ({ issuer, currency, lines }) => JSON.stringify([issuer, currency, accountsOf(lines)]),
    ).values(),
  ]
  const left = new Set(groups)
  const drafts = sets.flatMap((set) => {
    const own = [...left].filter((group) => set.some((invoice) => isOn(group, invoice, names.has(invoice.id))))
    for (const group of own) left.delete(group)
    return billsOf(set, own)
  })
  return [...drafts, ...onNoInvoice([...left])].map((draft, id) => ({ id, ...draft }))
}

function isOn(group: ChargeGroup, { id, issuer, currency, lines }: Invoice, isNamed: boolean): boolean {
  if (issuer !== null && group.issuer !== issuer) return false
  if (isNamed) return group.invoice === id
  const accounts = accountsOf(lines)
  if (accounts.length === 0 && issuer === null) return false
  return (
    group.invoice === null && group.currency === currency && (accounts.length === 0 || accounts.includes(group.account))
  )
}

/** Charges in another currency than their invoice are a bill of their own: amounts of two currencies have no sum. */
function billsOf(set: readonly Invoice[], groups: readonly ChargeGroup[]): Draft[] {
  const [first] = set
  if (first === undefined) return []
  const { issuer, currency } = first
  const named = {
    issuer: issuer ?? groups[0]?.issuer ?? null,
    name: set.map(({ id }) => id).join(' + '),
    invoices: set.map(({ id }) => id),
    status: set.some(({ status }) => status === 'Open') ? ('Open' as const) : ('Issued' as const),
  }
  const byCurrency = Map.groupBy(groups, (group) => group.currency)
  const own = byCurrency.get(currency) ?? []
  byCurrency.delete(currency)
  const isElsewhere = own.length === 0 && byCurrency.size > 0
  const lines = set.flatMap((invoice) => invoice.lines)
  return [
    { ...named, currency, lines, groups: own, otherCurrency: isElsewhere },
    ...[...byCurrency].map(([other, members]) => ({
      ...named,
      currency: other,
      lines: [],
      groups: members,
      otherCurrency: true,
    })),
  ]
}

function onNoInvoice(groups: readonly ChargeGroup[]): Draft[] {
  const sets = Map.groupBy(groups, ({ issuer, invoice, currency, account }) =>
    JSON.stringify([issuer, invoice, currency, invoice === null ? account : null]),
  )
  return [...sets.values()].flatMap((members) => {
    const [first] = members
    if (first === undefined) return []
    const { issuer, invoice, currency } = first
    return {
      issuer,
      name: invoice,
      invoices: invoice === null ? [] : [invoice],
      currency,
      status: null,
      lines: [],
      groups: members,
      otherCurrency: false,
    }
  })
}

export function accountsOf(lines: readonly InvoiceLine[]): string[] {
  return [...new Set(lines.flatMap(({ account }) => account ?? []))].toSorted()
}
