import { toUnits } from '../../../core/decimal.ts'
import { mistake, type Draft, type Names } from './draft.ts'
import { cycleThrough, poolGraphs, reachableFrom, type PoolGraph } from '../pool-graph.ts'
import type { AssignRule, Driver, Receiver, SplitRule, Validity } from '../rule-set.ts'
import { describeValidity, overlap } from '../validity.ts'

/** What is wrong with rules that are each right. All throw a UserError that names file, line and fix. */
export function checkTogether(
  draft: Draft,
  names: Names,
  assign: readonly AssignRule[],
  splits: readonly SplitRule[],
  drivers: readonly Driver[],
): void {
  checkIds(draft, names)
  checkVersions(draft, 'assign', 'rule', assign)
  checkVersions(draft, 'split', 'split', splits)
  checkOneSplit(draft, splits)
  for (const graph of poolGraphs(splits, drivers)) {
    splits.forEach((split, index) => {
      if (graph.splits.get(split.pool) !== split) return
      checkCycle(draft, graph, split, index)
      checkOwnCost(draft, graph, split, index)
    })
  }
}

/** Receivers are named by one word, so it must say which is meant. */
function checkIds(draft: Draft, { targets, pools }: Names): void {
  for (const pool of pools) {
    if (targets.has(pool))
      throw mistake(draft, ['pools', pool], `${pool} is both a target and a pool`, 'Rename one of them.')
  }
}

interface Dated {
  readonly id: string
  readonly line: number
  readonly valid: Validity
}

function checkVersions(draft: Draft, key: string, kind: string, rules: readonly Dated[]): void {
  rules.forEach((rule, index) => {
    const earlier = rules.slice(0, index).find(({ id, valid }) => id === rule.id && overlap(valid, rule.valid))
    if (earlier === undefined) return
    throw mistake(
      draft,
      [key, index, 'id'],
      `the ${kind} ${rule.id} is there twice at one time: ${datedLine(earlier)} and ${datedLine(rule)}`,
      'Give them dates that do not overlap, or different ids.',
    )
  })
}

function datedLine({ line, valid }: Dated): string {
  return `in line ${line} ${describeValidity(valid)}`
}

function checkOneSplit(draft: Draft, splits: readonly SplitRule[]): void {
  splits.forEach((split, index) => {
    const earlier = splits.slice(0, index).find(({ pool, valid }) => pool === split.pool && overlap(valid, split.valid))
    if (earlier === undefined) return
    throw mistake(
      draft,
      ['split', index, 'pool'],
      `the pool ${split.pool} is split twice at one time: by ${earlier.id} of line ${earlier.line} and by ${split.id}`,
      'Give them dates that do not overlap, or make a second pool.',
    )
  })
}

function checkCycle(draft: Draft, graph: PoolGraph, split: SplitRule, index: number): void {
  const cycle = cycleThrough(graph, split.pool)
  if (cycle === undefined) return
  const named = cycle.join(' → ')
  const onCycle = [...reachableFrom(graph, split.pool)].filter((pool) => reachableFrom(graph, pool).has(split.pool))
  const declared = onCycle.map((pool) => graph.splits.get(pool)?.cycle)
  if (declared.some((way) => way === undefined)) {
    throw mistake(
      draft,
      ['split', index, 'pool'],
      `the pools give to each other in a circle: ${named}`,
      'Give each of their splits cycle: reciprocal, or cycle: { stepDown: 1 } and so on in order.',
    )
  }
  checkOneWay(draft, declared, named, index)
  if (onCycle.every((pool) => keepsWithin(graph.splits.get(pool), onCycle))) {
    throw mistake(
      draft,
      ['split', index, 'by'],
      `no money ever leaves the circle ${named}`,
      'Give a share of one of the pools to a target.',
    )
  }
}

function checkOneWay(draft: Draft, declared: readonly SplitRule['cycle'][], named: string, index: number): void {
  const steps = declared.flatMap((way) => (typeof way === 'object' ? way.stepDown : []))
  if (steps.length > 0 && steps.length < declared.length) {
    const hint = 'Write the same for all splits of the circle.'
    throw mistake(
      draft,
      ['split', index, 'cycle'],
      `the circle ${named} is reciprocal in one part and stepDown in another`,
      hint,
    )
  }
  if (new Set(steps).size < steps.length) {
    const hint = 'Number the splits of the circle 1, 2, 3 in the order they are closed.'
    throw mistake(draft, ['split', index, 'cycle'], `two splits of the circle ${named} have the same stepDown`, hint)
  }
}

/** Whether all of the pool is sure to go to pools of the circle. What a driver's file says cannot be known here. */
function keepsWithin(split: SplitRule | undefined, onCycle: readonly string[]): boolean {
  if (split === undefined || split.method.kind === 'driver') return false
  const isWithin = (to: Receiver) => 'pool' in to && onCycle.includes(to.pool)
  if (split.method.kind !== 'fixed') return split.method.over !== 'all' && split.method.over.every(isWithin)
  const within = split.method.shares.filter(({ to }) => isWithin(to))
  return within.reduce((sum, { percent }) => sum + toUnits(percent), 0n) === toUnits('100')
}

/** A weight that holds what the split itself brings would depend on its own result. */
function checkOwnCost(draft: Draft, graph: PoolGraph, split: SplitRule, index: number): void {
  const { method } = split
  if (method.kind !== 'cost' || method.basis !== 'direct+prior' || method.over === 'all') return
  const receivers = method.over.flatMap((to) => ('pool' in to ? to.pool : []))
  for (const through of receivers) {
    const fed = receivers.find((pool) => reachableFrom(graph, through).has(pool))
    if (fed === undefined) continue
    throw mistake(
      draft,
      ['split', index, 'by'],
      `the split ${split.id} weighs the pool ${fed} by cost that it brings there itself, through ${through}`,
      'Use basis: direct, or leave one of the pools out.',
    )
  }
}
