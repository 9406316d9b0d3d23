import { mistake, sourceAt, type Draft } from './draft.ts'
import { suggestion, typeOf, type Scope } from '../expression/check.ts'
import { toExpression } from '../expression/compile.ts'
import type { LookupTable, Node } from '../expression/syntax.ts'
import type { WrittenDimension } from './file-format.ts'
import { readMapping, type MapEntry } from './mapping.ts'
import type { Dimension, Validity } from '../rule-set.ts'

/** Virtual tags in the order written: each may read the columns and the dimensions before it. */
export async function readDimensions(draft: Draft, columns: Scope, targets: readonly string[]): Promise<Dimension[]> {
  const scope = new Map(columns)
  const dimensions: Dimension[] = []
  for (const [name, written] of Object.entries(draft.written.dimensions)) {
    checkName(draft, name, columns)
    const value = await valueNode(draft, name, written, scope)
    dimensions.push({
      name,
      value: toExpression(value, describeSources(written)),
      allowed: written.allow === 'targets' ? [...new Set(targets)].toSorted() : written.allow,
      keys: written.from.flatMap((source) => (typeof source === 'string' ? (jsonKey(source, scope)?.key ?? []) : [])),
    })
    scope.set(name, 'text')
  }
  return dimensions
}

/** Columns that the engine puts beside the dimensions while it places charges. */
const words = 'billing_period charged_at has_invalid_tag has_tag match_values pool rule rule_number rule_pool target'
const ownWords = new Set([...words.split(' '), 'valid_from', 'valid_to', 'wanted_target', 'weighs_for'])

/** DuckDB does not tell names apart by letter case. */
function checkName(draft: Draft, name: string, columns: Scope): void {
  const clash = [...columns.keys()].find((column) => column.toLowerCase() === name)
  if (clash === undefined && !ownWords.has(name)) return
  const what = clash === undefined ? `${name} is a word of the allocation itself` : `${clash} is a column already`
  throw mistake(draft, ['dimensions', name], what, 'Give the dimension another name.')
}

function describeSources({ from }: WrittenDimension): string {
  return from.map((source) => (typeof source === 'string' ? source : `${source.column} through a map`)).join(', ')
}

async function valueNode(draft: Draft, name: string, written: WrittenDimension, scope: Scope): Promise<Node> {
  const sources: Node[] = []
  for (const [index, source] of written.from.entries()) {
    const path = ['dimensions', name, 'from', index]
    const value =
      typeof source === 'string'
        ? columnNode(draft, path, source, scope)
        : await inheritedNode(draft, path, source, scope)
    sources.push({ kind: 'filled', at: 0, value })
  }
  const [first = absent] = sources
  const found: Node = sources.length === 1 ? first : { kind: 'call', at: 0, name: 'coalesce', inputs: sources }
  return normalised(draft, ['dimensions', name, 'normalise'], written.normalise, found)
}

/** `Tags.team`: the key is all after the first dot, since keys may have dots themselves. */
function jsonKey(source: string, scope: Scope): { column: string; key: string } | undefined {
  const dot = source.indexOf('.')
  const column = source.slice(0, dot)
  return dot > 0 && scope.get(column) === 'json' ? { column, key: source.slice(dot + 1) } : undefined
}

type Path = readonly (string | number)[]

function columnNode(draft: Draft, path: Path, name: string, scope: Scope): Node {
  const keyed = jsonKey(name, scope)
  if (keyed !== undefined) return { kind: 'key', at: 0, ...keyed }
  if (!scope.has(name)) {
    throw mistake(draft, path, `there is no column or earlier dimension ${name}`, suggestion(name, [...scope.keys()]))
  }
  const node: Node = { kind: 'name', at: 0, name }
  if (typeOf(node, scope, sourceAt(draft, path, name)) === 'text') return node
  const hint = scope.get(name) === 'json' ? `Name one key of it, such as ${name}.team.` : 'Use a column of text.'
  throw mistake(draft, path, `${name} is not text`, hint)
}

type Inherited = Exclude<WrittenDimension['from'][number], string>

async function inheritedNode(draft: Draft, path: Path, source: Inherited, scope: Scope): Promise<Node> {
  const entries = await readMapping(draft, [...path, 'map'], source.map, source.key, source.value)
  return lookup(columnNode(draft, [...path, 'column'], source.column, scope), entries, absent)
}

const absent: Node = { kind: 'null', at: 0 }

async function normalised(draft: Draft, path: Path, steps: WrittenDimension['normalise'], found: Node): Promise<Node> {
  let value = found
  for (const [index, step] of steps.entries()) {
    value =
      typeof step === 'string'
        ? { kind: 'call', at: 0, name: step, inputs: [value] }
        : lookup(value, await readMapping(draft, [...path, index, 'map'], step.map), value)
  }
  return value
}

/** One table for each stretch of dates that rows of the map have. */
function lookup(value: Node, entries: readonly MapEntry[], otherwise: Node): Node {
  const byDates = Map.groupBy(entries, ({ valid }) => JSON.stringify([valid.from ?? null, valid.to ?? null]))
  const tables = [...byDates.values()].map((rows): LookupTable => ({
    pairs: new Map(rows.map(({ from, to }) => [from, to])),
    when: rows[0] && during(rows[0].valid),
  }))
  return { kind: 'lookup', at: 0, value, tables, otherwise }
}

function during({ from, to }: Validity): Node | undefined {
  const start: Node = { kind: 'name', at: 0, name: 'ChargePeriodStart' }
  const parts: Node[] = []
  if (from !== undefined) parts.push({ kind: 'compare', at: 0, operator: '>=', left: start, right: day(from) })
  if (to !== undefined) parts.push({ kind: 'compare', at: 0, operator: '<', left: start, right: day(to) })
  return parts.length === 0 ? undefined : { kind: 'and', at: 0, parts }
}

function day(value: string): Node {
  return { kind: 'time', at: 0, value }
}
