import { readFileSync } from 'node:fs'
import { UserError } from './errors.ts'

/**
 * The FOCUS columns of each version and the x_ columns that focal adds. The JSON files under schemas/focus
 * are the only list of columns; each is read when first asked for, so that start-up does not pay for them.
 */

export const focusVersions = ['1.0', '1.1', '1.2', '1.3', '1.4'] as const
export type FocusVersion = (typeof focusVersions)[number]

export type FocusType = 'string' | 'decimal' | 'datetime' | 'json'

export interface FocusColumn {
  readonly id: string
  readonly type: FocusType
  /** Of json columns: one flat object of scalars, or any object. */
  readonly format?: 'key-value' | 'object'
  readonly level: 'Mandatory' | 'Conditional' | 'Recommended'
  /** When a Conditional or Recommended column is due, as FOCUS words it; absent for Mandatory ones. */
  readonly presence?: string
  readonly nullable: boolean
  readonly allowedValues?: readonly string[]
  /** Each allowed value's one parent value in another column: ServiceSubcategory in ServiceCategory. */
  readonly parents?: { readonly column: string; readonly of: Readonly<Record<string, string>> }
  /** FOCUS version that brought the column, such as `0.5` or `1.0-preview`. */
  readonly introduced: string
  readonly deprecated?: FocusVersion
  /** First version without the column. */
  readonly removed?: FocusVersion
  /** What FOCUS requires of the values. */
  readonly requirements: readonly string[]
}

export interface FocusSchema {
  readonly version: FocusVersion
  /** Attribution of the facts. */
  readonly source: string
  readonly dataset: 'CostAndUsage'
  /** The columns of Cost and Usage, in the order of the specification. */
  readonly columns: readonly FocusColumn[]
  /** The other datasets of the version, by name; none before 1.3. */
  readonly datasets: Readonly<Record<string, readonly FocusColumn[]>>
}

export interface ExtensionColumn {
  readonly id: string
  readonly type: 'string' | 'json'
  readonly description: string
}

export interface LakeColumn {
  readonly name: string
  /** DuckDB type. */
  readonly type: string
}

export function isFocusVersion(text: string): text is FocusVersion {
  return focusVersions.some((version) => version === text)
}

/** `1.2` as a version; a UserError lists the known ones. */
export function parseFocusVersion(text: string): FocusVersion {
  if (isFocusVersion(text)) return text
  throw new UserError(`FOCUS ${text} is not a version that focal knows`, {
    hint: `Use one of ${focusVersions.join(', ')}.`,
  })
}

/** Columns of one version, with `allowedValues` filled from `parents` where a column has those. */
export function focusSchema(version: FocusVersion): FocusSchema {
  const { columns, ...rest } = readSchemaFile(`${version}.json`) as FocusSchema
  return { ...rest, columns: columns.map(withAllowedValues) }
}

/** The x_ columns of every partition, whatever its source. */
export function extensionColumns(): readonly ExtensionColumn[] {
  return (readSchemaFile('extensions.json') as { columns: ExtensionColumn[] }).columns
}

/** The type that focal stores: money and quantities never as floats, times in UTC, JSON as text. */
export function duckdbType(type: FocusType): string {
  if (type === 'decimal') return 'DECIMAL(38,18)'
  if (type === 'datetime') return 'TIMESTAMP WITH TIME ZONE'
  return 'VARCHAR'
}

/** Columns of a lake partition, in order: those of the FOCUS version, then the x_ columns. */
export function lakeColumns(version: FocusVersion): readonly LakeColumn[] {
  return [...focusSchema(version).columns, ...extensionColumns()].map(({ id, type }) => ({
    name: id,
    type: duckdbType(type),
  }))
}

/**
 * A parsed file of schemas/focus, read once; the caller says what it holds. The files are part of the package,
 * so their shape is a matter for the tests and not checked again here.
 */
export function readSchemaFile(name: string): unknown {
  if (!files.has(name)) files.set(name, JSON.parse(readFileSync(new URL(name, folder), 'utf8')))
  return files.get(name)
}

/** Beside both src/ and dist/. */
const folder = new URL('../../schemas/focus/', import.meta.url)
const files = new Map<string, unknown>()

function withAllowedValues(column: FocusColumn): FocusColumn {
  return column.parents === undefined ? column : { ...column, allowedValues: Object.keys(column.parents.of) }
}
