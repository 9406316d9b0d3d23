import { absolute, sum } from './exact.ts'
import { toUnits } from '../../../core/decimal.ts'
import type { Coverage, Method, Reason, Receiver, RuleSet, SplitRule, Target, Validity } from '../rule-set.ts'
import type { AllocationProblem } from './problems.ts'
import { isClosedBefore } from './stages.ts'
import { ownerOf, placeKey, type Place, type Share, type Shares } from './route.ts'
import { driverOf, occasionKey, placeOf, type Occasion, type Weigher, type WeightTable } from './weights.ts'

export interface ShareContext {
  readonly ruleSet: RuleSet
  /** The splits that hold on some day of the month. */
  readonly splits: readonly SplitRule[]
  readonly weigher: Weigher
  readonly report: (problem: AllocationProblem) => void
}

/** The shares of one split on one occasion. */
export type ShareOut = (occasion: Occasion) => Promise<Shares>

/** What is in a pool that nothing splits, or not on that day, rests with the pool's owner. */
export function restShares(ruleSet: RuleSet, pool: string, entryReason: Reason | undefined): Shares {
  const reason = entryReason ?? ruleSet.pools.find(({ id }) => id === pool)?.reason ?? 'unallocated'
  return restsWith(ownerOf(ruleSet, pool), reason, false, undefined)
}

/**
 * How one split shares on the occasions of one first day. `asked` are the occasions of the charges in its pool,
 * by which the driver's coverage is judged.
 */
export async function shareOut(
  context: ShareContext,
  rule: SplitRule,
  firstDay: string,
  asked: readonly Occasion[],
): Promise<ShareOut> {
  const { ruleSet, weigher } = context
  const table = await weigher.ofRule(rule, firstDay)
  const gap = coverageGap(rule, ruleSet, table, asked)
  if (gap !== undefined) return fallBack(context, rule, firstDay, gap.below, 'low_coverage', gap.found, table)
  const onZero = await fallBack(context, rule, firstDay, rule.onZeroWeight, 'zero_weight', undefined, table)
  const onMissing = await fallBack(context, rule, firstDay, rule.onZeroWeight, 'missing_telemetry', undefined, table)
  return async (occasion) => {
    const weights = weightsOn(ruleSet, rule, table, occasion)
    if (weights === undefined) return onMissing(occasion)
    const shares = toShares(context, rule, firstDay, weights)
    const driver = rule.method.kind === 'driver' ? rule.method.driver : undefined
    return settled(rule, shares, driver, false) ?? onZero(occasion)
  }
}

/** Undefined when nobody weighs anything. */
function settled(
  rule: SplitRule,
  shares: readonly Share[],
  driver: string | undefined,
  fallback: boolean,
): Shares | undefined {
  const positive = shares.filter(({ weight }) => weight > 0n)
  if (positive.length === 0) return undefined
  const sorted = positive.toSorted((a, b) => Buffer.compare(Buffer.from(placeKey(a.to)), Buffer.from(placeKey(b.to))))
  return { rule: rule.id, shares: sorted, total: sum(sorted.map(({ weight }) => weight)), driver, fallback }
}

/** The weights of an occasion before policy; undefined when a driver knows nothing of its time or match. */
function weightsOn(
  ruleSet: RuleSet,
  rule: SplitRule,
  table: WeightTable,
  occasion: Occasion,
): readonly Share[] | undefined {
  const { method } = rule
  if (method.kind === 'fixed') return fixedWeights(ruleSet, rule, method)
  if (method.kind === 'even') return evenWeights(ruleSet, method.over, occasion.firstDay)
  if (method.kind === 'cost') return table.get(occasionKey({ ...occasion, match: undefined })) ?? []
  if (method.kind === 'usage') return table.get(occasionKey({ bucket: occasion.bucket })) ?? []
  return table.get(occasionKey({ bucket: occasion.bucket, match: occasion.match }))
}

/** Percentages; what they leave of 100 rests with the owner. */
function fixedWeights(ruleSet: RuleSet, rule: SplitRule, { shares }: Extract<Method, { kind: 'fixed' }>): Share[] {
  const given = shares.map(({ to, percent }) => ({ to: placeOf(to), weight: toUnits(percent), unit: undefined }))
  const left = toUnits('100') - sum(given.map(({ weight }) => weight))
  return left === 0n ? given : [...given, { to: remainder(ruleSet, rule), weight: left, unit: undefined }]
}

function remainder(ruleSet: RuleSet, rule: SplitRule): Place {
  return { kind: 'rest', owner: ownerOf(ruleSet, rule.pool), reason: 'fixed_remainder', held: false }
}

function evenWeights(ruleSet: RuleSet, over: readonly Receiver[] | 'all', firstDay: string): Share[] {
  const places = over === 'all' ? allTargets(ruleSet, firstDay) : over.map(placeOf)
  return places.map((to) => ({ to, weight: toUnits('1'), unit: undefined }))
}

/** Targets that may be charged: none that is kept central on purpose, nor one that is the sum of others. */
function allTargets({ targets }: RuleSet, firstDay: string): Place[] {
  const current = targets.filter(({ valid }) => isOn(valid, firstDay))
  const parents = new Set(current.map(({ parent }) => parent))
  const leaves = current.filter(({ id, mode }) => mode !== 'central' && !parents.has(id))
  return leaves.map(({ id }) => ({ kind: 'target', target: id }))
}

export function isOn({ from, to }: Validity, day: string): boolean {
  return (from === undefined || from <= day) && (to === undefined || day < to)
}

export function targetOn(targets: readonly Target[], id: string, day: string): Target | undefined {
  return targets.find((target) => target.id === id && isOn(target.valid, day))
}

