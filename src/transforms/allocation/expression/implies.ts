import { printSql } from './print.ts'
import type { Node } from './syntax.ts'

/**
 * Whether every charge that meets `narrow` also meets `wide`. False when that cannot be seen from the forms of the two:
 * equal parts, more parts joined by AND, fewer joined by OR, and values within a list.
 */
export function implies(narrow: Node, wide: Node): boolean {
  return conjuncts(wide).every((required) => meets(narrow, required))
}

function meets(narrow: Node, required: Node): boolean {
  if (narrow.kind === 'or') return narrow.parts.every((part) => implies(part, required))
  return conjuncts(narrow).some((given) => impliesPart(given, required))
}

function conjuncts(node: Node): readonly Node[] {
  if (node.kind === 'and') return node.parts.flatMap(conjuncts)
  return [node]
}

function impliesPart(given: Node, required: Node): boolean {
  if (required.kind === 'truth' && required.value) return true
  if (given.kind === 'truth' && !given.value) return true
  if (given.kind === 'or') return given.parts.every((part) => implies(part, required))
  if (required.kind === 'or') return required.parts.some((part) => implies(given, part))
  if (printSql(given) === printSql(required)) return true
  return withinList(given, required) || provesPresence(given, required)
}

/** `a = 1` and `a IN (1, 2)` both mean `a IN (1, 2, 3)`. */
function withinList(given: Node, required: Node): boolean {
  const some = valuesOf(given)
  const all = valuesOf(required)
  return (
    some !== undefined &&
    all !== undefined &&
    some.of === all.of &&
    some.values.every((value) => all.values.includes(value))
  )
}

function valuesOf(node: Node): { of: string; values: string[] } | undefined {
  if (node.kind === 'in') return { of: printSql(node.value), values: node.list.map(printSql) }
  if (node.kind === 'compare' && node.operator === '=')
    return { of: printSql(node.left), values: [printSql(node.right)] }
  return undefined
}

/** A comparison only holds of a value that is there. */
function provesPresence(given: Node, required: Node): boolean {
  if (required.kind !== 'not' || required.part.kind !== 'isNull') return false
  const present = printSql(required.part.value)
  const compared = given.kind === 'not' ? given.part : given
  if (compared.kind === 'compare') return [compared.left, compared.right].some((side) => printSql(side) === present)
  if (compared.kind === 'in' || compared.kind === 'like' || compared.kind === 'between') {
    return printSql(compared.value) === present
  }
  return false
}
