import { DocProperties, Workbook, type Worksheet } from 'wasm-xlsxwriter'
import { UserError } from '../../core/errors.ts'
import { inertText, type Column, type Sheet } from '../sheet.ts'
import type { Chargeback } from './model.ts'
import { detailSheet, lineSheet, statementSheet } from './sheets.ts'
import { makeFormats, writeAmount, type Formats } from './workbook-formats.ts'
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

/** Of a worksheet, by Excel. */
const mostRows = 1_048_576

function writeSheet<Row>(
  worksheet: Worksheet,
  { name, columns, rows }: Sheet<Row>,
  currencyOf: (row: Row) => string,
  formats: Formats,
): void {
  if (rows.length >= mostRows) {
    throw new UserError(
      `a worksheet has ${mostRows} rows at most, and there are ${rows.length} ${name.toLowerCase()}`,
      {
        hint: 'Ask for csv in place of xlsx, or for one target at a time.',
      },
    )
  }
  columns.forEach(({ header, kind, width }, at) => {
    worksheet.setColumnWidth(at, width ?? 14)
    worksheet.writeStringWithFormat(0, at, header, kind === 'text' ? formats.header : formats.headerRight)
  })
  rows.forEach((row, index) => {
    for (const [at, column] of columns.entries()) {
      // What comes back is another handle on the sheet; half a million of them would keep the collector busy for minutes.
      writeCell(worksheet, index + 1, at, column, row, currencyOf(row), formats)?.free()
    }
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
): Worksheet | undefined {
  const text = value(row)
  if (text === null) return undefined
  switch (kind) {
    case 'amount':
      return writeAmount(worksheet, [line, at], text, formats.amount(currency))
    case 'count':
      return worksheet.writeNumberWithFormat(line, at, Number(text), formats.count)
    case 'percent':
      return worksheet.writeNumberWithFormat(line, at, Number(text), formats.percent)
    case 'text':
      return worksheet.writeString(line, at, inertText(text))
    case 'exact':
      return worksheet.writeString(line, at, text)
  }
}
