import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { explainArchive, firstRecords, isPacked, plainText, type NamedFile } from '../../../core/archive.ts'
import { openSession, quoteIdentifier, type Session } from '../../../core/duckdb.ts'
import { DataError, FocalError } from '../../../core/errors.ts'
import { isPeriod } from '../../../core/period.ts'
import { readBeside } from '../../../core/sql.ts'
import type { ConnectorContext } from '../../connector.ts'
import type { ObjectInfo, ObjectStore } from '../../stores/object-store.ts'
import { billingMonth } from './billing-month.ts'

/** What has to be known of a file that came without a manifest. */
const factsSchema = z.object({
  /** `side`: no charges, but what helps to read them. */
  kind: z.enum(['charges', 'side']),
  /** Undefined when the file has no row. */
  period: z.string().refine(isPeriod).optional(),
  /** Undefined when the file shows no commitment: then both datasets would look like this. */
  dataset: z.enum(['actual', 'amortized']).optional(),
})
export type FileFacts = z.infer<typeof factsSchema>

/** The facts of files, remembered by content. Only a cache: lost or damaged, it is rebuilt by reading. */
export async function openFileFacts(store: ObjectStore, context: ConnectorContext) {
  const name = createHash('sha256').update(store.location).digest('hex').slice(0, 16)
  const path = join(context.cacheDirectory, `cost-files-${name}.json`)
  const remembered = await load(path)
  return {
    async of(object: ObjectInfo): Promise<FileFacts> {
      const known = remembered.get(object.version)
      if (known !== undefined) return withName(known, object.key)
      const facts = await readFacts({ path: await store.fetch(object), name: object.key }, context)
      remembered.set(object.version, facts)
      return withName(facts, object.key)
    },
    async save(keep: readonly ObjectInfo[]): Promise<void> {
      const versions = new Set(keep.map(({ version }) => version))
      await mkdir(context.cacheDirectory, { recursive: true })
      const kept = [...remembered].filter(([version]) => versions.has(version))
      await writeFile(`${path}.tmp`, JSON.stringify(Object.fromEntries(kept)))
      await rename(`${path}.tmp`, path)
    },
  }
}

async function load(path: string): Promise<Map<string, FileFacts>> {
  try {
    const entries = z.record(z.string(), factsSchema).parse(JSON.parse(await readFile(path, 'utf8')))
    return new Map(Object.entries(entries))
  } catch {
    return new Map()
  }
}

/** What people call a file says its dataset too, and goes before what its rows show. */
function withName(facts: FileFacts, key: string): FileFacts {
  const actual = /actual/i.test(key)
  if (facts.kind === 'side' || actual === /amorti[sz]ed/i.test(key)) return facts
  return { ...facts, dataset: actual ? 'actual' : 'amortized' }
}

/** The columns that are looked at, by what exports call them (letters alone, in lower case). */
const columns = {
  period_start: /^billingperiodstart(date)?$/,
  period_end: /^billingperiodend(date)?$/,
  charge_date: /^(date|usagedatetime|usagedate|chargeperiodstart)$/,
  charge_type: /^chargetype$/,
  pricing_model: /^pricingmodel$/,
  cost: /^(cost|costinbillingcurrency|pretaxcost)$/,
}

async function readFacts(file: NamedFile, context: ConnectorContext): Promise<FileFacts> {
  const plain = join(context.cacheDirectory, `plain-${process.pid}.csv`)
  await mkdir(context.cacheDirectory, { recursive: true })
  const session = await openSession({
    memoryLimit: '512MB',
    threads: 2,
    tempDirectory: join(context.cacheDirectory, 'spill'),
    signal: context.signal,
  })
  try {
    const header = await openFile(session, await unpacked(file, plain, context.signal))
    return await askFile(session, header, file)
  } catch (error) {
    throw explain(error, file)
  } finally {
    session.close()
    await rm(plain, { force: true })
  }
}

