import { createHash } from 'node:crypto'
import { monthBefore, type Period } from '../../core/period.ts'
import type { ConnectorContext } from '../connector.ts'
import type { ObjectInfo, ObjectStore } from '../stores/object-store.ts'
import { filesByMonth } from './location.ts'
import { pricingMonths } from './months-of-files.ts'
import type { SideFiles } from './side-files.ts'

/**
 * Files extracted from the pricing export, month by month: with a bill go those that hold prices of its month or of
 * the month before, so that tomorrow's prices make no new delivery of last month's bill. UserError when there are none
 * at all.
 */
export function openPricingFiles(
  store: ObjectStore,
  context: ConnectorContext,
): (period: Period) => Promise<SideFiles> {
  let known: Promise<Map<Period, ObjectInfo[]>> | undefined
  return async (period) => {
    const byMonth = await (known ??= filesByMonth(store, pricingMonths, context))
    const files = new Set([...(byMonth.get(monthBefore(period)) ?? []), ...(byMonth.get(period) ?? [])])
    const contents = [...files].map(({ size, version }) => `${version} ${size}`).toSorted()
    return {
      fingerprint: createHash('sha256').update(JSON.stringify(contents)).digest('hex'),
      fetch: () =>
        Promise.all([...files].map(async (file) => ({ name: `pricing/${file.key}`, path: await store.fetch(file) }))),
    }
  }
}
