import type { Worksheet } from 'wasm-xlsxwriter'
import { inertText, type Sheet } from '../sheet.ts'
import { amountText, decimalsOf } from './amounts.ts'
import { kindNames, words } from './lines.ts'
import type { Chargeback, Statement, Summary } from './model.ts'
import type { FlatDetail, FlatLine } from './sheets.ts'
import { writeAmount, writeFormula, type Formats } from './workbook-formats.ts'

interface Sheets {
  readonly statements: Sheet<Statement>
  readonly lines: Sheet<FlatLine>
  readonly details: Sheet<FlatDetail>
}

/** Where the next row goes, with what it takes to write one. */
interface Page {
  readonly worksheet: Worksheet
  readonly formats: Formats
  readonly sheets: Sheets
  row: number
}

/** The controller's page: a block for each currency. Amounts that other sheets have are formulas over those. */
export function writeSummary(worksheet: Worksheet, chargeback: Chargeback, sheets: Sheets, formats: Formats): void {
  const page: Page = { worksheet, formats, sheets, row: 0 }
  worksheet.setColumnWidth(0, 46)
  worksheet.setColumnRangeWidth(1, 8, 17)
  worksheet.writeStringWithFormat(page.row++, 0, `Chargeback ${chargeback.period}`, formats.title)
  const from = chargeback.asOf.replace('T', ' ').slice(0, 16)
  worksheet.writeStringWithFormat(
    page.row++,
    0,
    `${chargeback.state} · charged on ${chargeback.chargeOn} · allocated ${from} UTC · run ${chargeback.runId.slice(0, 12)}`,
    formats.note,
  )
  for (const summary of chargeback.summaries) {
    page.row += 1
    writeTotals(page, summary)
    writeMatrix(page, summary)
    writeBridge(page, summary)
    writeUnallocated(page, summary)
  }
}

/**
 * `ROUND(SUMPRODUCT(EXACT(Lines!$B$2:$B$90,"EUR")*Lines!$O$2:$O$90),2)`: a sheet's column where its other columns are
 * so. SUMIFS would read `0640` and `640` as the same number, and take the asterisk of a name for any text.
 */
function sumOf<Row>(
  { name, columns, rows }: Sheet<Row>,
  header: string,
  where: Record<string, string>,
  decimals: number,
) {
  const range = (title: string) => {
    const letter = columnLetter(columns.findIndex((column) => column.header === title))
    return `${name}!$${letter}$2:$${letter}$${Math.max(rows.length, 1) + 1}`
  }
  const conditions = Object.entries(where).map(
    ([title, value]) => `EXACT(${range(title)},"${inertText(value).replaceAll('"', '""')}")`,
  )
  return `ROUND(SUMPRODUCT(${[...conditions, range(header)].join('*')}),${decimals})`
}

function columnLetter(at: number): string {
  return at < 26 ? String.fromCharCode(65 + at) : `${columnLetter(Math.floor(at / 26) - 1)}${columnLetter(at % 26)}`
}

function writeTotals(page: Page, { currency, total, charged, previous, yearToDate, kinds }: Summary): void {
  const { statements, lines, details } = page.sheets
  const decimals = decimalsOf(currency)
  writeHeader(page, [`Totals in ${currency}`, 'Amount'])
  const row = (label: string, formula: string, value: string) => {
    page.worksheet.writeString(page.row, 0, label)
    writeFormula(page.worksheet, [page.row, 1], formula, value, page.formats.amount(currency))
    page.row += 1
  }
  for (const { kind, amount } of kinds) {
    row(kindNames[kind], sumOf(lines, 'This month', { Currency: currency, Kind: kindNames[kind] }, decimals), amount)
  }
  row('Statements', sumOf(statements, 'This month', { Currency: currency }, decimals), total)
  row('Of it charged', sumOf(statements, 'Of it charged', { Currency: currency }, decimals), charged)
  row('Details', sumOf(details, 'Amount', { Currency: currency }, decimals), total)
  row('Statements less details', `B${page.row - 2}-B${page.row}`, amountText(0n, currency))
  row('Last month', sumOf(statements, 'Last month', { Currency: currency }, decimals), previous)
  row('Year to date', sumOf(statements, 'Year to date', { Currency: currency }, decimals), yearToDate)
}

function writeMatrix(page: Page, { currency, matrix }: Summary): void {
  const { worksheet, formats, sheets } = page
  page.row += 1
  writeHeader(page, [
    `Cost centre × GL account, ${currency}`,
    ...matrix.accounts.map((account) => inertText(account ?? 'none')),
    'Total',
  ])
  const first = page.row
  const last = matrix.accounts.length + 1
  for (const { costCentre, amounts, total } of matrix.rows) {
    worksheet.writeString(page.row, 0, inertText(costCentre ?? 'none'))
    amounts.forEach((amount, at) => {
      const where = { Currency: currency, 'Cost centre': costCentre ?? '', 'GL account': matrix.accounts[at] ?? '' }
      const formula = sumOf(sheets.lines, 'This month', where, decimalsOf(currency))
      writeFormula(worksheet, [page.row, at + 1], formula, amount, formats.amount(currency))
    })
    const formula = `ROUND(SUM(B${page.row + 1}:${columnLetter(last - 1)}${page.row + 1}),${decimalsOf(currency)})`
    writeFormula(worksheet, [page.row, last], formula, total, formats.amount(currency))
    page.row += 1
  }
  worksheet.writeStringWithFormat(page.row, 0, 'Total', formats.totalLabel)
  const bottoms = [...matrix.totals, matrix.total]
  bottoms.forEach((total, at) => {
    const letter = columnLetter(at + 1)
    const formula = `ROUND(SUM(${letter}${first + 1}:${letter}${page.row}),${decimalsOf(currency)})`
    writeFormula(worksheet, [page.row, at + 1], formula, total, formats.total(currency))
  })
  page.row += 1
}

/** To the last digit, hence as text: a cell's number has some 15 digits. */
function writeBridge(page: Page, { currency, bridge, controls }: Summary): void {
  page.row += 1
  writeHeader(page, [`From bill to statements, ${currency}`, 'Exact'])
  for (const { name, amount } of bridge) {
    page.worksheet.writeString(page.row, 0, name)
    page.worksheet.writeString(page.row++, 1, amount)
  }
  page.row += 1
  writeHeader(page, [`Control totals, ${currency}`, 'Left', 'Right', 'Difference'])
  for (const control of controls) {
    page.worksheet.writeString(page.row, 0, control.name)
    ;[control.left, control.right, control.difference].forEach((text, at) => {
      page.worksheet.writeString(page.row, at + 1, text)
    })
    page.row += 1
  }
}

function writeUnallocated(page: Page, { currency, unallocated, unallocatedPercent }: Summary): void {
  if (unallocated.length === 0) return
  page.row += 1
  writeHeader(page, [`Idle and unallocated, ${unallocatedPercent} % of ${currency}`, 'Amount', 'Owner', 'Pool'])
  for (const { reason, owner, pool, amount } of unallocated) {
    page.worksheet.writeString(page.row, 0, words(reason))
    writeAmount(page.worksheet, [page.row, 1], amount, page.formats.amount(currency))
    page.worksheet.writeString(page.row, 2, inertText(owner))
    page.worksheet.writeString(page.row++, 3, inertText(pool ?? ''))
  }
}

function writeHeader(page: Page, titles: readonly string[]): void {
  const { header, headerRight } = page.formats
  titles.forEach((title, at) => {
    page.worksheet.writeStringWithFormat(page.row, at, title, at === 0 ? header : headerRight)
  })
  page.row += 1
}
