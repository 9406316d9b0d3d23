import { createHash } from 'node:crypto'
import type { Period } from '../../src/core/period.ts'
import { deliver, name, type Charge } from '../../test/pipeline/tiny-bill.ts'

/**
 * A provider that delivers the months of one year, and changes its mind about them: the current month grows, months that
 * are over are restated, and now and then a delivery is withdrawn for an older one. All of it follows from a seed.
 */
export interface Provider {
  /** What is delivered before a night's run, on that day. */
  day(today: string): void
  /** Each month's billed cost as its newest delivery has it, in DECIMAL(38,18) text. */
  readonly newest: ReadonlyMap<Period, string>
  /** Whether any delivery of the month, however old, has this total. */
  hasDelivered(period: Period, total: string): boolean
  readonly counts: { deliveries: number; restatements: number; withdrawals: number }
}

/** In [0, 1). */
export type Random = () => number

/** The same numbers for the same seed, on every machine. */
export function seeded(seed: number): Random {
  let drawn = 0
  return () => {
    drawn += 1
    return createHash('sha256').update(`${seed} ${drawn}`).digest().readUInt32BE() / 2 ** 32
  }
}

interface Bill {
  readonly id: string
  readonly total: string
}

/** What happens to a month that is over, on any one day. */
const restatedOneDayIn = 25
const withdrawnOneDayIn = 100

export function openProvider(folder: string, random: Random): Provider {
  const delivered = new Map<Period, Bill[]>()
  const newest = new Map<Period, string>()
  const counts = { deliveries: 0, restatements: 0, withdrawals: 0 }
  const oneIn = (days: number) => random() * days < 1
  const below = (limit: number) => Math.floor(random() * limit)

  function state(period: Period, invoiced: boolean): void {
    const bills = delivered.get(period) ?? []
    const micros = Array.from({ length: 1 + below(20) }, () => BigInt(below(2_000_000_000) - 100_000_000))
    const charges: Charge[] = micros.map((cost) => ({ cost: decimal(cost, 6) }))
    const bill = { id: `d${bills.length + 1}`, total: decimal(sum(micros) * 10n ** 12n, 18) }
    deliver(folder, { period, id: bill.id, charges, invoiced })
    delivered.set(period, [...bills, bill])
    newest.set(period, bill.total)
    counts.deliveries += 1
  }

  function restate(period: Period): void {
    state(period, true)
    counts.restatements += 1
  }

  function withdraw(period: Period): void {
    const bills = delivered.get(period) ?? []
    const bill = bills[below(bills.length)]
    if (bill === undefined) return
    name(folder, { period, id: bill.id })
    newest.set(period, bill.total)
    counts.withdrawals += 1
  }

  return {
    newest,
    counts,
    hasDelivered: (period, total) => delivered.get(period)?.some((bill) => bill.total === total) ?? false,
    day(today) {
      const current = today.slice(0, 7)
      const over = [...delivered.keys()].filter((period) => period < current)
      for (const period of over) {
        if (oneIn(withdrawnOneDayIn)) withdraw(period)
        else if (oneIn(restatedOneDayIn)) restate(period)
      }
      if (!delivered.has(current) || oneIn(2)) state(current, false)
    },
  }
}

const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n)

/** `units` of 10^-scale as decimal text with all its digits. */
function decimal(units: bigint, scale: number): string {
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0')
  return `${units < 0n ? '-' : ''}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}
