import { describe, expect, test } from 'vitest'
import { breaksOf, reconcileMade, type MadeCharge, type MadeInvoice } from './published.ts'

const usage: MadeCharge = { billed: '100' }
const tax: MadeCharge = { billed: '19', category: 'Tax' }
const credit: MadeCharge = { billed: '-30', category: 'Credit' }

describe('each class of break is found, with the charges to look at', () => {
  test.each<[string, MadeCharge[], MadeInvoice[], string[]]>([
    [
      'a charge that was delivered twice',
      [usage, { billed: '40', line: 'twice' }, { billed: '40', line: 'twice' }],
      [{ amount: '140' }],
      ['duplicate delivery | INV-1 | -40 USD | The same charges are there more than once. | nimbus:2'],
    ],
    [
      'an invoice that two sources bring',
      [usage, { ...usage, source: 'nimbus-copy' }],
      [{ amount: '100' }],
      [
        'duplicate delivery | INV-1 | -100 USD | The source nimbus-copy brings charges of the invoice that nimbus brings too. | nimbus-copy:1',
      ],
    ],
    [
      'an invoice in another currency than its charges',
      [usage],
      [{ amount: '92', currency: 'EUR' }],
      [
        'currency | INV-1 | 92 EUR | The invoice and its charges are in two currencies, one of them EUR. | ',
        'currency | INV-1 | -100 USD | The invoice and its charges are in two currencies, one of them USD. | nimbus:0',
      ],
    ],
    [
      'credits that the finance system has as charges',
      [usage, credit],
      [{ amount: '130' }],
      ['sign | INV-1 | 60 USD | Charges of the category Credit have the other sign on the invoice. | nimbus:1'],
    ],
    [
      'a credit note that was entered as an invoice',
      [{ billed: '-100' }, { billed: '-20', category: 'Purchase' }],
      [{ amount: '120' }],
      ['sign | INV-1 | 240 USD | All charges have the other sign on the invoice. | nimbus:0 nimbus:1'],
    ],
    [
      'tax that an invoice without categories does not have',
      [usage, tax],
      [{ amount: '100' }],
      ['tax | INV-1 | -19 USD | The charges have the category Tax, and the invoice does not. | nimbus:1'],
    ],
    [
      'tax that only the invoice has',
      [usage],
      [
        {
          lines: [
            { category: 'Usage', amount: '100' },
            { category: 'Tax', amount: '19' },
          ],
        },
      ],
      ['tax | INV-1 Tax | 19 USD | The invoice has tax, and the charges have none. | '],
    ],
    [
      'tax that differs by a cent',
      [usage, tax],
      [
        {
          lines: [
            { category: 'Usage', amount: '100' },
            { category: 'Tax', amount: '19.01' },
          ],
        },
      ],
      ['unexplained | INV-1 Tax | 0.01 USD | Nothing that was found accounts for it. | nimbus:1'],
    ],
    [
      'marketplace charges that another invoice is sent for',
      [usage, { billed: '55', publisher: 'Northwind' }],
      [{ amount: '100' }],
      ['marketplace | INV-1 | -55 USD | Charges of the marketplace are not on the invoice. | nimbus:1'],
    ],
    [
      'an invoice of a seller of the marketplace that the export does not have',
      [usage],
      [{ amount: '100' }, { id: 'NW-7', issuer: 'Northwind', lines: [{ account: 'A-1', amount: '55' }] }],
      [
        'marketplace | NW-7 A-1 | 55 USD | Northwind issues none of the charges of the account: it may be a seller of the marketplace. | ',
      ],
    ],
    [
      'an account that no source brings',
      [usage],
      [{ amount: '100' }, { id: 'INV-2', lines: [{ account: 'A-2', amount: '70' }] }],
      ['missing account | INV-2 A-2 | 70 USD | No source has charges of the account A-2. | '],
    ],
    [
      'an account of an invoice that the export does not have',
      [usage],
      [
        {
          lines: [
            { account: 'A-1', amount: '100' },
            { account: 'A-2', amount: '70' },
          ],
        },
      ],
      ['missing account | INV-1 A-2 | 70 USD | The invoice has the account A-2, and the charges do not. | '],
    ],
    [
      'an account that the invoice does not have',
      [usage, { billed: '70', account: 'A-2' }],
      [{ lines: [{ account: 'A-1', amount: '100' }] }],
      [
        'missing account | INV-1 A-2 | -70 USD | The charges have the account A-2, and the invoice does not. | nimbus:1',
      ],
    ],
    [
      'a sub account that the invoice does not have',
      [usage, { billed: '70', subAccount: 'S-2' }, { billed: '9', subAccount: 'S-2', category: 'Tax' }],
      [{ amount: '100' }],
      [
        'missing account | INV-1 | -79 USD | The charges have the sub account S-2, and the invoice does not. | nimbus:1 nimbus:2',
      ],
    ],
    [
      'a category that the export does not have',
      [usage],
      [
        {
          lines: [
            { category: 'Usage', amount: '100' },
            { category: 'Purchase', amount: '500' },
          ],
        },
      ],
      [
        'missing category | INV-1 Purchase | 500 USD | The invoice has the category Purchase, and the charges do not. | ',
      ],
    ],
    [
      'charges of an invoice that finance does not have',
      [usage, { billed: '70', invoice: 'INV-2' }],
      [{ amount: '100' }],
      ['missing invoice | INV-2 | -70 USD | No invoice INV-2 was given for the charges. | nimbus:1'],
    ],
    [
      'charges of an export that names no invoices, with none given',
      [{ billed: '70', invoice: null }],
      [],
      ['missing invoice | none A-1 | -70 USD | No invoice was given for the charges. | nimbus:0'],
    ],
    [
      'credits that the invoice does not have',
      [usage, credit],
      [{ amount: '100' }],
      ['credit placement | INV-1 | 30 USD | The charges have credits that the invoice does not have. | nimbus:1'],
    ],
    [
      'credits that the charges have on another invoice',
      [usage, { ...credit, invoice: 'INV-2' }],
      [{ amount: '70' }, { id: 'INV-2', amount: '0' }],
      [
        'credit placement | INV-1 | -30 USD | The invoice has credits that the charges have on another invoice. | nimbus:1',
        'credit placement | INV-2 | 30 USD | The charges have credits that the invoice does not have. | nimbus:1',
      ],
    ],
    [
      'credits that came a month later',
      [usage, { ...credit, invoice: 'INV-9', period: '2026-11' }],
      [{ amount: '70' }],
      ['credit placement | INV-1 | -30 USD | The invoice has credits that the charges have in 2026-11. | nimbus:1'],
    ],
    [
      'usage that came with the next bill',
      [usage, { billed: '12', invoice: 'INV-9', period: '2026-11', used: '2026-10-31' }],
      [{ amount: '112' }],
      ['timing | INV-1 | 12 USD | Usage of the month came with the bill of 2026-11. | nimbus:1'],
    ],
    [
      'late usage that the invoice does not have',
      [usage, { billed: '12', used: '2026-09-30' }],
      [{ amount: '100' }],
      ['timing | INV-1 | -12 USD | Charges are of another month than the invoice. | nimbus:1'],
    ],
    [
      'charges of the invoice in another billing period',
      [usage, { billed: '12', period: '2026-09' }],
      [{ amount: '112' }],
      ['timing | INV-1 | 12 USD | Charges of the invoice are in the billing period 2026-09. | nimbus:1'],
    ],
    [
      'charges that are not yet on an invoice',
      [usage, { billed: '12', invoice: null }],
      [{ amount: '112' }],
      [
        'timing | INV-1 | 12 USD | Charges of the account are on no invoice yet. | nimbus:1',
        'missing invoice | none A-1 | -12 USD | No invoice was given for the charges. | nimbus:1',
      ],
    ],
    [
      'an invoice whose charges name another issuer',
      [usage],
      [{ amount: '100', issuer: 'Nimbus EMEA' }],
      [
        'unexplained | INV-1 | 100 USD | Nimbus Inc. issues the charges of the invoice, not Nimbus EMEA. | ',
        'missing invoice | INV-1 | -100 USD | No invoice INV-1 was given for the charges. | nimbus:0',
      ],
    ],
    [
      'an invoice that rounds each charge, beyond what is tolerated',
      Array.from({ length: 210 }, () => ({ billed: '0.0049' })),
      [{ amount: '0' }],
      [
        'rounding | INV-1 | -1.029 USD | The invoice rounds each charge. | nimbus:0 nimbus:1 nimbus:10 nimbus:100 nimbus:101',
      ],
    ],
    [
      'what nothing accounts for, with the largest charges',
      [usage, { billed: '7' }],
      [{ amount: '150' }],
      ['unexplained | INV-1 | 43 USD | Nothing that was found accounts for it. | nimbus:0 nimbus:1'],
    ],
    [
      'two causes at once, each with its part',
      [usage, tax, { billed: '55', publisher: 'Northwind' }],
      [{ amount: '100' }],
      [
        'tax | INV-1 | -19 USD | The charges have the category Tax, and the invoice does not. | nimbus:1',
        'marketplace | INV-1 | -55 USD | Charges of the marketplace are not on the invoice. | nimbus:2',
      ],
    ],
  ])('%s', async (_what, charges, invoices, expected) => {
    const found = await reconcileMade(charges, invoices)
    expect(breaksOf(found)).toEqual(expected)
    expect(found.ties).toBe(false)
  })
})

