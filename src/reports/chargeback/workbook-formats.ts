import { Color, Format, FormatAlign, FormatBorder, Formula, type Worksheet } from 'wasm-xlsxwriter'
import { decimalsOf } from './amounts.ts'

/** Formats of cells; amounts have as many decimals as their currency. */
export interface Formats {
  readonly title: Format
  readonly header: Format
  readonly headerRight: Format
  readonly note: Format
  readonly amount: (currency: string) => Format
  readonly total: (currency: string) => Format
  readonly totalLabel: Format
  readonly count: Format
  readonly percent: Format
}

export function makeFormats(): Formats {
  const byDecimals = new Map<string, Format>()
  const money = (currency: string, total: boolean) => {
    const decimals = decimalsOf(currency)
    const key = `${decimals} ${total}`
    const format = byDecimals.get(key) ?? moneyFormat(decimals, total)
    byDecimals.set(key, format)
    return format
  }
  const header = () => new Format().setBold().setBackgroundColor(Color.rgb(0xe8eef4)).setBorderBottom(FormatBorder.Thin)
  return {
    title: new Format().setBold().setFontSize(15),
    header: header(),
    headerRight: header().setAlign(FormatAlign.Right),
    note: new Format().setFontColor(Color.rgb(0x5b6770)),
    amount: (currency) => money(currency, false),
    total: (currency) => money(currency, true),
    totalLabel: new Format().setBold().setBorderTop(FormatBorder.Thin),
    count: new Format().setNumFormat('#,##0'),
    percent: new Format().setNumFormat('0.0#'),
  }
}

function moneyFormat(decimals: number, total: boolean): Format {
  const digits = decimals === 0 ? '#,##0' : `#,##0.${'0'.repeat(decimals)}`
  const format = new Format().setNumFormat(`${digits};[Red]-${digits}`)
  return total ? format.setBold().setBorderTop(FormatBorder.Thin) : format
}

/** An amount of a statement in a cell. Excel's numbers are doubles: exact for cents below 2^53, shown as the currency is. */
export function writeAmount(
  worksheet: Worksheet,
  [row, column]: readonly [number, number],
  amount: string,
  format: Format,
): Worksheet {
  return worksheet.writeNumberWithFormat(row, column, Number(amount), format)
}

/** A number that a formula gives, written with its value so that viewers that do not calculate show it too. */
export function writeFormula(
  worksheet: Worksheet,
  [row, column]: readonly [number, number],
  formula: string,
  value: string,
  format: Format,
): void {
  worksheet.writeFormulaWithFormat(row, column, new Formula(`=${formula}`).setResult(value), format)
}
