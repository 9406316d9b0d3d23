/** The rules that acted on a part of a charge, told apart by what they did. */
export interface Steps {
  /** The rule that placed the charge; undefined where none matched and it went to the default pool. */
  readonly placedBy: string | undefined
  /** For each pool the split that divided it; undefined where the part rests in the pool undivided. */
  readonly splits: readonly (string | undefined)[]
}

/**
 * Reads `x_PoolPath` and `x_RuleIds`, the latter being the placing rule, if any, and then one split for each pool that
 * was divided. `whole` says that the last step divided nothing.
 */
export function stepsOf(pools: readonly string[], rules: readonly string[], whole: boolean): Steps {
  const divided = whole ? pools.length - 1 : pools.length
  const isPlaced = rules.length > Math.max(divided, 0)
  return { placedBy: isPlaced ? rules[0] : undefined, splits: pools.map((_pool, at) => rules[isPlaced ? at + 1 : at]) }
}

export function describePlacing({ placedBy }: Steps): string {
  return placedBy === undefined ? 'no rule' : `rule ${placedBy}`
}