const part = (account: string, category: string, amount: string, tolerance: string) => {
  return { account, category, rows: 1, invoiced: amount, billed: amount, difference: '0', tolerance }
}

describe('what ties', () => {
  test('an invoice by account and category', async () => {
    const found = await reconcileMade(
      [usage, tax, { billed: '7', account: 'A-2' }],
      [
        {
          lines: [
            { account: 'A-1', category: 'Usage', amount: '100' },
            { account: 'A-1', category: 'Tax', amount: '19' },
            { account: 'A-2', category: 'Usage', amount: '7.00' },
          ],
        },
      ],
    )
    expect(found).toMatchObject({ ties: true, breaks: [] })
    expect(found.invoices).toEqual([
      {
        issuer: 'Nimbus Inc.',
        invoice: 'INV-1',
        currency: 'USD',
        status: 'Issued',
        rows: 3,
        invoiced: '126',
        billed: '126',
        difference: '0',
        tolerance: '1',
        result: 'ties',
        parts: [
          part('A-1', 'Tax', '19', '0.009999999999999999'),
          part('A-1', 'Usage', '100', '1'),
          part('A-2', 'Usage', '7', '1'),
        ],
      },
    ])
  })

  test('within what FOCUS tolerates of rounding, but not beyond it', async () => {
    const within = await reconcileMade([usage], [{ amount: '101' }])
    expect({ ties: within.ties, result: within.invoices[0]?.result }).toEqual({
      ties: true,
      result: 'within tolerance',
    })
    const beyond = await reconcileMade([usage], [{ amount: '101.000000000000000001' }])
    expect({ ties: beyond.ties, result: beyond.invoices[0]?.result }).toEqual({ ties: false, result: 'breaks' })
  })

  test('charges without an InvoiceId, by issuer and account; several invoices of one account together', async () => {
    const unnamed = { ...usage, invoice: null }
    const found = await reconcileMade(
      [unnamed, { ...unnamed, account: 'A-2', billed: '50' }],
      [
        { id: 'G-1', issuer: 'Nimbus Inc.', lines: [{ account: 'A-1', amount: '60' }] },
        { id: 'G-2', issuer: 'Nimbus Inc.', lines: [{ account: 'A-1', amount: '40' }] },
        { id: 'G-3', issuer: 'Nimbus Inc.', lines: [{ account: 'A-2', amount: '50' }] },
      ],
    )
    expect(found.ties).toBe(true)
    expect(found.invoices.map(({ invoice, billed }) => `${invoice} ${billed}`)).toEqual(['G-1 + G-2 100', 'G-3 50'])
  })

  test('a voided invoice is not payable, and its charges are on none', async () => {
    const found = await reconcileMade([usage], [{ amount: '100', status: 'Voided' }])
    expect(breaksOf(found)).toEqual([
      'missing invoice | INV-1 | -100 USD | No invoice INV-1 was given for the charges. | nimbus:0',
    ])
  })

  test('without any invoice only the own steps are compared', async () => {
    expect(await reconcileMade([usage], undefined)).toMatchObject({ ties: true, hasInvoices: false, invoices: [] })
  })
})

