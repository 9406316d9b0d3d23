import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openSession, quoteIdentifier, quoteText, type Session } from '../../../src/core/duckdb.ts'

export const project = fileURLToPath(new URL('../../../', import.meta.url))
export const reference = join(project, 'src/transforms/aws/reference')

/** Each reference table with its key columns. */
export const tables = {
  services: ['product_code'],
  'service-parts': ['product_code', 'usage_type_pattern'],
  regions: ['region_id'],
  'region-prefixes': ['prefix'],
  'pricing-units': ['source_unit'],
  'usage-type-units': ['usage_type_pattern'],
  'resource-types': ['resource_key'],
}

export interface ReferenceTables {
  /** DuckDB with every table loaded as text, hyphens in names as underscores. */
  readonly session: Session
  /** The text column `value` of a query, in the query's order. */
  readonly values: (sql: string) => Promise<string[]>
  readonly close: () => void
}

export async function openReference(): Promise<ReferenceTables> {
  const tempDirectory = mkdtempSync(join(tmpdir(), 'focal-reference-'))
  const session = await openSession({ memoryLimit: '1GB', threads: 2, tempDirectory })
  for (const name of Object.keys(tables)) {
    const file = quoteText(join(reference, `${name}.csv`))
    await session.run(
      `CREATE TABLE ${quoteIdentifier(name.replaceAll('-', '_'))} AS
       SELECT * FROM read_csv(${file}, header = true, all_varchar = true, delim = ',', quote = '"', escape = '"')`,
    )
  }
  return {
    session,
    values: async (sql) => (await session.rows<{ value: string }>(sql)).map((row) => row.value),
    close: () => {
      session.close()
      rmSync(tempDirectory, { recursive: true, force: true })
    },
  }
}
