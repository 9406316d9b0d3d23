/**
 * Why a target owes more or less than before. Each cause is exact to the last unit (10^-18 of the currency), and the
 * causes of a target sum to its difference: what integer division leaves is with the last cause of its step.
 *
 * A difference is taken apart line by line: first what the line costs as a whole, at the share that the target had
 * (price, volume, mix, or a correction by the provider), then how the line is shared, at what it costs now (its tags,
 * the rules, or the weights).
 */
export const causes = ['price', 'volume', 'mix', 'correction', 'tag', 'rule', 'driver'] as const
export type Cause = (typeof causes)[number]
export type Causes = Record<Cause, bigint>

/** What came to a target of what was used, by which tags and in which way. Amounts and quantities in units of 10^-18. */
export interface Line {
  readonly currency: string
  /** What was used: a resource's use of a product, say. */
  readonly used: string
  readonly service: string
  /** Of the quantities; undefined when there is none, or several. */
  readonly unit: string | undefined
  /** A correction of an earlier month, as the provider marks it. */
  readonly correction: boolean
  readonly tags: string
  readonly target: string
  /** Pools and rules. */
  readonly way: string
  readonly drivers: readonly string[]
  readonly isBefore: boolean
  readonly isAfter: boolean
  readonly before: bigint
  readonly after: bigint
  readonly quantityBefore: bigint
  readonly quantityAfter: bigint
}

/** What is known of the two allocations beyond their lines. */
export interface Circumstances {
  /** Two versions of one month: use that both know of was corrected, use that one knows of came late. */
  readonly sameMonth: boolean
  readonly rulesChanged: boolean
  readonly changedDrivers: ReadonlySet<string>
}

/** The causes by currency and target, as `currency\ntarget`. */
export function explainDifference(lines: readonly Line[], circumstances: Circumstances): Map<string, Causes> {
  const found = new Map<string, Causes>()
  const services = Map.groupBy(lines, ({ currency, service, unit }) => JSON.stringify([currency, service, unit]))
  for (const ofService of services.values()) {
    const level = averageBefore(ofService)
    for (const ofUse of Map.groupBy(ofService, ({ used }) => used).values()) {
      const cost = costCauses(ofUse, level, circumstances)
      for (const [target, own] of Map.groupBy(ofUse, (line) => line.target)) {
        const key = `${ofUse[0]?.currency}\n${target}`
        const sums = found.get(key) ?? noCauses()
        found.set(key, sums)
        addCauses(sums, causesOfTarget(own, ofUse, cost, circumstances))
      }
    }
  }
  return found
}

function noCauses(): Causes {
  return { price: 0n, volume: 0n, mix: 0n, correction: 0n, tag: 0n, rule: 0n, driver: 0n }
}

function addCauses(sums: Causes, more: Causes): void {
  for (const cause of causes) sums[cause] += more[cause]
}

const sum = (lines: readonly Line[], of: 'before' | 'after' | 'quantityBefore' | 'quantityAfter') =>
  lines.reduce((total, line) => total + line[of], 0n)

/** a × b ÷ c, towards zero. */
function share(a: bigint, b: bigint, c: bigint): bigint {
  return (a * b) / c
}

/** What a unit of the service cost before, as cost over quantity; undefined when there was none. */
function averageBefore(lines: readonly Line[]): { cost: bigint; quantity: bigint } | undefined {
  const quantity = sum(lines, 'quantityBefore')
  if (lines[0]?.unit === undefined || quantity <= 0n) return undefined
  return { cost: sum(lines, 'before'), quantity }
}

