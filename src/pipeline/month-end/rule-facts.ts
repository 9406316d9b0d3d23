import type { Period } from '../../core/period.ts'
import { periodBounds } from '../../core/period.ts'
import type { RuleFacts, TargetFacts } from '../../reports/chargeback/input.ts'
import type { Method, RuleSet, SplitRule, Target } from '../../transforms/allocation/rule-set.ts'

/** Targets as the registry has them in a month: the entry valid at its end, else the last one. */
export function targetFacts({ targets }: RuleSet, period: Period): ReadonlyMap<string, TargetFacts> {
  const { end } = periodBounds(period)
  const validAtEnd = ({ valid }: Target) => (valid.from ?? '') < end && (valid.to === undefined || valid.to >= end)
  return new Map(
    [...Map.groupBy(targets, ({ id }) => id)].flatMap(([id, entries]) => {
      const entry = entries.find(validAtEnd) ?? entries.at(-1)
      return entry === undefined ? [] : [[id, factsOf(entry)] as const]
    }),
  )
}

function factsOf({ name, costCentre, legalEntity, contact, mode }: Target): TargetFacts {
  return { name, costCentre: costCentre ?? null, legalEntity: legalEntity ?? null, contact: contact ?? null, mode }
}

export function poolNames({ pools }: RuleSet): ReadonlyMap<string, string> {
  return new Map(pools.map(({ id, name }) => [id, name]))
}

export function ruleFacts({ splits }: RuleSet): ReadonlyMap<string, RuleFacts> {
  return new Map(splits.map((split) => [split.id, { method: methodOf(split), driver: driverOf(split.method) }]))
}

function methodOf({ method, grain, cycle }: SplitRule): string {
  const per = grain === 'month' ? '' : `, ${grain === 'day' ? 'day by day' : 'hour by hour'}`
  const solved = cycle === 'reciprocal' ? ', reciprocal' : ''
  return `${describe(method)}${per}${solved}`
}

function describe(method: Method): string {
  switch (method.kind) {
    case 'fixed':
      return 'fixed percentages'
    case 'even':
      return 'even parts'
    case 'cost':
      return `by ${method.column}${method.basis === 'direct' ? ' of own use' : ''}${method.when ? ' of some charges' : ''}`
    case 'usage':
      return `by use in ${method.unit}`
    case 'driver':
      return 'by measured use'
  }
}

function driverOf(method: Method): string | null {
  return method.kind === 'driver' ? method.driver : null
}
