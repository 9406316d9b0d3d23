import { expect, test } from 'vitest'
import { poolStages } from '../../../../src/transforms/allocation/engine/stages.ts'
import type { SplitRule } from '../../../../src/transforms/allocation/rule-set.ts'
import { makeRuleSet, makeSplit } from './rules.ts'

function even(pool: string, to: readonly string[], more: Partial<SplitRule> = {}): SplitRule {
  const over = [{ target: 'blue' }, ...to.map((receiver) => ({ pool: receiver }))]
  return makeSplit({ id: `S-${pool}`, pool, method: { kind: 'even', over }, ...more })
}

function stagesOf(splits: readonly SplitRule[]) {
  const pools = splits.map(({ pool }) => pool)
  return poolStages(makeRuleSet({ targets: ['blue'], pools, splits }), splits)
}

test('a pool is split after all that give to it; equals go together, by id', () => {
  expect(stagesOf([even('c', []), even('b', ['c']), even('a', ['c']), even('d', ['a'])])).toEqual([
    { pools: ['b', 'd', 'unallocated'], reciprocal: false },
    { pools: ['a'], reciprocal: false },
    { pools: ['c'], reciprocal: false },
  ])
})

test('what weighs by the cost that earlier pools gave waits for all that do not wait for it', () => {
  const method = { kind: 'cost', column: 'EffectiveCost', basis: 'direct+prior', when: undefined, over: 'all' } as const
  expect(stagesOf([even('a', [], { method }), even('z', ['y']), even('y', []), even('b', [], { method })])).toEqual([
    { pools: ['unallocated', 'z'], reciprocal: false },
    { pools: ['y'], reciprocal: false },
    { pools: ['a'], reciprocal: false },
    { pools: ['b'], reciprocal: false },
  ])
})

test('a reciprocal circle is one stage; one that is stepped down gives to later pools alone', () => {
  const reciprocal = { cycle: 'reciprocal' } as const
  expect(stagesOf([even('a', ['b', 'c'], reciprocal), even('b', ['a'], reciprocal), even('c', [])])).toEqual([
    { pools: ['unallocated'], reciprocal: false },
    { pools: ['a', 'b'], reciprocal: true },
    { pools: ['c'], reciprocal: false },
  ])
  expect(
    stagesOf([even('a', ['b'], { cycle: { stepDown: 2 } }), even('b', ['a'], { cycle: { stepDown: 1 } })]),
  ).toEqual([
    { pools: ['b', 'unallocated'], reciprocal: false },
    { pools: ['a'], reciprocal: false },
  ])
})

test('a circle that nobody declared is refused by name', () => {
  expect(() => stagesOf([even('a', ['b']), even('b', ['a'])])).toThrow(
    'the pools give to each other in a circle: a → b → a',
  )
})
