import { read, utils, type CellObject, type WorkBook, type WorkSheet } from '@e965/xlsx'
import { beforeAll, expect, test } from 'vitest'
import { chargebackWorkbook } from '../../../src/reports/chargeback/workbook.ts'
import { harmfulChargeback } from './made.ts'

const chargeback = harmfulChargeback()
let book: WorkBook

beforeAll(() => {
  book = read(chargebackWorkbook(chargeback), { type: 'array', cellFormula: true, cellNF: true, bookFiles: true })
})

const sheet = (name: string): WorkSheet => book.Sheets[name] ?? {}
const cells = (name: string) =>
  Object.entries(sheet(name)).filter(([at]) => !at.startsWith('!')) as [string, CellObject][]
const cents = (amount: unknown) => Math.round(Number(amount) * 100)
const column = (name: string, header: string) =>
  utils.sheet_to_json<Record<string, unknown>>(sheet(name)).map((row) => row[header])
const total = (amounts: readonly unknown[]) => amounts.reduce((sum: number, amount) => sum + cents(amount), 0)

test('another library reads the same totals', () => {
  expect(book.SheetNames).toEqual(['Summary', 'Statements', 'Lines', 'Details'])
  const shown = chargeback.statements.map(({ id, total: amount }) => [id, Number(amount)])
  expect(
    utils
      .sheet_to_json<Record<string, unknown>>(sheet('Statements'))
      .map((row) => [row['Statement'], row['This month']]),
  ).toEqual(shown)
  const all = total(chargeback.statements.map((statement) => statement.total))
  expect(total(column('Statements', 'This month'))).toBe(all)
  expect(total(column('Lines', 'This month'))).toBe(all)
  expect(total(column('Details', 'Amount'))).toBe(all)
})

test('amounts are numbers with the decimals of their currency, texts are texts', () => {
  const first = cells('Statements').find(([at]) => at.endsWith('2'))
  expect(first?.[1]).toMatchObject({ t: 's', v: '2026-10/payments/EUR' })
  const amounts = cells('Details').filter(([, { t }]) => t === 'n')
  expect(new Set(amounts.map(([, { z }]) => z))).toEqual(new Set(['#,##0', '#,##0.00;[Red]-#,##0.00']))
  // Leading zeros are not lost: an account is a text.
  expect(column('Lines', 'GL account')).toContain('0640100')
})

test('sheets of rows have a frozen header, and filters over all of them', () => {
  const last = (name: string) => utils.decode_range(sheet(name)['!ref'] ?? '')
  for (const name of ['Statements', 'Lines', 'Details']) {
    expect(sheet(name)['!autofilter']).toEqual({ ref: utils.encode_range(last(name)) })
  }
  // The reader leaves panes alone, so the file itself is asked.
  const { files } = book as unknown as { files: Record<string, { content: Uint8Array } | undefined> }
  for (const at of [2, 3, 4]) {
    const xml = Buffer.from(files[`xl/worksheets/sheet${at}.xml`]?.content ?? []).toString()
    expect(xml).toContain('<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>')
  }
})

test('every formula gives the value that is written with it', () => {
  const formulas = cells('Summary').filter(([, { f }]) => f !== undefined)
  expect(formulas.length).toBeGreaterThan(30)
  for (const [at, { f, v }] of formulas) expect(`${at} ${calculate(f ?? '')}`).toBe(`${at} ${cents(v)}`)
})

test('accounts that differ in a leading zero, or in an asterisk, are summed apart', () => {
  const formulas = cells('Summary').flatMap(([, { f, v }]) => (f?.includes('"0640100"') ? [Number(v)] : []))
  expect(formulas.filter((value) => value !== 0)).toEqual([66.67])
})

test('no text is a formula', () => {
  for (const name of ['Statements', 'Lines', 'Details']) {
    expect(cells(name).filter(([, { f }]) => f !== undefined)).toEqual([])
  }
  expect(column('Details', 'Service')).toContain(`'=HYPERLINK("http://evil.example","click")`)
  expect(column('Details', 'Cost centre')).toContain(`'=CC`)
  expect(column('Details', 'Sub account name')).toContain(`'+49 89`)
})

test('more details than a worksheet has rows are refused', () => {
  const statements = chargeback.statements.map((statement, at) => ({
    ...statement,
    lines: statement.lines.map((line) => ({
      ...line,
      details: at === 0 ? line.details.flatMap((detail) => Array.from({ length: 1_048_576 }, () => detail)) : [],
    })),
  }))
  expect(() => chargebackWorkbook({ ...chargeback, statements })).toThrow(
    'a worksheet has 1048576 rows at most, and there are 1048576 details',
  )
})

/** In cents: the three forms that the summary has, calculated from the cells they name. */
function calculate(formula: string): number {
  const product = /^ROUND\(SUMPRODUCT\((.*)\),\d\)$/.exec(formula)?.[1]
  if (product !== undefined) return sumProduct(product)
  const [, from = '', to = ''] = /^ROUND\(SUM\((\w+):(\w+)\),\d\)$/.exec(formula) ?? []
  if (from !== '') return total(range('Summary', `${from}:${to}`))
  const [, left = '', right = ''] = /^(\w+)-(\w+)$/.exec(formula) ?? []
  if (left !== '') return cents(sheet('Summary')[left]?.v) - cents(sheet('Summary')[right]?.v)
  throw new Error(`a formula of another form: ${formula}`)
}

function sumProduct(product: string): number {
  const conditions = [...product.matchAll(/EXACT\((\w+)!([$\w:]+),"((?:[^"]|"")*)"\)\*/g)]
  const [, name = '', amounts = ''] = /(?:^|\*)(\w+)!([$\w:]+)$/.exec(product) ?? []
  const holds = conditions.map(([, from = '', where = '', value = '']) =>
    range(from, where).map((cell) => (cell ?? '') === value.replaceAll('""', '"')),
  )
  return total(range(name, amounts).filter((_, row) => holds.every((rows) => rows[row])))
}

function range(name: string, where: string): unknown[] {
  const { s, e } = utils.decode_range(where.replaceAll('$', ''))
  const values: unknown[] = []
  for (let r = s.r; r <= e.r; r += 1) {
    for (let c = s.c; c <= e.c; c += 1)
      values.push((sheet(name)[utils.encode_cell({ r, c })] as CellObject | undefined)?.v)
  }
  return values
}
