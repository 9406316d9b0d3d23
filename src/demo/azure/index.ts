import { join } from 'node:path'
import type { Session } from '../../core/duckdb.ts'
import type { DemoBill, DemoCloud } from '../cloud.ts'
import { writeAzureExports, type Agreement, type WrittenMonth } from './write-exports.ts'

const folder = 'bills/azure'

/** The enterprise agreement of the main organisation, and the customer agreement of one that was acquired. */
const sources: Record<Agreement, { readonly name: string; readonly root: string; readonly cost: string }> = {
  enterprise: { name: 'azure-main', root: 'enterprise', cost: 'Cost' },
  'customer-agreement': { name: 'azure-acquired', root: 'customer-agreement', cost: 'costInBillingCurrency' },
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
  const { name, cost } = sources[agreement]
  const billed = async (session: Session) => {
    await session.set(
      'bill_files',
      actual.map((file) => join(location, file)),
    )
    const [row] = await session.rows<{ billed: string }>(
      `SELECT sum(${cost}::DECIMAL(38, 18)) AS billed
      FROM read_csv(getvariable('bill_files'), header = true, all_varchar = true)`,
    )
    return row?.billed ?? '0'
  }
  return { source: name, period, billed }
}
