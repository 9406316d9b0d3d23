import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readBeside } from '../core/sql.ts'

/** One `expression AS name` of a transform's SQL. */
export interface Derivation {
  readonly name: string
  readonly expression: string
  /** The comment above it, if any. */
  readonly comment: string
  readonly file: string
}

/**
 * How a column comes about, from the transform's own SQL: its expression, then those of every name that the
 * expression uses, down to the provider's columns. Nearest first; empty when the transform has no such column.
 * Where the transform also takes in the provider's own FOCUS export (`focus-export*.sql`), how it comes about there
 * follows.
 */
export function trace(directory: URL, column: string): Derivation[] {
  const files = sqlFiles(directory)
  const ways = [files.filter((file) => !isFocusExport(file)), files.filter(isFocusExport)]
  return ways.flatMap((way) => {
    const all = way.flatMap((file) => derivations(readBeside(directory, file), file))
    return follow(all, column)
  })
}

function follow(all: readonly Derivation[], column: string): Derivation[] {
  const byName = Map.groupBy(all, ({ name }) => name.toLowerCase())
  const found: Derivation[] = []
  const seen = new Set<string>()
  const queue = [column.toLowerCase()]
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    if (seen.has(name)) continue
    seen.add(name)
    const here = byName.get(name) ?? []
    found.push(...here)
    queue.push(...here.flatMap(({ expression }) => identifiers(expression)))
  }
  return found
}

/** Every file that makes columns, the one with the FOCUS columns first; the others only look at them, or name a way to. */
function sqlFiles(directory: URL): string[] {
  const files = readdirSync(fileURLToPath(directory)).filter((file) => file.endsWith('.sql'))
  const making = files.filter((file) => !/(^|-)(controls|diagnose|macros)\.sql$/.test(file)).toSorted()
  return [...making.filter(hasFocusColumns), ...making.filter((file) => !hasFocusColumns(file))]
}

const isFocusExport = (file: string) => file.startsWith('focus-export')
const hasFocusColumns = (file: string) => /^focus(-export)?\.sql$/.test(file)

/** Every item with an alias of every SELECT list in the text. */
function derivations(sql: string, file: string): Derivation[] {
  return splitItems(sql).flatMap(({ text, comment }) => {
    const match = /^([\s\S]+?)\s+AS\s+"?([A-Za-z_]\w*)"?$/.exec(text)
    if (!match?.[1] || !match[2] || /^(CREATE|WITH)\b/i.test(text)) return []
    return [{ name: match[2], expression: match[1], comment, file }]
  })
}

/** The text cut at commas outside brackets and quotes, and at the clause words that end a SELECT list. */
function splitItems(sql: string): { text: string; comment: string }[] {
  const items: { text: string; comment: string }[] = []
  let text = ''
  let comment: string[] = []
  const depths: string[] = []
  const flush = () => {
    if (text.trim() !== '') items.push({ text: text.trim(), comment: comment.join(' ') })
    text = ''
    comment = []
  }
  for (const [token] of sql.matchAll(/--[^\n]*|'(?:[^']|'')*'|\b(?:CASE|END|SELECT|FROM)\b|[\s\S]/g)) {
    if (token.startsWith('--')) {
      if (text.trim() === '') comment.push(token.slice(2).trim())
      continue
    }
    const depth = depths.length
    if (token === '(' || token === 'CASE') depths.push(token)
    if ((token === ')' || token === 'END') && depth > 0) depths.pop()
    // A SELECT opens a list of its own, in a CTE too, and FROM closes it.
    if (token === 'SELECT' && !depths.includes('CASE')) {
      depths.length = 0
      flush()
      comment = []
    } else if ((token === ',' && depths.length === 0) || (token === 'FROM' && depths.length === 0)) flush()
    else text += token
  }
  flush()
  return items
}

function identifiers(expression: string): string[] {
  const plain = expression.replaceAll(/'(?:[^']|'')*'|--[^\n]*/g, ' ')
  return [...new Set([...plain.matchAll(/[A-Za-z_]\w*/g)].map(([name]) => name.toLowerCase()))]
}
