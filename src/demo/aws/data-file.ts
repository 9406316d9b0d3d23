import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { quoteText, type Session } from '../../core/duckdb.ts'
import { readBeside } from '../../core/sql.ts'
import type { LayoutFacts } from './layouts.ts'
import type { Column } from './manifests.ts'
import { zipFile } from './zip.ts'

/** Small row groups keep the memory of a file with many columns small. */
const rowGroup = 40_960

/** Writes the rows that the session's bill has selected as the layout has them. */
export async function writeDataFile(session: Session, facts: LayoutFacts, target: string): Promise<void> {
  const select = selectText(facts.select)
  switch (facts.packing) {
    case 'snappy.parquet':
      return await session.run(
        `COPY (${select}) TO ${quoteText(target)} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE ${rowGroup})`,
      )
    case 'csv.gz':
      return await session.run(`COPY (${select}) TO ${quoteText(target)} (${csvFormat(facts)}, COMPRESSION gzip)`)
    case 'csv.zip': {
      const plain = target.replace(/\.zip$/, '')
      await session.run(`COPY (${select}) TO ${quoteText(plain)} (${csvFormat(facts)})`)
      await zipFile(plain, basename(plain), target)
      return await rm(plain)
    }
  }
}

/**
 * The legacy header is written as text: two of its tags differ in letter case only, which AWS tells apart and
 * DuckDB does not.
 */
function csvFormat({ family }: LayoutFacts): string {
  const header =
    family === 'data-export'
      ? 'HEADER true'
      : `HEADER false, PREFIX ${quoteText(`${legacyHeader().join(',')}\n`)}, SUFFIX ${quoteText('\n')}`
  return `FORMAT csv, ${header}, TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%SZ'`
}

/** The columns for the manifest; a legacy one names them by category whatever its files hold. */
export async function manifestColumns(session: Session, facts: LayoutFacts): Promise<Column[]> {
  const described = await describe(session, facts.family === 'data-export' ? facts.select : 'legacy-parquet')
  if (facts.family === 'data-export') return described
  return legacyHeader().map((name, index) => ({ name, type: described[index]?.type ?? 'VARCHAR' }))
}

async function describe(session: Session, select: string): Promise<Column[]> {
  return await session.rows<Column>(
    `SELECT column_name AS name, column_type AS type FROM (DESCRIBE ${selectText(select)})`,
  )
}

function selectText(name: string): string {
  return readBeside(import.meta.url, `sql/${name}.sql`)
}

function legacyHeader(): string[] {
  return readBeside(import.meta.url, 'data/legacy-header.txt')
    .trim()
    .split('\n')
}
