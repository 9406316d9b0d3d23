import { describe, expect, test } from 'vitest'
import { onlyTarget } from '../../../src/reports/chargeback/build.ts'
import { renderers } from '../../../src/reports/chargeback/render.ts'
import { csvOf, inertText } from '../../../src/reports/sheet.ts'
import { harmfulChargeback } from './made.ts'

const chargeback = harmfulChargeback()

test('texts that a spreadsheet would take for a formula are neutralised', () => {
  expect(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', 'a=b', '', '1-1'].map(inertText)).toEqual([
    "'=1+1",
    "'+1",
    "'-1",
    "'@SUM(A1)",
    "'\tx",
    "'\rx",
    'a=b',
    '',
    '1-1',
  ])
})

test('csv has CRLF, quotes what needs it, and leaves negative amounts numbers', () => {
  const csv = csvOf({
    name: 'any',
    columns: [
      { header: 'Name', kind: 'text', value: ({ name }: { name: string; amount: string | null }) => name },
      { header: 'Amount, USD', kind: 'amount', value: ({ amount }) => amount },
    ],
    rows: [
      { name: '=cmd|"x"', amount: '-1.50' },
      { name: 'two\nlines', amount: null },
    ],
  })
  expect(csv).toBe(`Name,"Amount, USD"\r\n"'=cmd|""x""",-1.50\r\n"two\nlines",\r\n`)
})

test('the csv of a chargeback has a row for each detail, to the last digit too', () => {
  const [header = '', ...rows] = renderers.csv(chargeback).trimEnd().split('\r\n')
  expect(header.split(',').slice(-4)).toEqual(['Postings', 'Currency', 'Amount', 'Exact'])
  expect(rows.length).toBe(8)
  expect(rows.filter((row) => /(^|,)"?[=+@\t\r]/.test(row))).toEqual([])
  expect(rows[0]).toBe(
    `2026-10,payments,Payments,Acme GmbH,CC-1100,640100,chargeback,direct,'@SUM(1),,,,,,Example Cloud,Storage,Object Store,222233334444,shop,Usage,1,EUR,100.00,99.995`,
  )
})

test('json is the model itself', () => {
  expect(JSON.parse(renderers.json(chargeback))).toEqual(JSON.parse(JSON.stringify(chargeback)))
})

describe('html', () => {
  test('has everything in it, loads nothing and runs nothing', async () => {
    const html = await renderers.html(chargeback)
    expect(html).not.toMatch(/<script|<link|<img|<iframe|url\(|\son\w+=|\s(src|href)="(?!#)/i)
    expect(html.match(/<svg/g)?.length).toBe(chargeback.summaries.length + 2 * chargeback.statements.length)
  })

  test('shows names as they are', async () => {
    const html = await renderers.html(chargeback)
    expect(html).toContain('&lt;b&gt;Compute&lt;/b&gt; &amp; &quot;more&quot;')
    expect(html).not.toContain('<b>')
  })

  test('shows amounts in groups of three with a true minus', async () => {
    const html = await renderers.html(chargeback)
    expect(html).toContain('<td class="right">1,250.13</td>')
    expect(html).toContain('<td class="right">−12.50</td>')
  })
})

describe('pdf', () => {
  test('is the same for the same chargeback, page for page', async () => {
    const [one, other] = [await renderers.pdf(chargeback), await renderers.pdf(chargeback)]
    expect(Buffer.from(one).equals(Buffer.from(other))).toBe(true)
    const text = Buffer.from(one).toString('latin1')
    expect(text.startsWith('%PDF-')).toBe(true)
    expect(text.match(/\/Type \/Page\b(?!s)/g)?.length).toBeGreaterThanOrEqual(chargeback.statements.length + 2)
  })

  test('of one target has its pages alone', async () => {
    const text = Buffer.from(await renderers.pdf(onlyTarget(chargeback, 'search'))).toString('latin1')
    expect(text.match(/\/Type \/Page\b(?!s)/g)?.length).toBe(1)
  })
})
