import type { RuleSet } from '../../transforms/allocation/rule-set.ts'

/** A part of the rules that another set does not have, or has otherwise. */
export interface RuleChange {
  readonly part: string
  readonly id: string
  readonly change: 'added' | 'removed' | 'changed'
}

/** What is different between two sets of rules, by the ids of their parts. Lines and files do not count. */
export function ruleChanges(before: RuleSet, after: RuleSet): RuleChange[] {
  return (['dimensions', 'targets', 'pools', 'drivers', 'assign', 'splits'] as const).flatMap((part) =>
    changes(part, partsOf(before[part]), partsOf(after[part])),
  )
}

/** Drivers that are in both, by the checksums of what they hold. */
export function driverChanges(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): RuleChange[] {
  return changes('weights', new Map(Object.entries(before)), new Map(Object.entries(after))).filter(
    ({ change }) => change === 'changed',
  )
}

function changes(part: string, was: ReadonlyMap<string, string>, is: ReadonlyMap<string, string>): RuleChange[] {
  return [...new Set([...was.keys(), ...is.keys()])].toSorted().flatMap((id): RuleChange[] => {
    if (was.get(id) === is.get(id)) return []
    return [{ part, id, change: was.has(id) ? (is.has(id) ? 'changed' : 'removed') : 'added' }]
  })
}

/** By id; entries of one id, such as a target before and after a move, are one part together. */
function partsOf(parts: readonly object[]): Map<string, string> {
  const idOf = (part: object) => ('id' in part ? String(part.id) : 'name' in part ? String(part.name) : '')
  const texts = [...Map.groupBy(parts, idOf)].map(([id, own]): [string, string] => [id, JSON.stringify(own, told)])
  return new Map(texts)
}

/** Maps as pairs, without what only says where something stands. */
function told(key: string, value: unknown): unknown {
  if (key === 'line' || key === 'files') return undefined
  return value instanceof Map ? [...(value as Map<unknown, unknown>)] : value
}
