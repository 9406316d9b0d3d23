import { trimZeros } from '../core/decimal.ts'

/** Rows as an aligned text table under a header; columns of numbers are aligned at their decimal points. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const columns = header.map((_name, at) => alignPoints(rows.map((row) => row[at] ?? '')))
  const widths = header.map((name, at) =>
    Math.max(name.length, ...(columns[at]?.cells ?? []).map((cell) => cell.length)),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => (columns[at]?.numeric ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd()
  const body = rows.map((_row, index) => line(columns.map(({ cells }) => cells[index] ?? '')))
  return [line(header), line(widths.map((width) => '─'.repeat(width))), ...body].join('\n')
}

function alignPoints(cells: readonly string[]): { cells: readonly string[]; numeric: boolean } {
  const numeric = cells.length > 0 && cells.every((cell) => /^-?[\d,]*(\.\d+)?$/.test(cell))
  if (!numeric) return { cells, numeric }
  const decimals = cells.map((cell) => (cell.includes('.') ? cell.length - cell.indexOf('.') : 0))
  const most = Math.max(...decimals)
  return { cells: cells.map((cell, at) => cell + ' '.repeat(most - (decimals[at] ?? 0))), numeric }
}

/** `1234567` as `1,234,567`. */
export function count(value: number): string {
  return value.toLocaleString('en-US')
}

/** Exact decimal text for people: thousands separated, at least two decimals, none that is there lost. */
export function money(decimal: string): string {
  const [whole = '0', fraction = ''] = trimZeros(decimal).split('.')
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${fraction.padEnd(2, '0')}`
}
