import { mistakeAt, type Comparison, type Node, type Source } from './syntax.ts'
import { tokenize, type Token } from './tokens.ts'

/**
 * The closed language of rules, by operator precedence: OR, then AND, then NOT, then one comparison, then values.
 * Nothing outside of these forms has a tree, so nothing else can become SQL.
 */
export function parseExpression(source: Source): Node {
  const reader = { source, tokens: tokenize(source), next: 0 }
  if (peek(reader).kind === 'end') throw mistakeAt(source, 0, 'the expression is empty', 'Write a condition, or true.')
  const node = parseOr(reader)
  if (peek(reader).kind !== 'end') throw unexpected(reader, 'AND, OR or the end')
  return node
}

interface Reader {
  readonly source: Source
  readonly tokens: readonly Token[]
  next: number
  depth?: number
}

/** Deeper than any person nests, and far from the end of the stack. */
const deepest = 100

function parseOr(reader: Reader): Node {
  return parseChain(reader, 'or', 'OR', () => parseChain(reader, 'and', 'AND', () => parseNot(reader)))
}

function parseChain(reader: Reader, kind: 'and' | 'or', keyword: string, parsePart: () => Node): Node {
  const first = parsePart()
  const parts = [first]
  while (accept(reader, keyword)) parts.push(parsePart())
  return parts.length === 1 ? first : { kind, at: first.at, parts }
}

function parseNot(reader: Reader): Node {
  const { at } = peek(reader)
  if (!accept(reader, 'NOT')) return parseComparison(reader)
  return nested(reader, () => ({ kind: 'not', at, part: parseNot(reader) }))
}

const comparisons: readonly string[] = ['=', '<>', '<', '<=', '>', '>='] satisfies Comparison[]

function parseComparison(reader: Reader): Node {
  const left = parseValue(reader)
  const { kind, value: sign } = peek(reader)
  if (kind === 'sign' && comparisons.includes(sign)) {
    reader.next += 1
    return { kind: 'compare', at: left.at, operator: sign as Comparison, left, right: parseValue(reader) }
  }
  if (accept(reader, 'IS')) {
    const not = accept(reader, 'NOT')
    expect(reader, 'NULL')
    return negated(not, { kind: 'isNull', at: left.at, value: left })
  }
  const not = accept(reader, 'NOT')
  if (accept(reader, 'IN')) return negated(not, { kind: 'in', at: left.at, value: left, list: parseList(reader) })
  if (accept(reader, 'LIKE')) {
    return negated(not, { kind: 'like', at: left.at, value: left, pattern: parseValue(reader) })
  }
  if (accept(reader, 'BETWEEN')) {
    const low = parseValue(reader)
    expect(reader, 'AND')
    return negated(not, { kind: 'between', at: left.at, value: left, low, high: parseValue(reader) })
  }
  if (not) throw unexpected(reader, 'IN, LIKE or BETWEEN')
  return left
}

function negated(not: boolean, part: Node): Node {
  return not ? { kind: 'not', at: part.at, part } : part
}

function parseValue(reader: Reader): Node {
  const { kind, value, at } = peek(reader)
  reader.next += 1
  if (kind === 'text') return { kind: 'text', at, value }
  if (kind === 'number') return { kind: 'number', at, value }
  if (kind === 'name') return parseName(reader, value, at)
  if (value === 'TRUE' || value === 'FALSE') return { kind: 'truth', at, value: value === 'TRUE' }
  if (value === 'NULL') return { kind: 'null', at }
  if (value === 'DATE' || value === 'TIMESTAMP') return parseTime(reader, value, at)
  if (value === '-' && peek(reader).kind === 'number') {
    return { kind: 'number', at, value: `-${take(reader).value}` }
  }
  if (value === '(') {
    const inner = nested(reader, () => parseOr(reader))
    expect(reader, ')')
    return inner
  }
  reader.next -= 1
  throw unexpected(reader, 'a column, a value or (')
}

function parseName(reader: Reader, name: string, at: number): Node {
  if (accept(reader, '[')) {
    if (peek(reader).kind !== 'text') throw unexpected(reader, "a key in quotes, such as 'team'")
    const key = take(reader).value
    expect(reader, ']')
    return { kind: 'key', at, column: name, key }
  }
  if (peek(reader).value !== '(' || peek(reader).kind !== 'sign') return { kind: 'name', at, name }
  return { kind: 'call', at, name, inputs: nested(reader, () => parseList(reader)) }
}

function parseList(reader: Reader): Node[] {
  expect(reader, '(')
  const items = [parseValue(reader)]
  while (accept(reader, ',')) items.push(parseValue(reader))
  expect(reader, ')')
  return items
}

const forms = {
  DATE: { pattern: /^\d{4}-\d\d-\d\d$/, example: "DATE '2026-04-01'" },
  TIMESTAMP: { pattern: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/, example: "TIMESTAMP '2026-04-01 12:00:00', which is UTC" },
} as const

function parseTime(reader: Reader, keyword: 'DATE' | 'TIMESTAMP', at: number): Node {
  const { pattern, example } = forms[keyword]
  const { kind, value } = take(reader)
  const iso = `${value.replace(' ', 'T')}${keyword === 'DATE' ? 'T00:00:00' : ''}.000Z`
  const time = kind === 'text' && pattern.test(value) ? new Date(iso) : undefined
  // A day such as 31 April moves on to May.
  if (time === undefined || Number.isNaN(time.getTime()) || time.toISOString() !== iso) {
    throw mistakeAt(reader.source, at, `this is not a ${keyword.toLowerCase()}`, `Write ${example}.`)
  }
  return { kind: 'time', at, value }
}

function nested<T>(reader: Reader, parse: () => T): T {
  reader.depth = (reader.depth ?? 0) + 1
  if (reader.depth > deepest) {
    throw mistakeAt(reader.source, peek(reader).at, 'the expression nests too deeply', 'Use IN (…) or a dimension.')
  }
  const result = parse()
  reader.depth -= 1
  return result
}

function peek({ tokens, next, source }: Reader): Token {
  return tokens[next] ?? { kind: 'end', value: '', at: source.text.length }
}

function take(reader: Reader): Token {
  const token = peek(reader)
  reader.next += 1
  return token
}

function accept(reader: Reader, value: string): boolean {
  const token = peek(reader)
  const fits = (token.kind === 'keyword' || token.kind === 'sign') && token.value === value
  if (fits) reader.next += 1
  return fits
}

function expect(reader: Reader, value: string): void {
  if (!accept(reader, value)) throw unexpected(reader, value)
}

function unexpected(reader: Reader, wanted: string) {
  const { kind, value, at } = peek(reader)
  const found = kind === 'end' ? 'the expression ends' : `there is ${kind === 'text' ? `'${value}'` : value}`
  return mistakeAt(
    reader.source,
    at,
    `${found} where ${wanted} should be`,
    'docs/allocation.md shows how expressions are written.',
  )
}
