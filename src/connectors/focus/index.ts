import type { Period } from '../../core/period.ts'
import type { BillingSource, Connector, Delivery } from '../connector.ts'
import type { ObjectStore } from '../stores/object-store.ts'
import { openStore } from '../stores/open.ts'
import { deliveryOf } from './delivery.ts'
import { readFolder, type FocusFolder } from './folder.ts'
import type { FocusLocation } from './options.ts'

/** FOCUS files of any issuer and version in a folder or bucket: csv, csv.gz, csv.zip, Parquet. */
export const focus: Connector<FocusLocation> = {
  async open({ location }, context) {
    const store = openStore(location, context)
    let read: Promise<FocusFolder> | undefined
    const folder = () => (read ??= readFolder(store, context))
    return {
      periods: async () => [...(await folder()).byPeriod.keys()].toSorted(),
      delivery: async (period: Period) => deliveryOf(period, await folder()),
      fetch: (delivery, progress) => fetchFiles(store, delivery, progress),
      forget: (keep) => store.forget(keep.flatMap(({ files }) => files)),
    } satisfies BillingSource
  },
}

async function fetchFiles(store: ObjectStore, { files }: Delivery, progress?: (bytes: number) => void) {
  return Promise.all(files.map(async (file) => ({ name: file.key, path: await store.fetch(file, progress) })))
}
