import { createHash } from 'node:crypto'
import { extensionColumns, focusSchema, readSchemaFile, type FocusType, type FocusVersion } from './focus.ts'

const costAndUsage = 'CostAndUsage'

/** A column as FOCUS metadata describes it; the names of the properties are the specification's. */
export interface ColumnDefinition {
  readonly ColumnName: string
  readonly DataType: 'STRING' | 'DECIMAL' | 'DATETIME' | 'JSON'
  readonly NumericPrecision?: number
  readonly NumberScale?: number
  readonly StringEncoding?: 'UTF-8'
  readonly ProviderTagPrefixes?: readonly string[]
  readonly Deprecated?: true
}

/** The definitions of exactly the columns that a file of this dataset and version has, in their order. */
export function columnDefinitions(version: FocusVersion, dataset: string = costAndUsage): ColumnDefinition[] {
  const { columns, datasets } = focusSchema(version)
  const present = dataset === costAndUsage ? [...columns, ...extensionColumns()] : (datasets[dataset] ?? [])
  return present.map((column) => ({
    ColumnName: column.id,
    ...dataTypes[column.type],
    ...(column.id === 'Tags' && { ProviderTagPrefixes: tagPrefixes() }),
    ...('deprecated' in column && column.deprecated !== undefined && { Deprecated: true as const }),
  }))
}

/**
 * The schema's id: a GUID worked out from the structure alone (FOCUS version and column definitions), so that it
 * changes when, and only when, that does, and the same delivery gives the same file.
 */
export function schemaId(version: FocusVersion, dataset: string = costAndUsage): string {
  return guidOf([dataset, version, columnDefinitions(version, dataset)])
}

/** A GUID (version 8 of RFC 9562: made by a rule of our own) of anything that JSON can write. */
export function guidOf(content: unknown): string {
  const bytes = createHash('sha256').update(JSON.stringify(content)).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

const dataTypes: Record<FocusType, Omit<ColumnDefinition, 'ColumnName'>> = {
  string: { DataType: 'STRING', StringEncoding: 'UTF-8' },
  decimal: { DataType: 'DECIMAL', NumericPrecision: 38, NumberScale: 18 },
  datetime: { DataType: 'DATETIME' },
  json: { DataType: 'JSON', StringEncoding: 'UTF-8' },
}

function tagPrefixes(): string[] {
  const { prefixes } = readSchemaFile('tag-prefixes.json') as { prefixes: { prefix: string }[] }
  return prefixes.map(({ prefix }) => prefix)
}
