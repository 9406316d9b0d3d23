import {
  lineOf,
  mistake,
  requirePool,
  requireTarget,
  sourceAt,
  toValidity,
  unknown,
  type Draft,
  type Names,
} from './draft.ts'
import { compileCondition, toExpression } from '../expression/compile.ts'
import type { Node } from '../expression/syntax.ts'
import type { WrittenAssign } from './file-format.ts'
import { readDatelessMapping } from './mapping.ts'
import type { AssignRule, Expression } from '../rule-set.ts'
import { requireOnDates } from './target-dates.ts'

/** A rule with the tree of its condition, which the search for rules that never act needs. */
export interface CompiledAssign {
  readonly rule: AssignRule
  readonly condition: Node
}

export async function compileAssign(draft: Draft, names: Names): Promise<CompiledAssign[]> {
  return Promise.all(draft.written.assign.map((written, index) => compileRule(draft, names, written, index)))
}

async function compileRule(draft: Draft, names: Names, written: WrittenAssign, index: number): Promise<CompiledAssign> {
  const path = ['assign', index]
  const valid = toValidity(written.valid)
  const base = { id: written.id, line: lineOf(draft, path), valid }
  const { node, expression } = compileCondition(sourceAt(draft, [...path, 'when'], written.when), names.scope)
  const { to } = written
  if ('pool' in to) {
    requirePool(draft, names, to.pool, [...path, 'to', 'pool'])
    return { rule: { ...base, when: expression, to: { pool: to.pool } }, condition: node }
  }
  if ('target' in to) {
    requireTarget(draft, names, to.target, [...path, 'to', 'target'])
    requireOnDates(draft, names, to.target, valid, [...path, 'to', 'target'], `the rule ${written.id}`)
    const target = toExpression({ kind: 'text', at: 0, value: to.target }, to.target)
    return { rule: { ...base, when: expression, to: { target } }, condition: node }
  }
  const condition = withValue(node, to.dimension)
  const target = await targetOf(draft, names, to, [...path, 'to'])
  return { rule: { ...base, when: toExpression(condition, written.when), to: { target } }, condition }
}

/** A rule that places by a dimension only matches charges that have a value of it. */
function withValue(condition: Node, dimension: string): Node {
  const missing: Node = { kind: 'isNull', at: 0, value: { kind: 'name', at: 0, name: dimension } }
  return { kind: 'and', at: 0, parts: [condition, { kind: 'not', at: 0, part: missing }] }
}

type ByDimension = Extract<WrittenAssign['to'], { dimension: string }>

async function targetOf(draft: Draft, names: Names, to: ByDimension, path: (string | number)[]): Promise<Expression> {
  const dimension = names.dimensions.get(to.dimension)
  if (dimension === undefined) {
    throw unknown(draft, [...path, 'dimension'], 'dimension', to.dimension, [...names.dimensions.keys()])
  }
  const map =
    to.map === undefined ? new Map<string, string>() : await readDatelessMapping(draft, [...path, 'map'], to.map)
  if (dimension.allowed === undefined) {
    throw mistake(
      draft,
      [...path, 'dimension'],
      `the dimension ${to.dimension} may have any value, so it cannot say who pays`,
      `Give it allow: targets, or a list of values.`,
    )
  }
  for (const value of dimension.allowed) {
    const target = map.get(value) ?? value
    if (names.targets.has(target)) continue
    throw unknown(draft, [...path, 'dimension'], 'target', target, [...names.targets.keys()]).at({ value })
  }
  return toExpression(targetNode(to.dimension, map), to.dimension)
}

function targetNode(dimension: string, map: ReadonlyMap<string, string>): Node {
  const value: Node = { kind: 'name', at: 0, name: dimension }
  const tables = map.size === 0 ? [] : [{ pairs: map, when: undefined }]
  return { kind: 'lookup', at: 0, value, tables, otherwise: value }
}
