import { createHash } from 'node:crypto'
import { UserError } from '../../../core/errors.ts'
import { openCache } from '../../../core/stores/cache.ts'
import type { BillingSource } from '../../connector.ts'
import { withSideFiles, type SideFiles } from '../side-files.ts'
import { readCommitments } from './commitments.ts'
import type { Connection } from './connection.ts'
import type { Month } from './months.ts'
import type { TableOptions } from './options.ts'
import { describePricing, readPrices } from './prices.ts'
import type { ExportTable } from './table.ts'

export interface BillTable {
  readonly table: ExportTable
  readonly options: Pick<TableOptions, 'commitmentsTable' | 'pricingTable' | 'maxBytes'>
  readonly connection: Connection
  readonly months: () => Promise<readonly Month[]>
  readonly cacheDirectory: string
}

/**
 * The bill with what the source names beside its table: the commitments, the same for every month, and the prices of
 * each month. The pricing table is looked up at once, as the bill's is.
 */
export async function withSideTables(bill: BillingSource, from: BillTable): Promise<BillingSource> {
  const { table, options, connection, months, cacheDirectory } = from
  const { commitmentsTable, pricingTable, maxBytes } = options
  let commitments: Promise<string> | undefined
  const named =
    commitmentsTable === undefined
      ? bill
      : withSideFiles(bill, async () => {
          const text = await (commitments ??= readCommitments(commitmentsTable, table, connection, maxBytes))
          return inFile(text, 'commitments', commitmentsTable, cacheDirectory)
        })
  if (pricingTable === undefined) return named
  if (!table.fields.some(({ name }) => name === 'sku')) {
    throw new UserError(`${table.id} has every price already: pricingTable adds nothing to it`, {
      hint: "Google's own FOCUS export is taken as it is: leave pricingTable out of the source.",
    })
  }
  const pricing = await describePricing(pricingTable, connection)
  return withSideFiles(named, async (period) => {
    const month = (await months()).find((one) => one.period === period)
    const text = month === undefined ? '' : await readPrices(pricing, table, month, connection, maxBytes)
    return inFile(text, 'pricing', pricingTable, cacheDirectory)
  })
}

/**
 * The lines of a side table, put into a file of the cache folder when the delivery is fetched: in one step, for rows of
 * another month may be in the making from it. No lines are no file.
 */
function inFile(text: string, what: string, id: string, cacheDirectory: string): SideFiles {
  const fingerprint = createHash('sha256').update(text).digest('hex')
  const file = `bigquery-${what}-${fingerprint.slice(0, 16)}.json`
  return {
    fingerprint,
    async fetch() {
      if (text === '') return []
      const put = await openCache(cacheDirectory).fill(file, (part) => part.writeFile(text))
      return [{ name: `${id}/${what}.json`, path: put }]
    },
  }
}
