import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromUnits, toUnits } from '../../../src/core/decimal.ts'
import { describeError, UserError } from '../../../src/core/errors.ts'
import { buildChargeback } from '../../../src/reports/chargeback/build.ts'
import type { ChargebackInput } from '../../../src/reports/chargeback/input.ts'
import type { DetailRow } from '../../../src/reports/chargeback/read.ts'
import type { JournalRules } from '../../../src/reports/journal/expenses.ts'
import type { Journal } from '../../../src/reports/journal/journal.ts'
import { postChargeback, type PostRequest } from '../../../src/reports/journal/post.ts'
import { chargebackInput, posting } from '../chargeback/postings.ts'

const rules: JournalRules = {
  payer: 'Acme GmbH',
  clearingAccount: '189000',
  clearingCostCentre: 'CC-9',
  taxRate: 'None',
}

function post(
  details: readonly DetailRow[],
  request: Partial<PostRequest> = {},
  given: Partial<ChargebackInput> = {},
): Journal[] {
  return postChargeback(buildChargeback(chargebackInput(details, given)), { kind: 'final', rules, ...request })
}

const entries = ({ lines }: Journal) =>
  lines.map(
    ({ account, costCentre, debit, credit }) => `${account} ${costCentre ?? '-'} ${debit ?? ''}|${credit ?? ''}`,
  )

const searchs = { target: 'search', costCentre: 'CC-1200' }
const shops = { target: 'shop', costCentre: 'CC-7000' }

test('a journal debits who is charged and credits the account that invoices wait on', () => {
  const [journal, ...more] = post([posting({ exact: '10.006' }), posting({ exact: '5', ...searchs })])
  expect(more).toEqual([])
  expect(journal).toEqual({
    id: 'focal-2026-10-final-Acme-GmbH-USD-1',
    kind: 'final',
    period: '2026-10',
    company: 'Acme GmbH',
    currency: 'USD',
    postingDate: '2026-10-31',
    reverseOn: null,
    memo: 'Cloud chargeback 2026-10',
    runId: '0123456789abcdef',
    lines: [
      {
        number: 1,
        externalId: 'focal-2026-10-final-Acme-GmbH-USD-1-1',
        account: '640100',
        costCentre: 'CC-1100',
        debit: '10.01',
        credit: null,
        memo: 'Cloud cost 2026-10, Payments',
        originalPeriod: '2026-10',
        partner: null,
        statement: '2026-10/payments/USD',
      },
      {
        number: 2,
        externalId: 'focal-2026-10-final-Acme-GmbH-USD-1-2',
        account: '640100',
        costCentre: 'CC-1200',
        debit: '5.00',
        credit: null,
        memo: 'Cloud cost 2026-10, Search',
        originalPeriod: '2026-10',
        partner: null,
        statement: '2026-10/search/USD',
      },
      {
        number: 3,
        externalId: 'focal-2026-10-final-Acme-GmbH-USD-1-3',
        account: '189000',
        costCentre: 'CC-9',
        debit: null,
        credit: '15.01',
        memo: 'Cloud cost 2026-10 charged to cost centres',
        originalPeriod: '2026-10',
        partner: null,
        statement: null,
      },
    ],
  })
})

test('showback is not posted; a refund is a credit', () => {
  const [journal] = post([posting({ exact: '-3' }), posting({ exact: '7', ...searchs, mode: 'showback' })])
  expect(journal && entries(journal)).toEqual(['640100 CC-1100 |3.00', '189000 CC-9 3.00|'])
})

test('nothing to charge is no journal', () => {
  expect(post([posting({ exact: '7', mode: 'central' })])).toEqual([])
})

test('a correction is posted apart, with the month it is of', () => {
  const late = { kind: 'adjustment', originalPeriod: '2026-08', cause: 'late_usage', lineCategory: null } as const
  const [journal] = post([posting({ exact: '10' }), posting({ exact: '2', ...late })])
  expect(journal?.lines.map(({ memo, originalPeriod, debit }) => [memo, originalPeriod, debit])).toEqual([
    ['Cloud cost correction of 2026-08, Payments', '2026-08', '2.00'],
    ['Cloud cost 2026-10, Payments', '2026-10', '10.00'],
    ['Cloud cost 2026-10 charged to cost centres', '2026-10', null],
  ])
})

