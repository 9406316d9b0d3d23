import { DocProperties, Workbook, type Worksheet } from 'wasm-xlsxwriter'
import { inertText, type Column, type Sheet } from '../sheet.ts'
import type { Chargeback } from './model.ts'
import { detailSheet, lineSheet, statementSheet } from './sheets.ts'
import { makeFormats, type Formats } from './workbook-formats.ts'
import { writeSummary } from './workbook-summary.ts'

/**
 * The chargeback as a workbook: a summary whose totals are formulas over the sheets of statements, lines and details,
 * each with a frozen header and filters. Every formula is written with the value that the model has.
 */
export function chargebackWorkbook(chargeback: Chargeback): Uint8Array {
  const workbook = new Workbook()
  workbook.setProperties(new DocProperties().setTitle(`Chargeback ${chargeback.period}`).setComment(chargeback.runId))
  const formats = makeFormats()
  const statements = statementSheet(chargeback)
  const lines = lineSheet(chargeback)
  const details = detailSheet(chargeback)
  if (chargeback.summaries.length > 0) {
    writeSummary(namedSheet(workbook, 'Summary'), chargeback, { statements, lines, details }, formats)
  }
  writeSheet(namedSheet(workbook, statements.name), statements, ({ currency }) => currency, formats)
  writeSheet(namedSheet(workbook, lines.name), lines, ({ statement }) => statement.currency, formats)
  writeSheet(namedSheet(workbook, details.name), details, ({ statement }) => statement.currency, formats)
  return workbook.saveToBufferSync()
}

function namedSheet(workbook: Workbook, name: string): Worksheet {
  return workbook.addWorksheet().setName(name).setLandscape().setPaperSize(9).setPrintFitToPages(1, 0)
}

function writeSheet<Row>(
  worksheet: Worksheet,
  { columns, rows }: Sheet<Row>,
  currencyOf: (row: Row) => string,
  formats: Formats,
): void {
  columns.forEach(({ header, kind, width }, at) => {
    worksheet.setColumnWidth(at, width ?? 14)
    worksheet.writeStringWithFormat(0, at, header, kind === 'text' ? formats.header : formats.headerRight)
  })
  rows.forEach((row, index) => {
    columns.forEach((column, at) => writeCell(worksheet, index + 1, at, column, row, currencyOf(row), formats))
  })
  worksheet.setFreezePanes(1, 0)
  worksheet.setRepeatRows(0, 0)
  worksheet.autofilter(0, 0, Math.max(rows.length, 1), columns.length - 1)
}

function writeCell<Row>(
  worksheet: Worksheet,
  line: number,
  at: number,
  { kind, value }: Column<Row>,
  row: Row,
  currency: string,
  formats: Formats,
): void {
  const text = value(row)
  if (text === null) return
  // A cell of Excel is a double: exact for cents below 2^53, and shown with the currency's decimals.
  if (kind === 'amount') worksheet.writeNumberWithFormat(line, at, Number(text), formats.amount(currency))
  else if (kind === 'count') worksheet.writeNumberWithFormat(line, at, Number(text), formats.count)
  else if (kind === 'percent') worksheet.writeNumberWithFormat(line, at, Number(text), formats.percent)
  else worksheet.writeString(line, at, kind === 'exact' ? text : inertText(text))
}
