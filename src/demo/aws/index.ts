import { join } from 'node:path'
import type { Session } from '../../core/duckdb.ts'
import type { DemoBill, DemoCloud } from '../cloud.ts'
import type { AwsLayout } from './layouts.ts'
import { writeAwsBills, type WrittenDelivery } from './write-bills.ts'

const folder = 'bills/aws'

/** A legacy report of the main organisation, and the CUR 2.0 export of one that was acquired. */
const exports: readonly { source: string; layout: AwsLayout; root: string; total: string }[] = [
  {
    source: 'aws-main',
    layout: 'cur-csv-gz',
    root: 'legacy',
    total: `SELECT sum("lineItem/UnblendedCost"::DECIMAL(38, 18)) AS billed
      FROM read_csv(getvariable('bill_files'), header = true, all_varchar = true)`,
  },
  {
    source: 'aws-acquired',
    layout: 'cur2-parquet',
    root: 'cur2',
    total: `SELECT sum(line_item_net_unblended_cost::VARCHAR::DECIMAL(38, 18)) AS billed
      FROM read_parquet(getvariable('bill_files'))`,
  },
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
  const billed = async (session: Session) => {
    await session.set(
      'bill_files',
      files.map((file) => join(location, file)),
    )
    const [row] = await session.rows<{ billed: string }>(from.total)
    return row?.billed ?? '0'
  }
  return [{ source: from.source, period, billed }]
}
