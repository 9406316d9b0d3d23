import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromUnits } from '../../../src/core/decimal.ts'
import { causesOf } from '../../../src/reports/reconcile/breaks.ts'
import { add, cellsOf, fits } from '../../../src/reports/reconcile/cells.ts'
import type { Invoice } from '../../../src/reports/reconcile/model.ts'
import { placeCharges, type ChargeGroup } from '../../../src/reports/reconcile/place.ts'

const amount = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }).map(fromUnits)
const account = fc.constantFrom('A-1', 'A-2', 'A-3')
const category = fc.constantFrom('Usage', 'Tax', 'Credit')
const issuer = fc.constantFrom('Nimbus', 'Northwind')
const currency = fc.constantFrom('EUR', 'USD')
const id = fc.constantFrom('INV-1', 'INV-2', 'INV-3', 'INV-4')

const group: fc.Arbitrary<ChargeGroup> = fc.record({
  source: fc.constant('nimbus'),
  issuer: fc.option(issuer),
  invoice: fc.option(id),
  account,
  currency,
  category,
  rows: fc.integer({ min: 1, max: 1_000_000 }),
  billed: amount,
  effective: amount,
})

/** Without the size there would be ten at most, seldom two of one cell. */
const someGroups = fc.array(group, { maxLength: 40, size: 'max' })

const invoice: fc.Arbitrary<Invoice> = fc.record({
  id,
  issuer: fc.option(issuer),
  period: fc.constant('2026-10'),
  currency,
  status: fc.constantFrom('Open', 'Issued', 'Voided'),
  payment: fc.constant(null),
  lines: fc.array(
    fc.record({ account: fc.option(account), category: fc.option(category), amount, where: fc.constant({}) }),
    { minLength: 1, maxLength: 4 },
  ),
})
const invoices = fc.uniqueArray(invoice, { maxLength: 4, selector: (one) => one.id })

test('every charge is on one bill, every payable invoice is one or part of one, and no amount is lost', () => {
  fc.assert(
    fc.property(someGroups, invoices, (groups, given) => {
      const bills = placeCharges(groups, given)
      const payable = given.filter(({ status }) => status !== 'Voided')
      expect(new Set(bills.flatMap((bill) => bill.groups))).toEqual(new Set(groups))
      expect(bills.flatMap((bill) => bill.groups).length).toBe(groups.length)
      expect(bills.flatMap(({ lines }) => lines).length).toBe(payable.flatMap(({ lines }) => lines).length)
      for (const bill of bills) {
        const cells = cellsOf(bill)
        expect(cells.reduce((sum, cell) => sum + cell.billed, 0n)).toBe(add(bill.groups.map(({ billed }) => billed)))
        expect(cells.reduce((sum, cell) => sum + cell.invoiced, 0n)).toBe(add(bill.lines.map((line) => line.amount)))
      }
    }),
  )
})

test('whatever is found, a cell that does not tie has causes, which add up to its difference but for the tolerance', () => {
  const known = {
    accounts: new Set(['A-1']),
    issuers: new Set(['Nimbus']),
    issuersOf: new Map(),
    open: new Set<string>(),
  }
  const candidates = fc.array(
    fc.record({ class: fc.constantFrom('tax', 'timing'), text: fc.string(), amount: fc.bigInt() }),
  )
  fc.assert(
    fc.property(someGroups, invoices, candidates, (groups, given, found) => {
      for (const bill of placeCharges(groups, given)) {
        const cells = cellsOf(bill)
        const causes = causesOf(bill, cells, () => found, known)
        expect([...causes.keys()]).toEqual(cells.filter((cell) => !fits(cell)))
        for (const [{ difference, tolerance }, own] of causes) {
          const told = own.reduce((sum, cause) => sum + cause.amount, 0n)
          expect(own.length).toBeGreaterThan(0)
          expect(fits({ difference: difference - told, tolerance })).toBe(true)
        }
      }
    }),
  )
})
