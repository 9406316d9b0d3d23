import type { Where } from '../../core/errors.ts'
import type { Period } from '../../core/period.ts'
import type { BridgeStep, Control } from '../chargeback/model.ts'

/** An invoice as finance has it. Amounts are decimal text in the invoice's currency. */
export interface Invoice {
  readonly id: string
  /** null where nobody says; the id alone then finds its charges. */
  readonly issuer: string | null
  readonly period: Period
  readonly currency: string
  /** FOCUS: an open invoice may still change, a voided one is not payable. */
  readonly status: InvoiceStatus
  readonly lines: readonly InvoiceLine[]
  /** What was paid for it, where that was in another currency. */
  readonly payment: { readonly currency: string; readonly amount: string } | null
}

export const invoiceStatuses = ['Open', 'Issued', 'Voided'] as const
export type InvoiceStatus = (typeof invoiceStatuses)[number]

export interface InvoiceLine {
  /** Billing account; null when the line is of all of them. */
  readonly account: string | null
  /** A FOCUS ChargeCategory; null when the line is of all of them. */
  readonly category: string | null
  readonly amount: string
  readonly where: Where
}

/** Why an invoice and its charges differ. In this order one that fits is preferred to another that fits as well. */
export const breakClasses = [
  'duplicate delivery',
  'currency',
  'sign',
  'tax',
  'marketplace',
  'missing account',
  'missing category',
  'missing invoice',
  'credit placement',
  'timing',
  'rounding',
  'unexplained',
] as const
export type BreakClass = (typeof breakClasses)[number]

/** FOCUS totals of a month held against its invoices, and our own steps after that. Amounts are exact decimal text. */
export interface Reconciliation {
  readonly period: Period
  /** Whether no break counts and every control is 0. */
  readonly ties: boolean
  /** Whether there were invoices to hold the charges against. */
  readonly hasInvoices: boolean
  readonly invoices: readonly InvoiceResult[]
  readonly breaks: readonly Break[]
  /** From the invoices to the statements, one for each currency. */
  readonly bridges: readonly Bridge[]
  /** Steps between focal's own datasets: each difference is `0`, or it does not tie. */
  readonly controls: readonly Control[]
}

/** An invoice, or with `invoice: null` charges that are on none. */
export interface InvoiceResult {
  readonly issuer: string | null
  readonly invoice: string | null
  readonly currency: string
  readonly status: InvoiceStatus | null
  readonly rows: number
  readonly invoiced: string
  /** Sum of BilledCost. */
  readonly billed: string
  /** Invoiced less billed. */
  readonly difference: string
  /** What FOCUS 1.4 allows the charges but for taxes to differ by. */
  readonly tolerance: string
  readonly result: 'ties' | 'within tolerance' | 'open' | 'breaks'
  /** By what its lines tell apart: account, category or both; one for the whole where they tell nothing. */
  readonly parts: readonly InvoicePart[]
}

export interface InvoicePart {
  readonly account: string | null
  readonly category: string | null
  readonly rows: number
  readonly invoiced: string
  readonly billed: string
  readonly difference: string
  readonly tolerance: string
}

export interface Break {
  readonly class: BreakClass
  readonly issuer: string | null
  readonly invoice: string | null
  /** What of the invoice differs; null for all of it. */
  readonly account: string | null
  readonly category: string | null
  readonly currency: string
  readonly invoiced: string
  readonly billed: string
  /** The part of invoiced less billed that this break is. */
  readonly difference: string
  /** Why, as one sentence. */
  readonly text: string
  /** Whether the month does not tie for it. A break of an open invoice, or one that FOCUS allows, is only told. */
  readonly counts: boolean
  /** Lines of the invoice to look at. */
  readonly lines: readonly Where[]
  /** Charges to look at, those of most money first, at most five; `found` counts them all. */
  readonly charges: readonly ChargeToLookAt[]
  readonly found: number
}

export interface ChargeToLookAt {
  /** `aws-main:412`, the source and the row of its partition from 0, as `focal allocate explain --charge` takes it. */
  readonly charge: string
  readonly period: Period
  readonly used: string
  readonly subAccount: string | null
  readonly service: string | null
  readonly category: string
  readonly description: string | null
  readonly billed: string
}

export interface Bridge {
  readonly currency: string
  readonly steps: readonly BridgeStep[]
}
