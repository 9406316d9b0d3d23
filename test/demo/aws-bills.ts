import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSession, quoteText, type Session } from '../../src/core/duckdb.ts'
import type { Period } from '../../src/core/period.ts'
import type { WrittenDelivery } from '../../src/demo/aws/deliver.ts'
import type { AwsLayout } from '../../src/demo/aws/layouts.ts'
import { writeAwsBills } from '../../src/demo/aws/write-bills.ts'

/** A folder for one test file's bills, and a session to read them with. */
export async function workspace(): Promise<{ directory: string; session: Session; remove: () => Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), 'focal-aws-bills-'))
  const session = await openSession({ memoryLimit: '1GB', threads: 2, tempDirectory: join(directory, 'spill') })
  return {
    directory,
    session,
    async remove() {
      session.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** The only delivery of a layout and month among those written. */
export function deliveryOf(written: readonly WrittenDelivery[], layout: AwsLayout, period: Period): WrittenDelivery {
  const [found, ...others] = written.filter((each) => each.layout === layout && each.period === period)
  if (found === undefined || others.length > 0) throw new Error(`${layout} ${period} was not written once`)
  return found
}

export function pathsOf({ location, files }: WrittenDelivery): string[] {
  return files.map((file) => join(location, file))
}

/** SQL that reads a delivery's rows: csv as text, Parquet as it is; no column from the folders' names. */
export function rowsOf(delivery: WrittenDelivery): string {
  const paths = `[${pathsOf(delivery).map(quoteText).join(', ')}]`
  return delivery.files.every((file) => file.endsWith('.parquet'))
    ? `read_parquet(${paths}, hive_partitioning = false)`
    : `read_csv(${paths}, header = true, all_varchar = true, hive_partitioning = false)`
}

/** Three months as first delivered, and October again. */
export const months = ['m08', 'm09', 'm10', 'restated'] as const

/** The demo's net report as tables of text, one per name in `months`: a double is read as its shortest text. */
export async function netReports() {
  const { directory, session, remove } = await workspace()
  const layouts = ['cur2-parquet'] as const
  await session.run('CREATE MACRO d(x) AS coalesce(x::DECIMAL(38, 10), 0)')
  const readAs = async (name: string, source: string) => {
    await session.run(`CREATE TABLE ${name} AS SELECT COLUMNS(*)::VARCHAR FROM ${source}`)
  }
  const written = await writeAwsBills({ directory, seed: 42, layouts })
  for (const period of ['2026-08', '2026-09', '2026-10']) {
    await readAs(`m${period.slice(5)}`, rowsOf(deliveryOf(written, 'cur2-parquet', period)))
  }
  const again = await writeAwsBills({ directory: join(directory, 'again'), seed: 42, layouts, delivery: 2 })
  await readAs('restated', rowsOf(deliveryOf(again, 'cur2-parquet', '2026-10')))
  return {
    directory,
    session,
    remove,
    /** One query over each month; answers in the order of `months`. */
    inEachMonth: async <Row>(sql: (month: string) => string): Promise<Row[][]> =>
      await Promise.all(months.map((month) => session.rows<Row>(sql(month)))),
  }
}
