import type { Expression } from '../rule-set.ts'
import { checkCondition, type Scope } from './check.ts'
import { parseExpression } from './parse.ts'
import { printSql, readsOf } from './print.ts'
import type { Node, Source } from './syntax.ts'

export interface Condition {
  readonly node: Node
  readonly expression: Expression
}

/** A condition of a rule; a UserError says line and column of what is wrong with it. */
export function compileCondition(source: Source, scope: Scope): Condition {
  const node = parseExpression(source)
  checkCondition(node, scope, source)
  return { node, expression: toExpression(node, source.text) }
}

export function toExpression(node: Node, text: string): Expression {
  return { text, sql: printSql(node), reads: readsOf(node) }
}
