import { quoteIdentifier } from '../../../core/duckdb.ts'

/** A field as BigQuery's table metadata describes it. */
export interface Field {
  readonly name?: string
  readonly type?: string
  readonly mode?: string
  readonly fields?: readonly Field[]
}

/** A value in the REST interface: text, a list of values, or the values of a struct in the order of its fields. */
export type RestValue = null | string | readonly { readonly v: RestValue }[] | RestRow
export interface RestRow {
  readonly f: readonly { readonly v: RestValue }[]
}

/** BigQuery's two spellings of each type, and what DuckDB calls it. JSON and BIGNUMERIC stay the text they are. */
const types: Readonly<Record<string, string>> = {
  STRING: 'VARCHAR',
  INTEGER: 'BIGINT',
  INT64: 'BIGINT',
  FLOAT: 'DOUBLE',
  FLOAT64: 'DOUBLE',
  NUMERIC: 'DECIMAL(38,9)',
  BOOLEAN: 'BOOLEAN',
  BOOL: 'BOOLEAN',
  TIMESTAMP: 'TIMESTAMP WITH TIME ZONE',
  DATETIME: 'TIMESTAMP',
  DATE: 'DATE',
}

export function duckdbType(field: Field): string {
  const one = field.fields
    ? `STRUCT(${field.fields.map((part) => `${quoteIdentifier(part.name ?? '')} ${duckdbType(part)}`).join(', ')})`
    : (types[field.type ?? ''] ?? 'VARCHAR')
  return field.mode === 'REPEATED' ? `${one}[]` : one
}

/** Whether the field, or one in it, has more digits than any Parquet decimal that is widely read. */
export function hasBigNumeric(field: Field): boolean {
  return field.type === 'BIGNUMERIC' || (field.fields ?? []).some(hasBigNumeric)
}

/** A row of the REST interface as an object with the fields' names, every scalar still the text that BigQuery wrote. */
export function namedRow(fields: readonly Field[], row: RestRow): Record<string, unknown> {
  return Object.fromEntries(fields.map((field, at) => [field.name ?? '', namedValue(field, row.f[at]?.v ?? null)]))
}

function namedValue(field: Field, value: RestValue): unknown {
  if (field.mode === 'REPEATED') {
    const item = { ...field, mode: 'NULLABLE' }
    return Array.isArray(value) ? value.map(({ v }: { v: RestValue }) => namedValue(item, v)) : []
  }
  if (value === null || Array.isArray(value)) return null
  if (typeof value === 'object') return namedRow(field.fields ?? [], value as RestRow)
  return field.type === 'TIMESTAMP' ? instant(value) : value
}

/** Microseconds since 1970 as an ISO time: `1764547200000001` is `2025-12-01T00:00:00.000001Z`. */
function instant(micros: string): string {
  const count = BigInt(micros)
  const second = (count - (((count % 1_000_000n) + 1_000_000n) % 1_000_000n)) / 1_000_000n
  const text = new Date(Number(second) * 1000).toISOString().slice(0, 19)
  return `${text}.${String(count - second * 1_000_000n).padStart(6, '0')}Z`
}
