import { fromUnits } from '../../../core/decimal.ts'
import type { Found } from './split-stage.ts'
import type { Place } from './route.ts'

/** Rows of the table `weights`, once for each occasion of a split. */
export function weightRows(found: readonly Found[]): object[] {
  const occasions = new Map(found.map((one) => [one.key, one]))
  return [...occasions.values()].flatMap(({ pool, shares, occasion }) =>
    shares.shares.map(({ to, weight, unit }) => ({
      pool,
      rule: shares.rule ?? null,
      first_day: occasion.firstDay,
      bucket: occasion.bucket ?? null,
      match: occasion.match ?? null,
      currency: occasion.currency,
      receiver: receiverOf(to),
      reason: to.kind === 'rest' ? to.reason : null,
      weight: unit === undefined ? String(weight) : fromUnits(weight),
      total: unit === undefined ? String(shares.total) : fromUnits(shares.total),
      unit: unit ?? null,
      driver: shares.driver ?? null,
      fallback_used: shares.fallback,
    })),
  )
}

function receiverOf(to: Place): string {
  return to.kind === 'pool' ? to.pool : to.kind === 'target' ? to.target : to.owner
}
