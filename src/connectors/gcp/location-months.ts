import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { explainArchive, plainText, type NamedFile } from '../../core/archive.ts'
import { openSession, type Session } from '../../core/duckdb.ts'
import { DataError, FocalError } from '../../core/errors.ts'
import { isPeriod, type Period } from '../../core/period.ts'
import { readBeside } from '../../core/sql.ts'
import type { ConnectorContext } from '../connector.ts'
import type { ObjectInfo, ObjectStore } from '../stores/object-store.ts'
import type { MonthsOfFiles } from './months-of-files.ts'

/** Which months each file holds, remembered by content. Only a cache: lost or damaged, it is rebuilt by reading. */
export interface MonthIndex {
  /** Oldest first; empty for a file without rows. DataError when a row says no month. */
  monthsOf(object: ObjectInfo): Promise<readonly Period[]>
  /** Keeps what is known of these objects and drops the rest. */
  save(keep: readonly ObjectInfo[]): Promise<void>
}

const entries = z.record(z.string(), z.array(z.string().refine(isPeriod)))

export async function openMonthIndex(
  store: ObjectStore,
  kind: MonthsOfFiles,
  context: ConnectorContext,
): Promise<MonthIndex> {
  const name = createHash('sha256').update(store.location).digest('hex').slice(0, 16)
  const path = join(context.cacheDirectory, `${kind.cacheName}-${name}.json`)
  const remembered = await load(path)
  return {
    async monthsOf(object) {
      const known = remembered.get(object.version)
      if (known !== undefined) return known
      const months = await readMonths({ path: await store.fetch(object), name: object.key }, kind, context)
      remembered.set(object.version, months)
      return months
    },
    async save(keep) {
      const versions = new Set(keep.map(({ version }) => version))
      const kept = [...remembered].filter(([version]) => versions.has(version))
      await mkdir(context.cacheDirectory, { recursive: true })
      await writeFile(`${path}.tmp`, JSON.stringify(Object.fromEntries(kept)))
      await rename(`${path}.tmp`, path)
    },
  }
}

async function load(path: string): Promise<Map<string, Period[]>> {
  try {
    return new Map(Object.entries(entries.parse(JSON.parse(await readFile(path, 'utf8')))))
  } catch {
    return new Map()
  }
}

async function readMonths(file: NamedFile, kind: MonthsOfFiles, context: ConnectorContext): Promise<Period[]> {
  const isParquet = /\.parquet$/i.test(file.name)
  if (!isParquet) await proveWhole(file, context.signal)
  const session = await openSession({
    memoryLimit: '256MB',
    threads: 1,
    tempDirectory: join(context.cacheDirectory, `spill-${randomUUID()}`),
    signal: context.signal,
  })
  try {
    await session.set('file', file.path)
    await session.run(readBeside(import.meta.url, isParquet ? kind.sql.parquet : kind.sql.json))
    return await distinctMonths(session, file, kind)
  } catch (error) {
    throw explain(error, file, kind)
  } finally {
    session.close()
  }
}

async function distinctMonths(session: Session, file: NamedFile, kind: MonthsOfFiles): Promise<Period[]> {
  const rows = await session.rows<{ month: string | null; first_row: string }>(
    'SELECT month, min(row_number) AS first_row FROM months GROUP BY month ORDER BY first_row',
  )
  const periods = rows.map(({ month, first_row }) => {
    const period = (month ?? '').replace(/^(\d{4})(\d{2})$/, '$1-$2')
    if (isPeriod(period)) return period
    throw new DataError(kind.noMonth.what, {
      where: { file: file.name, row: Number(first_row), column: kind.column, value: month ?? '' },
      hint: kind.noMonth.hint,
    })
  })
  return periods.toSorted()
}

/** DuckDB reads a gzip that was cut off as if it ended there, and would find too few months in it. */
async function proveWhole(file: NamedFile, signal: AbortSignal | undefined): Promise<void> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  try {
    await pipeline([...(await plainText(file)), nowhere], signal ? { signal } : {})
  } catch (error) {
    throw explainArchive(error, file)
  }
}

function explain(error: unknown, file: NamedFile, kind: MonthsOfFiles): unknown {
  if (error instanceof FocalError || !(error instanceof Error)) return error
  const json = /in line (\d+): ([^\n]*)/.exec(error.message)
  if (json !== null) {
    // DuckDB counts a line that it cannot parse as read.
    const line = Number(json[1]) - (/Malformed JSON/.test(error.message) ? 1 : 0)
    return new DataError(`the line is no row of ${kind.name}: ${(json[2] ?? '').replace(/\. .*$/, '')}`, {
      where: { file: file.name, line },
      hint: 'Expected one JSON object on each line, with its nested fields as BigQuery writes them.',
      cause: error,
    })
  }
  if (/Binder Error/.test(error.message)) {
    return new DataError(kind.notOne.what, {
      where: { file: file.name, column: kind.column },
      hint: kind.notOne.hint,
      cause: error,
    })
  }
  return new DataError('the file is cut short or damaged', {
    where: { file: file.name },
    hint: 'Download or extract the file again.',
    cause: error,
  })
}
