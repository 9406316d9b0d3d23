/** A table of a report, described once for every format that has tables. */
export interface Sheet<Row> {
  readonly name: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
}

export interface Column<Row> {
  readonly header: string
  /**
   * Texts may hold anything, all else is a number as decimal text. Exact ones have more digits than a spreadsheet keeps
   * of a number.
   */
  readonly kind: 'text' | 'amount' | 'count' | 'percent' | 'exact'
  /** null is an empty cell. */
  readonly value: (row: Row) => string | null
  /** In characters, for formats that ask. */
  readonly width?: number
}

/**
 * A text that no spreadsheet takes for a formula: names and tags come from whoever may write them, and `=HYPERLINK(…)`
 * in a service's name must stay a name. A leading apostrophe is what spreadsheets themselves use for it.
 */
export function inertText(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
}

/** With a header line and CRLF, as RFC 4180 has it. */
export function csvOf<Row>({ columns, rows }: Sheet<Row>): string {
  const cell = (column: Column<Row>, row: Row) => {
    const value = column.value(row) ?? ''
    return quoted(column.kind === 'text' ? inertText(value) : value)
  }
  return [columns.map(({ header }) => quoted(header)), ...rows.map((row) => columns.map((column) => cell(column, row)))]
    .map((cells) => `${cells.join(',')}\r\n`)
    .join('')
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