/** The causes that change what a line costs as a whole; they sum to the change. */
function costCauses(
  lines: readonly Line[],
  level: ReturnType<typeof averageBefore>,
  { sameMonth }: Circumstances,
): Causes {
  const [before, after] = [sum(lines, 'before'), sum(lines, 'after')]
  const change = after - before
  const known = lines.some(({ isBefore }) => isBefore) && lines.some(({ isAfter }) => isAfter)
  if (lines.some(({ correction }) => correction) || (sameMonth && known)) return { ...noCauses(), correction: change }
  const [quantityBefore, quantityAfter] = [sum(lines, 'quantityBefore'), sum(lines, 'quantityAfter')]
  if (sameMonth || !known) return { ...noCauses(), ...volumeAndMix(change, quantityAfter - quantityBefore, level) }
  if (level === undefined || quantityBefore <= 0n || quantityAfter <= 0n) return { ...noCauses(), price: change }
  const more = quantityAfter - quantityBefore
  const byQuantity = share(before, more, quantityBefore)
  return { ...noCauses(), ...volumeAndMix(byQuantity, more, level), price: change - byQuantity }
}

/** More or less of the service at what it cost on average, and the rest for being dearer or cheaper than that. */
function volumeAndMix(change: bigint, quantity: bigint, level: ReturnType<typeof averageBefore>) {
  if (level === undefined || quantity === 0n) return { volume: change, mix: 0n }
  const volume = share(level.cost, quantity, level.quantity)
  return { volume, mix: change - volume }
}

/** `own` are the target's lines among those of one use. */
function causesOfTarget(
  own: readonly Line[],
  ofUse: readonly Line[],
  cost: Causes,
  circumstances: Circumstances,
): Causes {
  const [before, after] = [sum(ofUse, 'before'), sum(ofUse, 'after')]
  const [ownBefore, ownAfter] = [sum(own, 'before'), sum(own, 'after')]
  const known = ofUse.some(({ isBefore }) => isBefore) && ofUse.some(({ isAfter }) => isAfter)
  // Without a share before there is none that could have moved.
  const shared = known && before !== 0n
  const effect = shared ? share(after - before, ownBefore, before) : ownAfter - ownBefore
  const found = portion(
    cost,
    effect,
    shared ? [ownBefore, before] : ownBefore === 0n ? [ownAfter, after] : [ownBefore, before],
  )
  if (!shared) return found
  const moved = ownAfter - ownBefore - effect
  const withinTags = movedWithinTags(own, ofUse, circumstances)
  return {
    ...found,
    rule: withinTags.rule,
    driver: withinTags.driver,
    tag: moved - withinTags.rule - withinTags.driver,
  }
}

/** A target's part of the causes of a whole line: `effect` in all, in the ratio of the target to the line. */
function portion(cost: Causes, effect: bigint, [own, whole]: readonly [bigint, bigint]): Causes {
  const used = causes.filter((cause) => cost[cause] !== 0n)
  const last = used.at(-1) ?? 'price'
  const parts = noCauses()
  let left = effect
  for (const cause of used) {
    if (cause === last || whole === 0n) continue
    parts[cause] = share(cost[cause], own, whole)
    left -= parts[cause]
  }
  parts[last] += left
  return parts
}

/** What moved between targets though the tags stayed. */
function movedWithinTags(
  own: readonly Line[],
  ofUse: readonly Line[],
  circumstances: Circumstances,
): { rule: bigint; driver: bigint } {
  const moved = { rule: 0n, driver: 0n }
  const byTags = Map.groupBy(ofUse, ({ tags }) => tags)
  for (const [tags, ofTags] of byTags) {
    const [before, after] = [sum(ofTags, 'before'), sum(ofTags, 'after')]
    if (before === 0n || !ofTags.some(({ isAfter }) => isAfter)) continue
    for (const line of own.filter((each) => each.tags === tags)) {
      const expected = share(line.before, after, before)
      moved[whyMoved(line, ofTags, circumstances)] += line.after - expected
    }
  }
  return moved
}

/** A way that is there on one side alone is the rules'; on a way that stays, its weights moved or its rule was edited. */
function whyMoved(
  { way, drivers }: Line,
  ofTags: readonly Line[],
  { rulesChanged, changedDrivers }: Circumstances,
): 'rule' | 'driver' {
  const onWay = ofTags.filter((line) => line.way === way)
  if (!onWay.some(({ isBefore }) => isBefore) || !onWay.some(({ isAfter }) => isAfter)) return 'rule'
  if (drivers.some((driver) => changedDrivers.has(driver))) return 'driver'
  return rulesChanged ? 'rule' : 'driver'
}
