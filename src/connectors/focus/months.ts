import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { explainArchive, firstRecords, isPacked, plainText, type NamedFile } from '../../core/archive.ts'
import { openSession, quoteIdentifier, type Session } from '../../core/duckdb.ts'
import { DataError, FocalError } from '../../core/errors.ts'
import { isPeriod, type Period } from '../../core/period.ts'
import { readBeside } from '../../core/sql.ts'
import type { ConnectorContext } from '../connector.ts'
import type { ObjectInfo, ObjectStore } from '../stores/object-store.ts'

const remembered = z.record(z.string(), z.array(z.string().refine(isPeriod)))

/**
 * The billing periods of files whose folders do not tell, read from one column of their rows and remembered by
 * content. The memory is only a cache: lost or damaged, it is rebuilt by reading.
 */
export async function openMonths(store: ObjectStore, context: ConnectorContext) {
  const name = createHash('sha256').update(store.location).digest('hex').slice(0, 16)
  const cache = path.join(context.cacheDirectory, `focus-months-${name}.json`)
  const known = await load(cache)
  return {
    async of(object: ObjectInfo): Promise<readonly Period[]> {
      const months =
        known.get(object.version) ?? (await readMonths({ path: await store.fetch(object), name: object.key }, context))
      known.set(object.version, months)
      return months
    },
    async save(keep: readonly ObjectInfo[]): Promise<void> {
      const versions = new Set(keep.map(({ version }) => version))
      await mkdir(context.cacheDirectory, { recursive: true })
      const kept = Object.fromEntries([...known].filter(([version]) => versions.has(version)))
      await writeFile(`${cache}.tmp`, JSON.stringify(kept))
      await rename(`${cache}.tmp`, cache)
    },
  }
}

async function load(cache: string): Promise<Map<string, readonly Period[]>> {
  try {
    return new Map(Object.entries(remembered.parse(JSON.parse(await readFile(cache, 'utf8')))))
  } catch {
    return new Map()
  }
}

async function readMonths(file: NamedFile, context: ConnectorContext): Promise<readonly Period[]> {
  await mkdir(context.cacheDirectory, { recursive: true })
  const plain = path.join(context.cacheDirectory, `plain-${randomUUID()}.csv`)
  const session = await openSession({
    memoryLimit: '512MB',
    threads: 1,
    tempDirectory: path.join(context.cacheDirectory, 'spill'),
    signal: context.signal,
  })
  try {
    await viewStarts(session, await unpacked(file, plain, context.signal), file.name)
    return await askMonths(session, file.name)
  } catch (error) {
    throw explain(error, file)
  } finally {
    session.close()
    await rm(plain, { force: true })
  }
}

/** DuckDB reads a gzip that was cut off as if it ended there: Node unpacks, and verifies. */
async function unpacked(file: NamedFile, target: string, signal: AbortSignal | undefined): Promise<string> {
  if (!isPacked(file)) return file.path
  try {
    await pipeline([...(await plainText(file)), createWriteStream(target)], signal ? { signal } : {})
  } catch (error) {
    throw explainArchive(error, file)
  }
  return target
}

/** Leaves the view `seen` with the one column that matters, as text. */
async function viewStarts(session: Session, plain: string, name: string): Promise<void> {
  await session.set('file', plain)
  const parquet = /\.parquet$/i.test(name)
  const headers = parquet ? await parquetHeaders(session) : await csvHeaders(plain)
  const at = headers.findIndex((header) => header.toLowerCase().replaceAll(/[^a-z]/g, '') === 'billingperiodstart')
  if (at === -1) {
    throw new DataError('the file has no column that says its billing period', {
      where: { file: name, column: 'BillingPeriodStart' },
      hint: 'Is this Cost and Usage data of FOCUS? Move other files out of the folder.',
    })
  }
  const column = quoteIdentifier(parquet ? (headers[at] ?? '') : `c${at}`)
  const types = headers.map((_header, index) => `'c${index}': 'VARCHAR'`).join(', ')
  const source = parquet
    ? "read_parquet(getvariable('file'), hive_partitioning => false)"
    : `read_csv(getvariable('file'), columns = {${types}}, header = true, auto_detect = false, delim = ',', quote = '"',
        escape = '"', max_line_size = 16777216)`
  await session.run(`CREATE VIEW seen AS SELECT ${column}::VARCHAR AS billing_period_start FROM ${source}`)
}

async function parquetHeaders(session: Session): Promise<string[]> {
  const described = await session.rows<{ column_name: string }>(
    "DESCRIBE SELECT * FROM read_parquet(getvariable('file'), hive_partitioning => false)",
  )
  return described.map(({ column_name }) => column_name)
}

async function csvHeaders(plain: string): Promise<string[]> {
  const [headers = []] = await firstRecords({ path: plain, name: 'plain.csv' }, 1)
  return headers
}

async function askMonths(session: Session, file: string): Promise<readonly Period[]> {
  const [seen] = await session.rows<{ months: string[] | null; bad_row: string | null; bad_value: string | null }>(
    readBeside(import.meta.url, 'months.sql'),
  )
  if (seen?.bad_row) {
    throw new DataError('the row says no billing period', {
      where: { file, row: Number(seen.bad_row), column: 'BillingPeriodStart', value: seen.bad_value ?? '' },
      hint: 'Expected a start of the billing period such as 2025-01-01T00:00:00Z.',
    })
  }
  return seen?.months ?? []
}

function explain(error: unknown, file: NamedFile): unknown {
  if (error instanceof FocalError || !(error instanceof Error)) return error
  const line = /CSV Error on Line: (\d+)/.exec(error.message)?.[1]
  const what = /\.parquet$/i.test(file.name) ? 'the Parquet file is cut short or damaged' : 'the csv cannot be read'
  return new DataError(what, {
    where: { file: file.name, ...(line !== undefined && { line: Number(line) }) },
    hint: 'Download or export the file again.',
    cause: error,
  })
}