/** Weights under the rule's policies: none negative, and none of receivers that cannot take it on that day. */
function toShares(context: ShareContext, rule: SplitRule, firstDay: string, weights: readonly Share[]): Share[] {
  const { ruleSet, splits } = context
  const able = ({ to }: Share) => {
    if (to.kind === 'target') return targetOn(ruleSet.targets, to.target, firstDay) !== undefined
    return to.kind === 'rest' || !isClosedBefore(splits, to.pool, rule.pool)
  }
  const isAll = 'over' in rule.method && rule.method.over === 'all'
  const all = isAll ? new Set(allTargets(ruleSet, firstDay).map(placeKey)) : undefined
  const kept = weights.filter((share) => able(share) && (all === undefined || all.has(placeKey(share.to))))
  if (rule.method.kind === 'fixed') return withLost(ruleSet, rule, weights, kept)
  return kept.map((share) => notNegative(context, rule, share))
}

/** The percentage of a target that is not there on that day is not handed to the others. */
function withLost(ruleSet: RuleSet, rule: SplitRule, weights: readonly Share[], kept: readonly Share[]): Share[] {
  const to = remainder(ruleSet, rule)
  const isRest = (share: Share) => placeKey(share.to) === placeKey(to)
  const others = kept.filter((share) => !isRest(share))
  const weight = sum(weights.map((share) => share.weight)) - sum(others.map((share) => share.weight))
  return [...others, { to, weight, unit: undefined }]
}

function notNegative({ report }: ShareContext, rule: SplitRule, share: Share): Share {
  if (share.weight >= 0n) return share
  if (rule.negatives === 'abs') return { ...share, weight: absolute(share.weight) }
  if (rule.negatives === 'error') {
    report({
      problem: `a weight of the split ${rule.id} is negative`,
      line: rule.line,
      value: placeKey(share.to).split('\n')[0],
      hint: 'Mend the driver, or say in the split what a negative weight means: negatives: zero or abs.',
    })
  }
  return { ...share, weight: 0n }
}

interface Gap {
  readonly below: Coverage['below']
  /** Such as `12 of 20`. */
  readonly found: string
}

/** Set when the driver knows of fewer of the pool's hours or days than the rule asks for. */
function coverageGap(
  rule: SplitRule,
  ruleSet: RuleSet,
  table: WeightTable,
  asked: readonly Occasion[],
): Gap | undefined {
  const { coverage } = rule
  if (coverage === undefined || asked.length === 0) return undefined
  const occasions = new Map(asked.map((occasion) => [occasionKey({ ...occasion, currency: '' }), occasion]))
  const known = [...occasions.values()].filter((occasion) => weightsOn(ruleSet, rule, table, occasion) !== undefined)
  const enough = BigInt(known.length) * toUnits('1') >= toUnits(coverage.least) * BigInt(occasions.size)
  return enough ? undefined : { below: coverage.below, found: `${known.length} of ${occasions.size}` }
}

type Policy = SplitRule['onZeroWeight']

/** What a split does instead of its method. Whatever cannot be shared is with the owner, for the reason. */
async function fallBack(
  context: ShareContext,
  rule: SplitRule,
  firstDay: string,
  policy: Policy,
  reason: Reason,
  found: string | undefined,
  table: WeightTable,
): Promise<ShareOut> {
  const { ruleSet, weigher } = context
  const owner = ownerOf(ruleSet, rule.pool)
  const held = restsWith(owner, reason, true, rule.id)
  if (policy === 'owner') return async () => restsWith(owner, reason, false, rule.id)
  if (policy === 'even') {
    const even = settled(
      rule,
      toShares(context, rule, firstDay, everybody(ruleSet, rule, table, firstDay)),
      undefined,
      true,
    )
    return async () => even ?? held
  }
  if (policy === 'error') {
    return async (occasion) => {
      context.report(refusal(rule, reason, occasion, found))
      return held
    }
  }
  if (policy === 'hold') return async () => held
  const driver = driverOf(ruleSet, policy.driver)
  const weights = await weigher.ofFallback(rule, driver.id, firstDay)
  const byMatch = driver.columns.match !== undefined
  return async ({ match }) => {
    const shares = weights.get(occasionKey({ match: byMatch ? match : undefined })) ?? []
    return settled(rule, toShares(context, rule, firstDay, shares), driver.id, true) ?? held
  }
}

/** Those who would share if they weighed something: for a driver, all that it names at some time. */
function everybody(ruleSet: RuleSet, rule: SplitRule, table: WeightTable, firstDay: string): Share[] {
  const { method } = rule
  if ('over' in method) return evenWeights(ruleSet, method.over, firstDay)
  const named = new Map([...table.values()].flat().map(({ to }) => [placeKey(to), to]))
  const receivers = [...named.values()].filter(({ kind }) => kind !== 'rest')
  return receivers.map((to) => ({ to, weight: toUnits('1'), unit: undefined }))
}

const problems: Partial<Record<Reason, string>> = {
  zero_weight: 'has no positive weight',
  missing_telemetry: 'has no weights',
  low_coverage: 'has too few weights',
}

function refusal(rule: SplitRule, reason: Reason, occasion: Occasion, found: string | undefined): AllocationProblem {
  const when = found ?? [occasion.bucket, occasion.match].filter((part) => part !== undefined).join(', ')
  return {
    problem: `the split ${rule.id} ${problems[reason] ?? 'cannot share'}`,
    line: rule.line,
    value: when === '' ? undefined : when,
    hint: 'Bring the missing weights, or say in the split what to do without them.',
  }
}

function restsWith(owner: string, reason: Reason, held: boolean, rule: string | undefined): Shares {
  const to: Place = { kind: 'rest', owner, reason, held }
  return { rule, shares: [{ to, weight: 1n, unit: undefined }], total: 1n, driver: undefined, fallback: false }
}
