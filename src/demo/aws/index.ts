import { join } from 'node:path'
import { readBeside } from '../../core/sql.ts'
import type { DemoBill, DemoCloud } from '../cloud.ts'
import { sumBill } from '../sum-bill.ts'
import type { AwsLayout } from './layouts.ts'
import { writeAwsBills, type WrittenDelivery } from './write-bills.ts'

const folder = 'bills/aws'

/** A legacy report of the main organisation, and the CUR 2.0 export of one that was acquired. */
const exports: readonly { source: string; layout: AwsLayout; root: string; invoice: string }[] = [
  { source: 'aws-main', layout: 'cur-csv-gz', root: 'legacy', invoice: 'sql/invoice-legacy.sql' },
  { source: 'aws-acquired', layout: 'cur2-parquet', root: 'cur2', invoice: 'sql/invoice-cur2.sql' },
]

export const aws: DemoCloud = {
  sources: exports.map(({ source, root }) => ({ name: source, connector: 'aws', location: `./${folder}/${root}` })),
  async write({ directory, seed, rows, delivery, signal }) {
    const written = await writeAwsBills({
      directory: join(directory, folder),
      seed,
      rows,
      delivery,
      layouts: exports.map(({ layout }) => layout),
      ...(signal && { signal }),
    })
    return written.flatMap(toBill)
  },
}

function toBill({ layout, location, period, files }: WrittenDelivery): DemoBill[] {
  const from = exports.find((one) => one.layout === layout)
  if (from === undefined) return []
  const paths = files.map((file) => join(location, file))
  return [
    {
      source: from.source,
      period,
      invoice: (session) => sumBill(session, paths, readBeside(import.meta.url, from.invoice)),
    },
  ]
}
