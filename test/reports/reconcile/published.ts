import { onTestFinished } from 'vitest'
import { openSession, type Session } from '../../../src/core/duckdb.ts'
import type { Invoice, InvoiceLine, Reconciliation } from '../../../src/reports/reconcile/model.ts'
import { reconcile, type ReconcileInput } from '../../../src/reports/reconcile/reconcile.ts'
import { temporaryFolder } from '../../stores/temporary-folder.ts'

/** A charge of the made lake: what is not said is a usage of 1 October by the account A-1 on the invoice INV-1. */
export interface MadeCharge {
  readonly billed: string
  readonly effective?: string
  readonly source?: string
  readonly period?: string
  readonly issuer?: string
  readonly invoice?: string | null
  readonly account?: string
  readonly currency?: string
  readonly category?: string
  readonly used?: string
  readonly publisher?: string
  readonly service?: string
  readonly subAccount?: string
  /** The provider's id of the line; each charge has its own when nothing is said. */
  readonly line?: string
}

const columns = `source VARCHAR, file_row_number BIGINT, billing_period VARCHAR, InvoiceIssuerName VARCHAR, InvoiceId VARCHAR,
  BillingAccountId VARCHAR, BillingCurrency VARCHAR, ChargeCategory VARCHAR, ChargeClass VARCHAR, BilledCost DECIMAL(38, 18),
  EffectiveCost DECIMAL(38, 18), ChargePeriodStart TIMESTAMPTZ, ChargePeriodEnd TIMESTAMPTZ, BillingPeriodStart TIMESTAMPTZ,
  BillingPeriodEnd TIMESTAMPTZ, SubAccountId VARCHAR, ServiceName VARCHAR, ResourceId VARCHAR, ChargeDescription VARCHAR,
  PricingQuantity DECIMAL(38, 18), Tags VARCHAR, PublisherName VARCHAR, ProviderName VARCHAR, x_SourceLineId VARCHAR`

async function publish(session: Session, charges: readonly MadeCharge[]): Promise<void> {
  await session.run(`CREATE TABLE published (${columns})`)
  for (const [row, charge] of charges.entries()) {
    const { period = '2026-10', used = `${period}-01`, issuer = 'Nimbus Inc.' } = charge
    await session.run(
      `INSERT INTO published VALUES ($source, $row, $period, $issuer, $invoice, $account, $currency, $category, NULL,
        $billed::DECIMAL(38, 18), $effective::DECIMAL(38, 18), $used::TIMESTAMPTZ, $used::TIMESTAMPTZ + INTERVAL 1 DAY,
        ($period || '-01')::TIMESTAMPTZ, ($period || '-01')::TIMESTAMPTZ + INTERVAL 1 MONTH, $sub_account, $service, NULL, 'Made',
        1, NULL, $publisher, 'Nimbus', $line)`,
      {
        source: charge.source ?? 'nimbus',
        row,
        period,
        issuer,
        invoice: charge.invoice === undefined ? 'INV-1' : charge.invoice,
        account: charge.account ?? 'A-1',
        currency: charge.currency ?? 'USD',
        category: charge.category ?? 'Usage',
        billed: charge.billed,
        effective: charge.effective ?? charge.billed,
        used,
        service: charge.service ?? 'Compute',
        sub_account: charge.subAccount ?? 'S-1',
        publisher: charge.publisher ?? issuer,
        line: charge.line ?? `line-${row}`,
      },
    )
  }
}

export interface MadeInvoice extends Partial<Omit<Invoice, 'lines'>> {
  readonly amount?: string
  readonly lines?: readonly Partial<InvoiceLine>[]
}

function makeInvoice({ amount = '0', lines = [{ amount }], ...invoice }: MadeInvoice, at: number): Invoice {
  return {
    id: 'INV-1',
    issuer: null,
    period: '2026-10',
    currency: 'USD',
    status: 'Issued',
    payment: null,
    ...invoice,
    lines: lines.map((line) => ({
      account: null,
      category: null,
      amount: '0',
      where: { file: 'invoices.yaml', line: at + 1 },
      ...line,
    })),
  }
}

/** Reconciles October 2026 of a lake that has these charges and no others. */
export async function reconcileMade(
  charges: readonly MadeCharge[],
  invoices: readonly MadeInvoice[] | undefined,
  more: Partial<ReconcileInput> = {},
): Promise<Reconciliation> {
  const session = await openSession({ memoryLimit: '500MB', threads: 1, tempDirectory: temporaryFolder() })
  onTestFinished(() => session.close())
  await publish(session, charges)
  return reconcile({
    session,
    period: '2026-10',
    invoices: invoices?.map(makeInvoice),
    openSources: new Set(),
    controls: [],
    statements: [],
    rates: [],
    ...more,
  })
}

/** What was found, in one line for each break: class, place, difference, why, and the charges to look at. */
export function breaksOf({ breaks }: Reconciliation): string[] {
  return breaks.map((found) =>
    [
      `${found.counts ? '' : '('}${found.class}${found.counts ? '' : ')'}`,
      [found.invoice ?? 'none', found.account, found.category].filter((part) => part !== null).join(' '),
      `${found.difference} ${found.currency}`,
      found.text,
      found.charges.map(({ charge }) => charge).join(' '),
    ].join(' | '),
  )
}