test('a currency is a journal', () => {
  const made = post([posting({ exact: '10' }), posting({ exact: '1', currency: 'EUR' })])
  expect(made.map(({ id }) => id)).toEqual([
    'focal-2026-10-final-Acme-GmbH-EUR-1',
    'focal-2026-10-final-Acme-GmbH-USD-1',
  ])
})

describe('two companies', () => {
  const details = [posting({ exact: '10' }), posting({ exact: '4', ...shops })]
  const two: JournalRules = {
    ...rules,
    intercompanyAccount: '150000',
    companies: { 'Acme GmbH': '1000', 'Acme Ltd': '2000' },
  }

  test('owe each other over the account between them, and each balances', () => {
    const made = post(details, { rules: two })
    expect(made.map((journal) => [journal.company, entries(journal)])).toEqual([
      ['1000', ['640100 CC-1100 10.00|', '150000 - 4.00|', '189000 CC-9 |14.00']],
      ['2000', ['640100 CC-7000 4.00|', '150000 - |4.00']],
    ])
    expect(made.map(({ lines }) => lines.flatMap(({ partner }) => partner ?? []))).toEqual([['2000'], ['1000']])
  })

  test.each<[string, JournalRules, string]>([
    [
      'without an account between them',
      { ...two, intercompanyAccount: undefined },
      '2000 is charged by another company, and there is no account between the two\n  hint: Name it with finance.journal.intercompanyAccount.',
    ],
    [
      'of which one has no code',
      { ...two, companies: { 'Acme GmbH': '1000' } },
      'there is no company for the legal entity Acme Ltd of the target shop\n  hint: Add it to finance.journal.companies, or correct the registry.',
    ],
    [
      'whose journals would replace each other',
      { ...two, companies: { 'Acme GmbH': 'DE 1', 'Acme Ltd': 'DE-1' } },
      'the journals of DE 1 and DE-1 would have the same id\n  hint: Give each a company code with finance.journal.companies.',
    ],
  ])('%s are refused', (_, journalRules, message) => {
    expect(told(() => post(details, { rules: journalRules }))).toBe(message)
  })
})

describe('refused by name', () => {
  test('an account that the ledger does not have', () => {
    const accounts = { '189000': '189000 Clearing' }
    expect(told(() => post([posting({ exact: '1' })], { rules: { ...rules, accounts } }))).toBe(
      'the ledger has no account for the GL account 640100 of the target payments\n  hint: Add it to finance.journal.accounts, or correct the registry.',
    )
  })

  test('a clearing account that the ledger does not have', () => {
    const accounts = { '640100': '6401 Cloud' }
    expect(told(() => post([posting({ exact: '1' })], { rules: { ...rules, accounts } }))).toBe(
      'the ledger has no account for the GL account 189000\n  hint: Add it to finance.journal.accounts, or correct the registry.',
    )
  })

  test.each([
    ['a GL account', { glAccount: null }, 'GL account', 'gl_account'],
    ['a cost centre', { costCentre: null }, 'cost centre', 'cost_centre'],
  ])('a target that is charged without %s', (_, given, what, key) => {
    expect(told(() => post([posting({ exact: '1', ...given })]))).toBe(
      `the target payments is charged but has no ${what}\n  hint: Give it one in the registry (${key}), or set its mode to showback.`,
    )
  })
})

