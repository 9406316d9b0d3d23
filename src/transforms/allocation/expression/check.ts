import { nearest } from '../../../core/nearest.ts'
import { functions } from './functions.ts'
import { mistakeAt, type Node, type Source } from './syntax.ts'

/** `json` columns are read by key only. */
export type ValueType = 'text' | 'number' | 'time' | 'json' | 'truth' | 'null'

/** The names an expression may use, and their types. */
export type Scope = ReadonlyMap<string, ValueType>

const spoken: Readonly<Record<ValueType, string>> = {
  text: 'text',
  number: 'a number',
  time: 'a time',
  json: 'an object',
  truth: 'true or false',
  null: 'NULL',
}

/** Throws a UserError with line and column unless the whole is a condition. */
export function checkCondition(node: Node, scope: Scope, source: Source): void {
  const type = typeOf(node, scope, source)
  if (type !== 'truth') {
    throw mistakeAt(source, node.at, `this is ${spoken[type]}, not a condition`, 'Compare it with something.')
  }
}

/** The type of a tree whose every part fits; otherwise a UserError. */
export function typeOf(node: Node, scope: Scope, source: Source): ValueType {
  const type = (part: Node) => typeOf(part, scope, source)
  switch (node.kind) {
    case 'text':
    case 'time':
    case 'truth':
    case 'null':
      return node.kind
    case 'number':
      return checkDigits(node.value, node.at, source)
    case 'name':
      return typeOfName(node.name, node.at, scope, source)
    case 'key':
      return typeOfKey(node, scope, source)
    case 'call':
      return typeOfCall(node.name, node.at, node.inputs, scope, source)
    case 'compare':
      return comparable([node.left, node.right], scope, source)
    case 'in':
      return comparable([node.value, ...node.list], scope, source)
    case 'between':
      return comparable([node.value, node.low, node.high], scope, source)
    case 'like':
      if (node.pattern.kind !== 'text') {
        throw mistakeAt(source, node.pattern.at, 'a pattern is a text in quotes', "Write it as 'prod-%'.")
      }
      return comparable([node.value, node.pattern], scope, source)
    case 'isNull':
      return requireValue(node.value, type(node.value), source)
    case 'not':
      checkCondition(node.part, scope, source)
      return 'truth'
    case 'and':
    case 'or':
      for (const part of node.parts) checkCondition(part, scope, source)
      return 'truth'
    default:
      // A dimension's own forms are of text throughout.
      return 'text'
  }
}

function typeOfName(name: string, at: number, scope: Scope, source: Source): ValueType {
  const type = scope.get(name)
  if (type !== undefined) return type
  throw mistakeAt(source, at, `there is no column or dimension ${name}`, suggestion(name, [...scope.keys()]))
}

function typeOfKey(node: Extract<Node, { kind: 'key' }>, scope: Scope, source: Source): ValueType {
  const type = typeOfName(node.column, node.at, scope, source)
  if (type === 'json') return 'text'
  throw mistakeAt(source, node.at, `${node.column} has no keys`, `It is ${spoken[type]}: compare it as it is.`)
}

function typeOfCall(name: string, at: number, inputs: readonly Node[], scope: Scope, source: Source): ValueType {
  const known = functions.get(name.toLowerCase())
  if (known === undefined) {
    throw mistakeAt(source, at, `there is no function ${name}`, suggestion(name, [...functions.keys()]))
  }
  const types = inputs.map((input) => requireText(input, typeOf(input, scope, source), known.name, source))
  if (types.length < known.least || types.length > known.most) {
    throw mistakeAt(source, at, `${known.name} takes ${known.takes}, not ${types.length}`, `Write ${known.example}.`)
  }
  return known.gives
}

function requireText(input: Node, type: ValueType, name: string, source: Source): ValueType {
  if (type === 'text') return type
  throw mistakeAt(source, input.at, `${name} takes text, and this is ${spoken[type]}`, keyHint(type))
}

function requireValue(node: Node, type: ValueType, source: Source): ValueType {
  // Tags IS NULL asks whether the provider gave any tags at all.
  if (type !== 'truth' && type !== 'null') return 'truth'
  throw mistakeAt(source, node.at, `this is ${spoken[type]} and never missing`, 'Ask it of a column or a tag.')
}

/** All of one type that has an order; `truth`, the type of their comparison. */
function comparable(parts: readonly Node[], scope: Scope, source: Source): ValueType {
  const [first, ...rest] = parts.map((part) => ({ at: part.at, type: typeOf(part, scope, source) }))
  for (const { at, type } of [first, ...rest].flatMap((part) => part ?? [])) {
    if (type === 'null') {
      throw mistakeAt(source, at, 'a comparison with NULL is never a match', 'Write IS NULL or IS NOT NULL.')
    }
    if (type === 'json' || type === 'truth') {
      throw mistakeAt(source, at, `${spoken[type]} cannot be compared`, keyHint(type))
    }
    if (type !== first?.type) {
      const what = `${spoken[type]} is compared with ${spoken[first?.type ?? 'null']}`
      throw mistakeAt(source, at, what, "Texts are written 'so', numbers 1.5, days DATE '2026-04-01'.")
    }
  }
  return 'truth'
}

function keyHint(type: ValueType): string {
  return type === 'json' ? "Read one key of it, such as Tags['team']." : 'Use it with AND, OR and NOT only.'
}

/** DuckDB would read a longer one as a float. */
function checkDigits(value: string, at: number, source: Source): ValueType {
  const [whole = '', fraction = ''] = value.replace('-', '').split('.')
  if (whole.length <= 20 && fraction.length <= 18) return 'number'
  throw mistakeAt(source, at, 'the number is too long', 'Amounts have at most 20 digits before the point and 18 after.')
}

/** The names that were perhaps meant, or where they are listed. */
export function suggestion(name: string, known: readonly string[]): string {
  const near = nearest(name, known)
  return near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'docs/allocation.md lists what there is.'
}