describe('what is told and does not count', () => {
  test('credits that the invoice has in its usage: FOCUS lets a line be of several categories', async () => {
    const found = await reconcileMade([usage, credit], [{ lines: [{ category: 'Usage', amount: '70' }] }])
    expect(breaksOf(found)).toEqual([
      '(credit placement) | INV-1 Credit | 30 USD | The invoice has credits in another category than the charges; together they tie. | nimbus:1',
      '(credit placement) | INV-1 Usage | -30 USD | The invoice has credits in another category than the charges; together they tie. | nimbus:0',
    ])
    expect(found.ties).toBe(true)
  })

  test('an invoice that is still open', async () => {
    const found = await reconcileMade([usage], [{ amount: '60', status: 'Open' }])
    expect(breaksOf(found)).toEqual([
      '(unexplained) | INV-1 | -40 USD | Nothing that was found accounts for it. | nimbus:0',
    ])
    expect({ ties: found.ties, result: found.invoices[0]?.result }).toEqual({ ties: true, result: 'open' })
  })
})

test('charges of an open month that are on no invoice yet do not tie, for that reason', async () => {
  const found = await reconcileMade([{ ...usage, invoice: null }], [], { openSources: new Set(['nimbus']) })
  expect(breaksOf(found)).toEqual([
    'timing | none A-1 | -100 USD | The charges are on no invoice yet: the month is open. | nimbus:0',
  ])
  expect(found.ties).toBe(false)
})

test('lines that each tie, and together leave too much', async () => {
  const accounts = ['A-1', 'A-2', 'A-3']
  const found = await reconcileMade(
    accounts.map((account) => ({ account, billed: '100' })),
    [{ lines: accounts.map((account) => ({ account, amount: '100.40' })) }],
  )
  expect(breaksOf(found)).toEqual([
    'rounding | INV-1 | 1.2 USD | Each line ties, but what rounding leaves of them is too much for one invoice. | ',
  ])
})

test('a step of our own that differs by the last digit does not tie', async () => {
  const control = { name: 'Postings = statements', left: '100', right: '100', difference: '0' }
  const tied = await reconcileMade([usage], [{ amount: '100' }], { controls: [control] })
  const broken = await reconcileMade([usage], [{ amount: '100' }], {
    controls: [control, { ...control, right: '99.999999999999999999', difference: '0.000000000000000001' }],
  })
  expect([tied.ties, broken.ties]).toEqual([true, false])
})
