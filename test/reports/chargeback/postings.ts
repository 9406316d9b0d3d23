import type { ChargebackInput } from '../../../src/reports/chargeback/input.ts'
import type { DetailRow, LedgerTotal, MonthLine } from '../../../src/reports/chargeback/read.ts'
import { fromUnits, toUnits } from '../../../src/core/decimal.ts'

/** A posting of October 2026 as the ledger would tell it; what is not said is Payments' own storage in USD. */
export function posting(given: Partial<DetailRow> & { exact: string }): DetailRow {
  return {
    currency: 'USD',
    target: 'payments',
    targetName: 'Payments',
    mode: 'chargeback',
    costCentre: 'CC-1100',
    glAccount: '640100',
    kind: 'direct',
    pool: null,
    rule: null,
    reason: null,
    originalPeriod: null,
    cause: null,
    lineIssuer: 'Example Cloud',
    lineCategory: 'Storage',
    invoiceIssuer: 'Example Cloud',
    serviceCategory: 'Storage',
    service: 'Object Store',
    subAccount: '222233334444',
    subAccountName: 'shop',
    chargeCategory: 'Usage',
    rows: 1,
    ...given,
  }
}

/** The same of another month, as a line. */
export function earlier(period: string, given: Partial<DetailRow> & { exact: string }): MonthLine {
  return { ...posting(given), period }
}

/** A chargeback's input over postings whose totals are what they sum to. */
export function chargebackInput(details: readonly DetailRow[], given: Partial<ChargebackInput> = {}): ChargebackInput {
  const totals = ledgerTotals(details)
  const target = (name: string, costCentre: string, legalEntity = 'Acme GmbH') =>
    ({ name, costCentre, legalEntity, contact: null, mode: 'chargeback' }) as const
  return {
    period: '2026-10',
    state: 'open',
    chargeOn: 'EffectiveCost',
    runId: '0123456789abcdef',
    ruleSet: 'fedcba9876543210',
    asOf: '2026-11-03T06:00:00.000Z',
    yearFrom: '2026-01',
    reportingCurrency: undefined,
    rates: [],
    budgetRates: [],
    targets: new Map([
      ['payments', target('Payments', 'CC-1100')],
      ['search', target('Search', 'CC-1200')],
      ['shop', target('Shop', 'CC-7000', 'Acme Ltd')],
    ]),
    pools: new Map([['database', 'Order database']]),
    rules: new Map([['by-queries', { method: 'by measured use', driver: 'queries' }]]),
    budgets: new Map(),
    forecasts: new Map(),
    published: totals.map(({ currency, billed, effective }) => ({ currency, billed, effective })),
    postings: { details, earlier: [], prices: [], totals },
    ...given,
  }
}

function ledgerTotals(details: readonly DetailRow[]): LedgerTotal[] {
  return [...Map.groupBy(details, ({ currency }) => currency)].map(([currency, own]) => {
    const total = fromUnits(own.reduce((sum, { exact }) => sum + toUnits(exact), 0n))
    return {
      currency,
      rows: own.length,
      billed: total,
      effective: total,
      correctedBilled: '0',
      correctedEffective: '0',
    }
  })
}
