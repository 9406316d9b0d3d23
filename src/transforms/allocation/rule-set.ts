/**
 * allocation.yaml, checked and compiled: what the engine that splits, and the commands that explain, work from.
 * Dates are ISO days (`2026-04-01`) in UTC; a validity is half-open and compared with ChargePeriodStart.
 */

export interface RuleSet {
  /** As people named it, for error places. */
  readonly file: string
  /** SHA-256 over everything that can change a result: the rules, the registry and the content of every driver. */
  readonly print: string
  readonly dimensions: readonly Dimension[]
  readonly targets: readonly Target[]
  readonly pools: readonly Pool[]
  readonly drivers: readonly Driver[]
  /** In order: the first rule that matches a charge on its date places it. */
  readonly assign: readonly AssignRule[]
  /** Where a charge goes that no rule places: a pool. */
  readonly otherwise: string
  readonly splits: readonly SplitRule[]
  readonly limits: Limits
  /** What is allowed but hardly meant, such as a rule that never acts; the commands show them. */
  readonly warnings: readonly RuleWarning[]
}

export interface RuleWarning {
  readonly line: number
  readonly what: string
  readonly hint: string
}

export interface Validity {
  /** First day; undefined from the beginning of time. */
  readonly from: string | undefined
  /** First day after; undefined without an end. */
  readonly to: string | undefined
}

/** An expression of the closed language, checked and turned into SQL over the columns of a charge and the dimensions. */
export interface Expression {
  /** As it was written, for people. */
  readonly text: string
  readonly sql: string
  /** FOCUS and x_ columns and dimensions that it reads. */
  readonly reads: readonly string[]
}

/**
 * A virtual tag: one VARCHAR column, computed for each charge. Its SQL may read FOCUS columns and earlier dimensions.
 * Wherever an expression reads the dimension it sees NULL in place of a value that is not allowed.
 */
export interface Dimension {
  readonly name: string
  readonly value: Expression
  /** Values that count; others make the charge `invalid_tag`. Undefined when every value does. */
  readonly allowed: readonly string[] | undefined
  /** The tag keys that feed it, in order, for `focal tags`. */
  readonly keys: readonly string[]
}

/** Who can owe money: a cost centre, team, product or tenant. One id may have several entries with validities apart. */
export interface Target {
  readonly id: string
  readonly name: string
  readonly parent: string | undefined
  readonly valid: Validity
  readonly mode: 'showback' | 'chargeback' | 'external' | 'central'
  /** For finance; null where the registry has none. */
  readonly costCentre: string | undefined
  readonly glAccount: string | undefined
  readonly legalEntity: string | undefined
  readonly contact: string | undefined
}

/** Cost that waits to be split. Its owner gets what cannot be split, with the reason. */
export interface Pool {
  readonly id: string
  readonly line: number
  readonly name: string
  /** A target. */
  readonly owner: string
  /** Why money rests here when nothing splits the pool: `unallocated` pools and the business's own decision to leave central. */
  readonly reason: Reason | undefined
}

/** Why a part of a charge is with an owner rather than with who caused it. */
export type Reason =
  | 'untagged'
  | 'invalid_tag'
  | 'no_rule'
  | 'low_coverage'
  | 'missing_telemetry'
  | 'zero_weight'
  | 'fixed_remainder'
  | 'idle'
  | 'system'
  | 'unallocated'
  | 'unused_commitment'
  | 'informed_ignore'

export interface AssignRule {
  readonly id: string
  readonly line: number
  readonly valid: Validity
  readonly when: Expression
  /** A pool's id, or the target's id as text SQL over the charge (a constant, or a dimension through its map). */
  readonly to: { readonly pool: string } | { readonly target: Expression }
}

export interface SplitRule {
  readonly id: string
  readonly line: number
  readonly pool: string
  readonly valid: Validity
  readonly method: Method
  /** How a pool on a cycle is solved; undefined when it must not be on one. */
  readonly cycle: 'reciprocal' | { readonly stepDown: number } | undefined
  /** Weights are taken per day (UTC) of ChargePeriodStart, or once for the billing period. */
  readonly grain: 'hour' | 'day' | 'month'
  readonly onZeroWeight: 'hold' | 'even' | 'owner' | 'error' | { readonly driver: string }
  readonly negatives: 'error' | 'zero' | 'abs'
  readonly coverage: Coverage | undefined
}

/** The least share of a pool's hours or days that a driver must know of, and what happens below it. */
export interface Coverage {
  /** Exact fraction of 1 as decimal text, such as `0.95`. */
  readonly least: string
  readonly below: 'hold' | 'owner' | 'error' | { readonly driver: string }
}

/** Receivers are targets, or pools further down. Weights and shares are exact decimals as text. */
export type Method =
  | { readonly kind: 'fixed'; readonly shares: readonly { readonly to: Receiver; readonly percent: string }[] }
  | { readonly kind: 'even'; readonly over: readonly Receiver[] | 'all' }
  | {
      readonly kind: 'cost'
      /** The cost column that weighs. */
      readonly column: string
      /** What a target has by assignment alone, or with what earlier pools gave it. */
      readonly basis: 'direct' | 'direct+prior'
      /** Only charges that match weigh, such as those of one provider; undefined when all do. */
      readonly when: Expression | undefined
      readonly over: readonly Receiver[] | 'all'
    }
  | {
      readonly kind: 'usage'
      readonly when: Expression | undefined
      readonly unit: string
      readonly over: readonly Receiver[] | 'all'
    }
  | { readonly kind: 'driver'; readonly driver: string; readonly match: string | undefined }

export type Receiver = { readonly target: string } | { readonly pool: string }

/**
 * A table of weights, one file or a folder of them. `key` names who used it: a target's id, or what `map` turns
 * into one; the special keys of the field (idle, system, unallocated) become reasons.
 */
export interface Driver {
  readonly id: string
  readonly line: number
  readonly format: 'csv' | 'parquet' | 'opencost'
  /** Absolute paths, in order. */
  readonly files: readonly string[]
  readonly columns: {
    readonly key: string
    readonly weight: string
    /** Start of the hour or day that the weight is of; undefined for a table without time. */
    readonly at: string | undefined
    /** What the split's `match` column of a charge must equal, such as a node's resource id. */
    readonly match: string | undefined
    readonly validFrom: string | undefined
    readonly validTo: string | undefined
  }
  /** From key to receiver, for keys that are not targets' ids. */
  readonly map: ReadonlyMap<string, Receiver>
  readonly special: ReadonlyMap<string, Reason>
}

/** Shares of EffectiveCost without an owner who caused it, in percent as decimal text. */
export interface Limits {
  readonly unallocatedWarn: string | undefined
  readonly unallocatedFail: string | undefined
}
