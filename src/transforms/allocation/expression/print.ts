import { quoteIdentifier, quoteText } from '../../../core/duckdb.ts'
import type { LookupTable, Node } from './syntax.ts'

/**
 * A checked tree as SQL. Every name is quoted and every literal escaped or of digits alone; each form of the tree has
 * one form in SQL, in brackets, so the text of a rule can never become more SQL than its tree says.
 */
export function printSql(node: Node): string {
  switch (node.kind) {
    case 'text':
      return quoteText(node.value)
    case 'number':
      return `CAST(${quoteText(node.value)} AS DECIMAL(38,18))`
    case 'time':
      return `CAST(${quoteText(`${node.value}${node.value.length === 10 ? ' 00:00:00' : ''}+00`)} AS TIMESTAMPTZ)`
    case 'truth':
      return node.value ? 'TRUE' : 'FALSE'
    case 'null':
      return 'NULL'
    case 'name':
      return quoteIdentifier(node.name)
    case 'key':
      return `json_extract_string(${quoteIdentifier(node.column)}, ${quoteText(pointerTo(node.key))})`
    case 'call':
      return `${node.name.toLowerCase()}(${node.inputs.map(printSql).join(', ')})`
    case 'compare':
      return `(${printSql(node.left)} ${node.operator} ${printSql(node.right)})`
    case 'in':
      return `(${printSql(node.value)} IN (${node.list.map(printSql).join(', ')}))`
    case 'like':
      return `(${printSql(node.value)} LIKE ${printSql(node.pattern)})`
    case 'between':
      return `(${printSql(node.value)} BETWEEN ${printSql(node.low)} AND ${printSql(node.high)})`
    case 'isNull':
      return `(${printSql(node.value)} IS NULL)`
    case 'not':
      return `(NOT ${printSql(node.part)})`
    case 'and':
    case 'or':
      return `(${node.parts.map(printSql).join(node.kind === 'and' ? ' AND ' : ' OR ')})`
    case 'filled':
      return `nullif(trim(${printSql(node.value)}), '')`
    default:
      return printLookup(node.value, node.tables, node.otherwise)
  }
}

/** A constant map: CASE would work the value out again for each of its branches. */
function printLookup(value: Node, tables: readonly LookupTable[], otherwise: Node): string {
  const found = tables.map(({ pairs, when }) => {
    const [keys, results] = [[...pairs.keys()], [...pairs.values()]].map((texts) => texts.map(quoteText).join(', '))
    const result = `map_extract_value(map([${keys}], [${results}]), ${printSql(value)})`
    return when === undefined ? result : `CASE WHEN ${printSql(when)} THEN ${result} END`
  })
  return found.length === 0 ? printSql(otherwise) : `coalesce(${[...found, printSql(otherwise)].join(', ')})`
}

/** RFC 6901: unlike a path with $, it can name any key. */
function pointerTo(key: string): string {
  return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** The columns and dimensions that a tree reads, each once, in order. */
export function readsOf(node: Node): string[] {
  return [...new Set(namesIn(node))]
}

function namesIn(node: Node): string[] {
  switch (node.kind) {
    case 'name':
      return [node.name]
    case 'key':
      return [node.column]
    case 'call':
      return node.inputs.flatMap(namesIn)
    case 'compare':
      return [node.left, node.right].flatMap(namesIn)
    case 'in':
      return [node.value, ...node.list].flatMap(namesIn)
    case 'like':
      return [node.value, node.pattern].flatMap(namesIn)
    case 'between':
      return [node.value, node.low, node.high].flatMap(namesIn)
    case 'isNull':
    case 'filled':
      return namesIn(node.value)
    case 'not':
      return namesIn(node.part)
    case 'and':
    case 'or':
      return node.parts.flatMap(namesIn)
    case 'lookup':
      return [node.value, ...node.tables.flatMap(({ when }) => when ?? []), node.otherwise].flatMap(namesIn)
    default:
      return []
  }
}
