import { createHash } from 'node:crypto'
import { RetryableError } from '../../core/errors.ts'
import type { Period } from '../../core/period.ts'
import type { BillingSource, Delivery, LocalFile } from '../connector.ts'

/** Files beside the bill that a month's delivery comes with, such as what is known of the commitments. */
export interface SideFiles {
  /** Equal as long as they say the same. */
  readonly fingerprint: string
  fetch(): Promise<LocalFile[]>
}

/**
 * The bill with its side files: they are part of what a delivery is made of, so that a change in them makes a new
 * delivery. `find` is asked once for each month.
 */
export function withSideFiles(bill: BillingSource, find: (period: Period) => Promise<SideFiles>): BillingSource {
  const found = new Map<Period, Promise<SideFiles>>()
  const side = (period: Period) => {
    const files = found.get(period) ?? find(period)
    found.set(period, files)
    return files
  }
  const own = async (delivery: Delivery) => {
    const alone = await bill.delivery(delivery.period)
    if ((await joined(alone)).fingerprint === delivery.fingerprint) return alone
    throw new RetryableError(`${delivery.period} has changed since it was looked at; the next run reads it`)
  }
  const joined = async (delivery: Delivery): Promise<Delivery> => {
    if (delivery.waiting !== undefined) return delivery
    const prints = JSON.stringify([delivery.fingerprint, (await side(delivery.period)).fingerprint])
    const fingerprint = createHash('sha256').update(prints).digest('hex')
    return { ...delivery, id: fingerprint.slice(0, 12), fingerprint }
  }
  return {
    ...bill,
    delivery: async (period) => joined(await bill.delivery(period)),
    fetch: async (delivery, progress) => [
      ...(await bill.fetch(await own(delivery), progress)),
      ...(await (await side(delivery.period)).fetch()),
    ],
    forget: async (keep) => bill.forget(await Promise.all(keep.map(({ period }) => bill.delivery(period)))),
  }
}
