import { quoteIdentifier, type Session } from '../core/duckdb.ts'
import { duckdbType, type FocusColumn } from '../core/focus.ts'
import type { Dataset } from './dataset.ts'
import { writtenColumn } from './placeholders.ts'

/** A column of the table under check, as DuckDB describes it. */
export interface TableColumn {
  readonly name: string
  readonly type: string
}

/** The table under check in a shape in which every rule can be asked. */
export interface Subject {
  /** A parenthesised query: all FOCUS columns of the version with their types, null where missing, then the others. */
  readonly sql: string
  /** Names of the columns that the table itself has. */
  readonly present: ReadonlySet<string>
  /** FOCUS columns for numbers and times that the table holds as text; also there as `writtenColumn`. */
  readonly fromText: ReadonlySet<string>
  /** SQL of the amount by which rows are weighed: BilledCost, or null where the dataset has none. */
  readonly cost: string
}

export async function tableColumns(session: Session, relation: string): Promise<TableColumn[]> {
  const rows = await session.rows<{ column_name: string; column_type: string }>(`DESCRIBE SELECT * FROM ${relation}`)
  return rows.map((row) => ({ name: row.column_name, type: row.column_type }))
}

export function subjectOf(relation: string, columns: readonly TableColumn[], schema: Dataset): Subject {
  const typeOf = new Map(columns.map(({ name, type }) => [name, type]))
  const fromText = new Set<string>()
  const focus = schema.columns.map((column) => {
    const name = quoteIdentifier(column.id)
    const type = typeOf.get(column.id)
    if (type === undefined) return `NULL::${duckdbType(column.type)} AS ${name}`
    if (!isTyped(column) || type !== 'VARCHAR') return `${typedValue(column, type)} AS ${name}`
    fromText.add(column.id)
    return `TRY_CAST(${name} AS ${duckdbType(column.type)}) AS ${name}, ${name} AS ${quoteIdentifier(writtenColumn(column.id))}`
  })
  const taken = new Set(schema.columns.map(({ id }) => id.toLowerCase()))
  const others = columns.filter(({ name }) => !taken.has(name.toLowerCase())).map(({ name }) => quoteIdentifier(name))
  return {
    sql: `(SELECT ${[...focus, ...others].join(', ')} FROM ${relation})`,
    present: new Set(typeOf.keys()),
    fromText,
    cost: taken.has('billedcost') ? 'BilledCost' : 'NULL::DOUBLE',
  }
}

/** Whether a DuckDB type can hold the column's values; a double can, with a loss that `isDouble` tells. */
export function isRightType(column: FocusColumn, type: string): boolean {
  if (column.type === 'decimal') return numeric.test(type) || isDouble(type)
  if (column.type === 'datetime') return type.startsWith('TIMESTAMP')
  return type === 'VARCHAR' || type === 'JSON' || type.startsWith('ENUM')
}

export function isDouble(type: string): boolean {
  return type === 'DOUBLE' || type === 'FLOAT'
}

const numeric = /^(DECIMAL\(.*|U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER)$/

function isTyped(column: FocusColumn): boolean {
  return column.type === 'decimal' || column.type === 'datetime'
}

/** The value in a type that the rules can work with, so that a wrong type is reported once and not by every rule. */
function typedValue(column: FocusColumn, type: string): string {
  const name = quoteIdentifier(column.id)
  const wanted = duckdbType(column.type)
  if (column.type === 'decimal') return isRightType(column, type) ? name : `TRY_CAST(${name}::VARCHAR AS ${wanted})`
  if (type === wanted) return name
  if (column.type === 'datetime')
    return isRightType(column, type) ? `${name}::${wanted}` : `TRY_CAST(${name}::VARCHAR AS ${wanted})`
  return column.type === 'json' && /^(MAP|STRUCT)|\[\d*\]$/.test(type)
    ? `to_json(${name})::VARCHAR`
    : `${name}::VARCHAR`
}
