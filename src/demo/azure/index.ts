import { join } from 'node:path'
import { readBeside } from '../../core/sql.ts'
import type { DemoBill, DemoCloud } from '../cloud.ts'
import { sumBill } from '../sum-bill.ts'
import { writeAzureExports, type Agreement, type WrittenMonth } from './write-exports.ts'

const folder = 'bills/azure'

/** The enterprise agreement of the main organisation, and the customer agreement of one that was acquired. */
const sources: Record<Agreement, { readonly name: string; readonly root: string }> = {
  enterprise: { name: 'azure-main', root: 'enterprise' },
  'customer-agreement': { name: 'azure-acquired', root: 'customer-agreement' },
}

export const azure: DemoCloud = {
  sources: Object.values(sources).map(({ name, root }) => ({
    name,
    connector: 'azure',
    location: `./${folder}/${root}`,
  })),
  async write({ directory, seed, rows, delivery, signal }) {
    const written = await writeAzureExports({
      directory: join(directory, folder),
      seed,
      rows,
      delivery,
      ...(signal && { signal }),
    })
    return written.map(toBill)
  },
}

/** What was charged is the sum of the actual cost. */
function toBill({ agreement, location, period, actual }: WrittenMonth): DemoBill {
  const paths = actual.map((file) => join(location, file))
  const sql = readBeside(import.meta.url, `sql/invoice-${agreement}.sql`)
  return { source: sources[agreement].name, period, invoice: (session) => sumBill(session, paths, sql) }
}
