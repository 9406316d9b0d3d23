import type { AllocationRecord, Resting } from '../../pipeline/allocate-record.ts'
import { percent } from '../../core/percent.ts'
import { fromUnits, toUnits } from '../../core/decimal.ts'
import { money, table } from '../table.ts'

/** What is allocated, one line for each unit and currency, and below it who has the rest and why. */
export function describeAllocations(records: readonly AllocationRecord[]): string {
  const header = [
    'source',
    'period',
    'allocated',
    'version',
    'rules',
    'effective',
    'with who caused it',
    '%',
    'currency',
    'when',
  ]
  const rows = records.flatMap((record) =>
    record.totals.map(({ currency, effectiveCost }) => {
      const resting = sumOf(record.resting.filter((part) => part.currency === currency))
      const owned = fromUnits(toUnits(effectiveCost) - resting)
      return [
        record.source,
        record.period,
        record.dataset === 'restated' ? 'restated, closed' : 'yes',
        String(record.version),
        record.ruleSet.print.slice(0, 8),
        money(effectiveCost),
        money(owned),
        percent(owned, effectiveCost),
        currency,
        record.allocatedAt.slice(0, 16).replace('T', ' '),
      ]
    }),
  )
  return [table(header, rows), ...describeResting(records)].join('\n')
}

function sumOf(parts: readonly Resting[]): bigint {
  return parts.reduce((sum, { effectiveCost }) => sum + toUnits(effectiveCost), 0n)
}

function describeResting(records: readonly AllocationRecord[]): string[] {
  const parts = records.flatMap((record) => record.resting.map((part) => ({ ...part, period: record.period })))
  const groups = Map.groupBy(parts, ({ period, currency, reason, owner }) =>
    JSON.stringify([period, reason, owner, currency]),
  )
  if (groups.size === 0) return []
  const rows = [...groups]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, group]) => {
      const [first] = group
      if (first === undefined) return []
      return [
        [first.period, first.reason, first.owner, first.ownerName, money(fromUnits(sumOf(group))), first.currency],
      ]
    })
  return ['', table(['period', 'without who caused it', 'owner', 'name', 'effective', 'currency'], rows)]
}
