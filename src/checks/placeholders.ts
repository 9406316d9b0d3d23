import { quoteText } from '../core/duckdb.ts'
import { readSchemaFile, type FocusColumn } from '../core/focus.ts'

/** The lists of `rules.json` that its rules refer to. */
export interface RuleLists {
  /** Units as FOCUS spells them. */
  readonly units: readonly string[]
  /** The properties of SkuPriceDetails that FOCUS defines. */
  readonly skuPriceProperties: Readonly<Record<string, 'number' | 'text'>>
}

/** Name under which a text column that should hold numbers or times is kept as it was written. */
export function writtenColumn(column: string): string {
  return `${column} as written`
}

/** The SQL of a violation with its placeholders filled in for a column. */
export function fillIn(violation: string, column: FocusColumn, { units, skuPriceProperties }: RuleLists): string {
  const { id, allowedValues = [], parents } = column
  const properties = Object.entries(skuPriceProperties)
  const lists: Readonly<Record<string, () => readonly string[]>> = {
    allowedValues: () => allowedValues,
    parents: () => Object.entries(parents?.of ?? {}).map(([value, parent]) => `${parent} > ${value}`),
    currencies: () => (readSchemaFile('currencies.json') as { codes: string[] }).codes,
    units: () => units,
    unitsInSmallLetters: () => [...new Set(units.map((unit) => unit.toLowerCase()))],
    skuProperties: () => properties.map(([property]) => property),
    skuNumbers: () => properties.filter(([, type]) => type === 'number').map(([property]) => property),
  }
  return violation.replaceAll(/\{(\w+)\}/g, (placeholder, name: string) => {
    if (name === 'column') return id
    if (name === 'written') return `"${writtenColumn(id)}"`
    return lists[name]?.().map(quoteText).join(', ') ?? placeholder
  })
}
