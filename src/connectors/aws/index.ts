import type { Period } from '../../core/period.ts'
import type { BillingSource, Connector, Delivery } from '../connector.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import { openStore } from '../stores/open.ts'
import { findLayout } from './layout.ts'
import type { AwsLocation } from './options.ts'

export const aws: Connector<AwsLocation> = {
  async open({ location }, context) {
    const store = openStore(location, context)
    const layout = await findLayout(store, context)
    return {
      periods: () => layout.periods(),
      delivery: (period: Period) => layout.delivery(period),
      fetch: (delivery, progress) => fetchFiles(store, delivery, progress),
      forget: (keep) => store.forget(keep.flatMap(({ files }) => files)),
    } satisfies BillingSource
  },
}

async function fetchFiles(store: ObjectStore, { files }: Delivery, progress?: (bytes: number) => void) {
  return Promise.all(files.map(async (file) => ({ name: file.key, path: await store.fetch(file, progress) })))
}
