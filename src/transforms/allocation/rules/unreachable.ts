import type { CompiledAssign } from './assign.ts'
import { implies } from '../expression/implies.ts'
import type { RuleWarning } from '../rule-set.ts'
import { covers } from '../validity.ts'

/** Rules that never act, since one before them takes every charge that they match, on every day that they hold. */
export function findUnreachable(rules: readonly CompiledAssign[]): RuleWarning[] {
  return rules.flatMap(({ rule, condition }, index) => {
    const shadow = rules
      .slice(0, index)
      .find((earlier) => covers(earlier.rule.valid, rule.valid) && implies(condition, earlier.condition))
    if (shadow === undefined) return []
    const by = `${shadow.rule.id} of line ${shadow.rule.line}`
    return [
      {
        line: rule.line,
        what: `the rule ${rule.id} never acts, since ${by} takes all that it matches`,
        hint: `Put it before ${shadow.rule.id}, or remove it.`,
      },
    ]
  })
}
