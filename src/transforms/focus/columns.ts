import { extensionColumns, focusSchema, focusVersions, type FocusType } from '../../core/focus.ts'

/** What a column of a FOCUS file is taken for. */
export type ColumnRole = FocusType | 'extension' | 'line number' | 'issuer' | 'issuer object'

export interface FileColumn {
  /** As the file spells it. */
  readonly header: string
  /** As SQL knows it. */
  readonly name: string
  readonly role: ColumnRole
}

export interface KnownColumn {
  readonly id: string
  readonly type: FocusType
}

/** The columns of every FOCUS version, each once. */
export const everyFocusColumn: readonly KnownColumn[] = [
  ...new Map(
    focusVersions.flatMap((version) => focusSchema(version).columns.map(({ id, type }) => [id, { id, type }] as const)),
  ).values(),
]

/** The x_ columns of ours that an issuer may fill; the two others say where a row is from. */
export const extensionIds: readonly string[] = extensionColumns()
  .map(({ id }) => id)
  .filter((id) => id !== 'x_SourceFile' && id !== 'x_IssuerColumns')

/** Without these there is no bill. */
export const requiredColumns: ReadonlySet<string> = new Set([
  'BilledCost',
  'EffectiveCost',
  'BillingCurrency',
  'BillingPeriodStart',
  'ChargeCategory',
])

/** A column that only numbers the rows: what databases and data frames leave in an export of theirs. */
const lineNumber = /^(|id|index|row_?(number|num|id)|unnamed: 0|column0|__index_level_0__)$/i

const bySquashedName = new Map(everyFocusColumn.map((column) => [squash(column.id), column]))
const extensions = new Set(extensionIds)

/** Says what each header of a file is: FOCUS columns in any spelling, x_ columns of ours, a line number, or the issuer's own. */
export function readHeaders(headers: readonly string[]): FileColumn[] {
  const first = headers.findIndex((header) => lineNumber.test(header.trim()))
  return headers.map((header, index) => {
    const known = bySquashedName.get(squash(header))
    if (known !== undefined) return { header, name: known.id, role: known.type }
    if (extensions.has(header)) return { header, name: header, role: 'extension' }
    if (header === 'x_IssuerColumns') return { header, name: header, role: 'issuer object' }
    if (index === first) return { header, name: 'line_number', role: 'line number' }
    return { header, name: `issuer_${index}`, role: 'issuer' }
  })
}

/** What a column of the issuer's is called with us: FOCUS wants x_ in front of what is not its own. */
export function issuerName(header: string): string {
  return /^x_/i.test(header) ? header : `x_${header}`
}

/** Letters and digits alone: what the spellings of one column share (`BILLED_COST`, `Billed Cost`). */
function squash(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}
