import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { UserError } from '../../core/errors.ts'
import { readYaml, type YamlHints } from '../../core/yaml.ts'
import { compileAssign } from './rules/assign.ts'
import { chargeColumns } from './rules/columns.ts'
import { readDimensions } from './rules/dimensions.ts'
import { mistake, requirePool, requireTarget, lineOf, type Draft, type Names } from './rules/draft.ts'
import { hashDriverFiles, readDrivers } from './rules/drivers.ts'
import { allocationFile } from './rules/file-format.ts'
import { printRuleSet } from './rules/print.ts'
import { readTargets } from './rules/registry.ts'
import type { Dimension, Pool, RuleSet, Target } from './rule-set.ts'
import { compileSplits } from './rules/split.ts'
import { checkTogether } from './rules/static-checks.ts'
import { requireOnDates } from './rules/target-dates.ts'
import { findUnreachable } from './rules/unreachable.ts'
import { always } from './validity.ts'

export { jsonSchema } from './rules/file-format.ts'

const hints: YamlHints = {
  whole: 'the allocation rules',
  keys: 'Is it misspelt? docs/allocation.md lists every key.',
  values: 'docs/allocation.md shows every key and what it takes.',
}

/**
 * Reads, checks and compiles allocation.yaml and the files that it names; paths in it are relative to it, and `${NAME}`
 * takes a value from the environment. UserError names file and line of the first mistake, and how to mend it.
 */
export async function loadRuleSet(file: string, env: Readonly<Record<string, string | undefined>>): Promise<RuleSet> {
  const draft = await readDraft(file, env)
  const { written } = draft
  const targets = await readTargets(draft)
  const columns = chargeColumns()
  const dimensions = await readDimensions(
    draft,
    columns,
    targets.map(({ id }) => id),
  )
  const names = namesOf(draft, targets, dimensions)
  const pools = readPools(draft, names)
  const drivers = await readDrivers(draft, names)
  const assign = await compileAssign(draft, names)
  const splits = compileSplits(draft, names, drivers)
  requirePool(draft, names, written.default.pool, ['default', 'pool'])
  const rules = assign.map(({ rule }) => rule)
  checkTogether(draft, names, rules, splits, drivers)
  const ruleSet = {
    file,
    dimensions,
    targets,
    pools,
    drivers,
    assign: rules,
    otherwise: written.default.pool,
    splits,
    limits: { unallocatedWarn: written.limits.unallocated.warn, unallocatedFail: written.limits.unallocated.fail },
    warnings: findUnreachable(assign),
  }
  return { ...ruleSet, print: printRuleSet(ruleSet, await hashDriverFiles(drivers)) }
}

async function readDraft(file: string, env: Readonly<Record<string, string | undefined>>): Promise<Draft> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (cause) {
    throw new UserError(`there are no allocation rules ${file}`, {
      hint: 'Mend the path under allocation: in focal.yaml.',
      cause,
    })
  }
  const { data, whereIs } = readYaml(text, file, env, allocationFile, hints)
  const directory = path.dirname(path.resolve(file))
  return { written: data, whereIs, resolve: (relative) => path.resolve(directory, relative) }
}

function namesOf({ written }: Draft, targets: readonly Target[], dimensions: readonly Dimension[]): Names {
  return {
    targets: Map.groupBy(targets, ({ id }) => id),
    pools: new Set(Object.keys(written.pools)),
    drivers: new Set(Object.keys(written.drivers)),
    dimensions: new Map(dimensions.map((dimension) => [dimension.name, dimension])),
    scope: new Map([...chargeColumns(), ...dimensions.map(({ name }) => [name, 'text'] as const)]),
  }
}

function readPools(draft: Draft, names: Names): Pool[] {
  const split = new Set(draft.written.split.map(({ pool }) => pool))
  return Object.entries(draft.written.pools).map(([id, { name, owner, reason }]) => {
    const at = ['pools', id]
    if (owner === undefined) {
      const what = split.has(id)
        ? `the pool ${id} has no owner for what cannot be split`
        : `the pool ${id} has no owner and nothing splits it`
      throw mistake(draft, at, what, 'Add owner: with a target.')
    }
    requireTarget(draft, names, owner, [...at, 'owner'])
    requireOnDates(draft, names, owner, always, [...at, 'owner'], `the pool ${id}`)
    return { id, line: lineOf(draft, at), name: name ?? id, owner, reason }
  })
}
