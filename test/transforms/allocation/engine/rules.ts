import type { AssignRule, Pool, RuleSet, SplitRule, Target } from '../../../../src/transforms/allocation/rule-set.ts'

const alwaysValid = { from: undefined, to: undefined }

/** Rules by hand: a charge goes to the target or pool that its ServiceName is. The last target owns the pools. */
export function makeRuleSet(of: {
  targets: readonly string[]
  pools: readonly string[]
  splits: readonly SplitRule[]
}): RuleSet {
  const owner = 'office'
  return {
    file: 'allocation.yaml',
    print: '0123456789abcdef',
    dimensions: [],
    targets: [...of.targets, owner].map(makeTarget),
    pools: [...of.pools, 'unallocated'].map((id): Pool => ({ id, line: 1, name: id, owner, reason: undefined })),
    drivers: [],
    assign: [...of.targets.map((id) => makeAssign(id, 'target')), ...of.pools.map((id) => makeAssign(id, 'pool'))],
    otherwise: 'unallocated',
    splits: of.splits,
    limits: { unallocatedWarn: undefined, unallocatedFail: undefined },
    warnings: [],
  }
}

function makeTarget(id: string): Target {
  return {
    id,
    name: id,
    parent: undefined,
    valid: alwaysValid,
    mode: 'showback',
    costCentre: undefined,
    glAccount: undefined,
    legalEntity: undefined,
    contact: undefined,
  }
}

function makeAssign(id: string, kind: 'target' | 'pool'): AssignRule {
  const target = { text: id, sql: `'${id}'`, reads: [] }
  return {
    id: `A-${id}`,
    line: 1,
    valid: alwaysValid,
    when: { text: `ServiceName = '${id}'`, sql: `ServiceName = '${id}'`, reads: ['ServiceName'] },
    to: kind === 'pool' ? { pool: id } : { target },
  }
}

export function makeSplit(of: Pick<SplitRule, 'id' | 'pool' | 'method'> & Partial<SplitRule>): SplitRule {
  return {
    line: 1,
    valid: alwaysValid,
    cycle: undefined,
    grain: 'month',
    onZeroWeight: 'hold',
    negatives: 'zero',
    coverage: undefined,
    ...of,
  }
}