describe('an accrual', () => {
  const forecast = (expected: string) => ({
    forecasts: new Map([['payments USD', { low: expected, expected, high: expected }]]),
  })

  test('posts the forecast in the proportions of what is booked, and is reversed on the next day', () => {
    const details = [posting({ exact: '10' }), posting({ exact: '20', glAccount: '640200' })]
    const [journal] = post(details, { kind: 'accrual' }, forecast('100.01'))
    expect(journal).toMatchObject({
      id: 'focal-2026-10-accrual-2026-11-03-Acme-GmbH-USD-1',
      postingDate: '2026-10-31',
      reverseOn: '2026-11-01',
      memo: 'Cloud chargeback 2026-10, estimate',
    })
    expect(journal && entries(journal)).toEqual([
      '640100 CC-1100 33.34|',
      '640200 CC-1100 66.67|',
      '189000 CC-9 |100.01',
    ])
  })

  test('leaves out the part of the forecast that is only shown', () => {
    const details = [posting({ exact: '10' }), posting({ exact: '30', mode: 'showback' })]
    const [journal] = post(details, { kind: 'accrual' }, forecast('80'))
    expect(journal && entries(journal)).toEqual(['640100 CC-1100 20.00|', '189000 CC-9 |20.00'])
  })

  test('posts what is booked where there is no forecast', () => {
    const [journal] = post([posting({ exact: '10' })], { kind: 'accrual' })
    expect(journal && entries(journal)).toEqual(['640100 CC-1100 10.00|', '189000 CC-9 |10.00'])
  })
})

/** Charges of any sign to cost centres of two companies, some of them shown only. Without the size ten at most. */
const charges = fc.array(
  fc
    .record({
      exact: fc.bigInt({ min: -(10n ** 23n), max: 10n ** 23n }).map(fromUnits),
      currency: fc.constantFrom('USD', 'EUR', 'JPY', 'KWD'),
      target: fc.constantFrom('payments', 'search', 'shop'),
      costCentre: fc.constantFrom('CC-1', 'CC-2', 'CC-3', 'CC-4'),
      glAccount: fc.constantFrom('640100', '640200'),
      mode: fc.constantFrom('chargeback', 'showback'),
    } as const)
    .map((given) => posting(given)),
  { maxLength: 120, size: 'max' },
)
const maxLines = fc.option(fc.integer({ min: 2, max: 6 }), { nil: undefined })
const requests = fc.record({ kind: fc.constantFrom('final', 'accrual'), maxLines } as const)
const side = ({ lines }: Journal, pick: 'debit' | 'credit') =>
  lines.reduce((sum, line) => sum + toUnits(line[pick] ?? '0'), 0n)

describe('for any charges', () => {
  const all = { ...rules, intercompanyAccount: '150000' }
  const forecasts = new Map([['payments USD', { low: '0', expected: '123.456', high: '999' }]])

  test('every journal balances, within its limit of lines, each line once', () => {
    fc.assert(
      fc.property(charges, requests, (details, request) => {
        const journals = post(details, { ...request, rules: all }, { forecasts })
        for (const journal of journals) {
          expect(side(journal, 'debit')).toBe(side(journal, 'credit'))
          expect(journal.lines.length).toBeGreaterThanOrEqual(2)
          expect(journal.lines.length).toBeLessThanOrEqual(request.maxLines ?? Infinity)
        }
        const ids = journals.flatMap(({ lines }) => lines.map(({ externalId }) => externalId))
        expect(new Set(ids).size).toBe(ids.length)
      }),
    )
  })

  test('what is posted to statements is what they charge, to the cent', () => {
    fc.assert(
      fc.property(charges, maxLines, (details, most) => {
        const chargeback = buildChargeback(chargebackInput(details))
        const posted = new Map<string, bigint>()
        for (const { lines } of postChargeback(chargeback, { kind: 'final', rules: all, maxLines: most })) {
          for (const { statement, debit, credit } of lines) {
            if (statement === null) continue
            const amount = toUnits(debit ?? '0') - toUnits(credit ?? '0')
            posted.set(statement, (posted.get(statement) ?? 0n) + amount)
          }
        }
        for (const { id, charged } of chargeback.statements) expect(posted.get(id) ?? 0n).toBe(toUnits(charged))
      }),
    )
  })
})

function told(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (error instanceof UserError) return describeError(error)
    throw error
  }
  return 'nothing was refused'
}
