/** A report to read, before it is HTML or PDF: pages of blocks. Texts are plain; whoever renders escapes them. */
export interface Page {
  /** For links within the report. */
  readonly id: string
  readonly title: string
  readonly subtitle: string
  readonly blocks: readonly Block[]
}

export type Block =
  | { readonly type: 'facts'; readonly facts: readonly (readonly [string, string])[] }
  | { readonly type: 'numbers'; readonly numbers: readonly BigNumber[] }
  | { readonly type: 'figures'; readonly figures: readonly Figure[] }
  | Table
  | { readonly type: 'note'; readonly text: string }

export interface BigNumber {
  readonly label: string
  readonly value: string
  readonly note?: string
}

export interface Figure {
  readonly caption: string
  readonly svg: string
  /** In halves of the page's width. */
  readonly span: 1 | 2
}

export interface Table {
  readonly type: 'table'
  readonly caption: string
  readonly columns: readonly TableColumn[]
  readonly rows: readonly TableRow[]
}

export interface TableColumn {
  readonly header: string
  readonly align: 'left' | 'right'
}

export interface TableRow {
  readonly cells: readonly string[]
  /** A group's heading has one cell over the whole width; a total is set off by a line. */
  readonly role?: 'group' | 'total'
}

/** `-1234.50` as `−1,234.50`. */
export function shownAmount(amount: string): string {
  const [whole = '0', fraction] = amount.replace('-', '').split('.')
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',')
  return `${amount.startsWith('-') ? '−' : ''}${grouped}${fraction === undefined ? '' : `.${fraction}`}`
}

/** With a plus or minus sign. */
export function shownChange(amount: string): string {
  return amount.startsWith('-') || !/[1-9]/.test(amount) ? shownAmount(amount) : `+${shownAmount(amount)}`
}

export const right = (header: string): TableColumn => ({ header, align: 'right' })
export const left = (header: string): TableColumn => ({ header, align: 'left' })
