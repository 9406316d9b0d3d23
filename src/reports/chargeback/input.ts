import type { Period } from '../../core/period.ts'
import type { ChargebackState, ChargeOn, Mode, Rate } from './model.ts'
import type { Postings } from './read.ts'

/** All that a chargeback follows from. Whoever has the lake, the rules and the configuration brings it together. */
export interface ChargebackInput {
  readonly period: Period
  readonly state: ChargebackState
  readonly chargeOn: ChargeOn
  readonly runId: string
  readonly ruleSet: string
  readonly asOf: string
  readonly yearFrom: Period
  readonly reportingCurrency: string | undefined
  /** For every month and billing currency of the postings, once there is a reporting currency. */
  readonly rates: readonly Rate[]
  /** As far as somebody says what rates the budgets were planned with. */
  readonly budgetRates: readonly Rate[]
  readonly targets: ReadonlyMap<string, TargetFacts>
  /** Names of pools by id. */
  readonly pools: ReadonlyMap<string, string>
  readonly rules: ReadonlyMap<string, RuleFacts>
  /** By `target currency`: what the month was planned with, and how it will likely end. Decimal text. */
  readonly budgets: ReadonlyMap<string, string>
  readonly forecasts: ReadonlyMap<string, ForecastFacts>
  /** Totals of the published FOCUS rows, to hold the postings against. */
  readonly published: readonly PublishedTotal[]
  readonly postings: Postings
}

/** A target of the registry, as it was in the month. */
export interface TargetFacts {
  readonly name: string
  readonly costCentre: string | null
  readonly legalEntity: string | null
  readonly contact: string | null
  readonly mode: Mode
}

export interface RuleFacts {
  /** In words: `in proportion to EffectiveCost`. */
  readonly method: string
  readonly driver: string | null
}

export interface ForecastFacts {
  readonly low: string
  readonly expected: string
  readonly high: string
}

export interface PublishedTotal {
  readonly currency: string
  readonly billed: string
  readonly effective: string
}