/** DuckDB reads a gzip that was cut off as if it ended there: Node unpacks, and verifies. */
async function unpacked(file: NamedFile, target: string, signal: AbortSignal | undefined): Promise<NamedFile> {
  if (!isPacked(file) || /\.parquet$/i.test(file.name)) return file
  try {
    await pipeline([...(await plainText(file)), createWriteStream(target)], signal ? { signal } : {})
  } catch (error) {
    throw explainArchive(error, file)
  }
  return { path: target, name: file.name.replace(/\.(gz|zip)$/i, '') }
}

/** Leaves the view `file` and gives its column names. */
async function openFile(session: Session, file: NamedFile): Promise<string[]> {
  await session.set('file', file.path)
  if (/\.parquet$/i.test(file.name)) {
    await session.run("CREATE VIEW file AS SELECT * FROM read_parquet(getvariable('file'), hive_partitioning => false)")
    const described = await session.rows<{ column_name: string }>('DESCRIBE file')
    return described.map(({ column_name }) => column_name)
  }
  const [header = []] = await firstRecords({ path: file.path, name: 'plain.csv' }, 1)
  const names = header.map((name, index) => (index === 0 ? name.replace(/^\uFEFF/, '') : name))
  const types = names.map((_name, index) => `'c${index}': 'VARCHAR'`).join(', ')
  await session.run(`CREATE VIEW file AS SELECT * FROM read_csv(getvariable('file'), columns = {${types}}, header = true,
    auto_detect = false, delim = ',', quote = '"', escape = '"', max_line_size = 16777216)`)
  return names
}

async function askFile(session: Session, header: readonly string[], file: NamedFile): Promise<FileFacts> {
  const squashed = header.map((name) => squash(/\(([^()]+)\)\s*$/.exec(name)?.[1] ?? name))
  const has = (...names: string[]) => names.every((name) => squashed.includes(name))
  if (has('meterid', 'marketprice') && !has('quantity')) return { kind: 'side' }
  if (has('reservationid', 'reservedhours')) return { kind: 'side' }
  const parquet = /\.parquet$/i.test(file.name)
  const picked = Object.entries(columns).map(([name, pattern]) => {
    const at = squashed.findIndex((one) => pattern.test(one))
    if (at === -1) return { name, there: false, sql: `NULL::VARCHAR AS ${name}` }
    return { name, there: true, sql: `${quoteIdentifier(parquet ? (header[at] ?? '') : `c${at}`)}::VARCHAR AS ${name}` }
  })
  if (!picked.some(({ name, there }) => there && /period_start|charge_date/.test(name))) throw notCharges(file.name)
  await session.run(`CREATE VIEW seen AS SELECT ${picked.map(({ sql }) => sql).join(', ')} FROM file`)
  return summarise(session, file)
}

async function summarise(session: Session, file: NamedFile): Promise<FileFacts> {
  const [seen] = await session.rows<{
    starts: string[] | null
    ends: string[] | null
    dates: string[] | null
    actual_rows: string
    amortized_rows: string
  }>(readBeside(import.meta.url, 'file-facts.sql'))
  const period = billingMonth(
    { starts: seen?.starts ?? [], ends: seen?.ends ?? [], dates: seen?.dates ?? [] },
    file.name,
  )
  const [actual, amortized] = [Number(seen?.actual_rows ?? 0) > 0, Number(seen?.amortized_rows ?? 0) > 0]
  return {
    kind: 'charges',
    ...(period !== undefined && { period }),
    ...(actual !== amortized && { dataset: actual ? ('actual' as const) : ('amortized' as const) }),
  }
}

function squash(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

function notCharges(file: string): DataError {
  return new DataError('the file has no column that says its billing period', {
    where: { file, column: 'BillingPeriodStartDate' },
    hint: 'Is this a cost export? Move other files out of the folder.',
  })
}

function explain(error: unknown, file: NamedFile): unknown {
  if (error instanceof FocalError || !(error instanceof Error)) return error
  const line = /CSV Error on Line: (\d+)/.exec(error.message)?.[1]
  return new DataError(
    /\.parquet$/i.test(file.name) ? 'the Parquet file is cut short or damaged' : 'the csv cannot be read',
    {
      where: { file: file.name, ...(line !== undefined && { line: Number(line) }) },
      hint: 'Download or export the file again.',
      cause: error,
    },
  )
}
