import { join } from 'node:path'
import { readBeside } from '../../core/sql.ts'
import type { DemoBill, DemoCloud } from '../cloud.ts'
import { sumBill } from '../sum-bill.ts'
import { packings, writeGcpBills, type WrittenBill } from './write-bills.ts'

const folder = 'bills/gcp'

/** The billing account of the main organisation as newline JSON, and that of one that was acquired as Parquet. */
const sources = { acme: 'gcp-main', birchwood: 'gcp-acquired' } as const

export const gcp: DemoCloud = {
  sources: (['acme', 'birchwood'] as const).map((organisation) => ({
    name: sources[organisation],
    connector: 'gcp',
    location: `./${folder}/${organisation}`,
  })),
  async write({ directory, seed, rows, delivery, signal }) {
    const written = await writeGcpBills({
      directory: join(directory, folder),
      seed,
      rows,
      delivery,
      ...(signal && { signal }),
    })
    return written.map(toBill)
  },
}

function toBill({ organisation, location, period, files }: WrittenBill): DemoBill {
  const paths = files.map((file) => join(location, file))
  const sql = packings[organisation] === 'parquet' ? 'sql/invoice-parquet.sql' : 'sql/invoice-json.sql'
  return {
    source: sources[organisation],
    period,
    invoice: (session) => sumBill(session, paths, readBeside(import.meta.url, sql)),
  }
}
