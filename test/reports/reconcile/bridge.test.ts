import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromUnits, toUnits } from '../../../src/core/decimal.ts'
import type { BridgeStep } from '../../../src/reports/chargeback/model.ts'
import { bridgesOf } from '../../../src/reports/reconcile/bridge.ts'
import { breakClasses, type Break, type InvoiceResult } from '../../../src/reports/reconcile/model.ts'
import type { ChargeGroup } from '../../../src/reports/reconcile/place.ts'
import { reconcileMade } from './published.ts'

const amount = fc.bigInt({ min: -(10n ** 26n), max: 10n ** 26n }).map(fromUnits)
const currency = fc.constantFrom('EUR', 'USD')
const invoice = fc
  .record({ currency, invoiced: amount })
  .map((some) => ({ invoice: 'INV-1', status: 'Issued', ...some }) as InvoiceResult)
const difference = fc.record({
  class: fc.constantFrom(...breakClasses),
  currency,
  difference: amount,
}) as fc.Arbitrary<Break>
const group = fc.record({ currency, billed: amount, effective: amount }) as fc.Arbitrary<ChargeGroup>

/** Each total is the one before and the steps between them. */
function addsUp(steps: readonly BridgeStep[]): boolean {
  let sum = 0n
  return steps.every(({ amount: text, isTotal }, at) => {
    if (!isTotal || at === 0) sum += toUnits(text)
    return !isTotal || sum === toUnits(text)
  })
}

test('every total of a bridge is the one before and the steps between them, to the last digit', () => {
  fc.assert(
    fc.property(fc.array(invoice), fc.array(difference), fc.array(group), (invoices, breaks, groups) => {
      expect(bridgesOf(invoices, breaks, groups).every(({ steps }) => addsUp(steps))).toBe(true)
    }),
  )
})

const statements = [
  { name: 'Billed by the providers (BilledCost)', amount: '120', isTotal: true },
  { name: 'Commitments and prepayments spread over their use', amount: '-7.5', isTotal: false },
  { name: 'Cost of the month (EffectiveCost)', amount: '112.5', isTotal: true },
  { name: 'Rounding', amount: '0', isTotal: false },
  { name: 'Statements', amount: '112.5', isTotal: true },
]

test('from the invoice to the statements', async () => {
  const { bridges } = await reconcileMade(
    [
      { billed: '101.004', effective: '93.504' },
      { billed: '18.996', category: 'Tax' },
    ],
    [{ amount: '101' }],
    { statements: [{ currency: 'USD', steps: statements }] },
  )
  expect(bridges).toEqual([
    {
      currency: 'USD',
      steps: [
        { name: 'Invoiced by the providers', amount: '101', isTotal: true },
        { name: 'Difference: tax', amount: '18.996', isTotal: false },
        { name: 'Rounding of the invoices', amount: '0.004', isTotal: false },
        ...statements,
      ],
    },
  ])
})

test('statements in a reporting currency begin with what was billed in each, at its rate', async () => {
  const rates = [{ period: '2026-10', from: 'USD', to: 'EUR', rate: '0.854730740391', source: 'average of 22 days' }]
  const billed = { name: 'Billed by the providers (BilledCost)', amount: '94.9730740391', isTotal: true }
  const { bridges } = await reconcileMade(
    [
      { billed: '100', effective: '90' },
      { billed: '9.5', currency: 'EUR', effective: '9.5' },
    ],
    undefined,
    { rates, statements: [{ currency: 'EUR', steps: [billed] }] },
  )
  expect(
    bridges.map((bridge) => [bridge.currency, ...bridge.steps.map((step) => `${step.name}: ${step.amount}`)]),
  ).toEqual([
    [
      'EUR',
      'Billed by the providers (BilledCost): 9.5',
      'Commitments and prepayments spread over their use: 0',
      'Cost of the month (EffectiveCost): 9.5',
    ],
    [
      'USD',
      'Billed by the providers (BilledCost): 100',
      'Commitments and prepayments spread over their use: -10',
      'Cost of the month (EffectiveCost): 90',
    ],
    [
      'EUR',
      'Billed in EUR: 9.5',
      'Billed in USD, at 0.854730740391: 85.4730740391',
      'Billed by the providers (BilledCost): 94.9730740391',
    ],
  ])
})

test('what was restated since it was allocated is a step', async () => {
  const { bridges } = await reconcileMade([{ billed: '120.5' }], undefined, {
    statements: [{ currency: 'USD', steps: statements }],
  })
  expect(bridges[0]?.steps.slice(0, 3)).toEqual([
    { name: 'Billed by the providers (BilledCost)', amount: '120.5', isTotal: true },
    { name: 'Restated since it was allocated or closed', amount: '-0.5', isTotal: false },
    { name: 'Billed, as allocated', amount: '120', isTotal: true },
  ])
})
