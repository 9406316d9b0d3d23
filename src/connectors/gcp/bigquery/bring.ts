import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { UserError } from '../../../core/errors.ts'
import { ignoreMissing } from '../../../core/stores/cache.ts'
import type { Connection } from './connection.ts'
import { explainError, isSessionForbidden, messageOf } from './errors.ts'
import { hasBigNumeric } from './fields.ts'
import type { Month } from './months.ts'
import type { TableOptions } from './options.ts'
import { openParts, type Parts } from './parts.ts'
import { createResult, openResult, queryState } from './query-result.ts'
import { readStreams, type StreamOptions } from './read-streams.ts'
import type { Reading } from './reading.ts'
import { createSession, openSession, sessionState } from './storage-session.ts'
import type { ExportTable } from './table.ts'

const state = z.discriminatedUnion('api', [sessionState, queryState])
type State = z.infer<typeof state>

export interface Bringing {
  readonly table: ExportTable
  readonly month: Month
  /** The delivery's own folder in the cache. */
  readonly folder: string
  readonly options: Pick<TableOptions, 'api' | 'maxBytes'>
  readonly connection: Connection
  readonly streams: StreamOptions
  /** Told, in one line, what the user may want to know. */
  readonly notice: (line: string) => void
}

/**
 * The delivery's rows as Parquet files in its folder; returns their names. What is there already is not read again,
 * and a reading that was cut off is gone on with while BigQuery keeps it.
 */
export async function bring(bringing: Bringing): Promise<string[]> {
  const { folder, month, streams } = bringing
  const parts = await openParts(folder)
  if (parts.rows() === month.rows) return parts.names()
  await mkdir(folder, { recursive: true })
  const file = path.join(folder, 'reading.json')
  const kept = await readState(file)
  if (kept !== undefined) {
    try {
      return await readOn(bringing, kept, parts)
    } catch {
      streams.signal?.throwIfAborted()
      // Whatever is wrong with the old reading, a new one does not have it, or says so itself.
    }
  }
  await rm(file, { force: true })
  await parts.clear()
  const begun = await begin(bringing)
  await writeFile(file, JSON.stringify(begun))
  try {
    return await readOn(bringing, begun, parts)
  } catch (error) {
    streams.signal?.throwIfAborted()
    if (parts.rows() > month.rows) await parts.clear()
    throw error
  }
}

/** The reading that an earlier run began, unless BigQuery may have forgotten it. */
async function readState(file: string): Promise<State | undefined> {
  const text = await readFile(file, 'utf8').catch(ignoreMissing)
  if (text === undefined) return undefined
  try {
    const kept = state.parse(JSON.parse(text))
    return kept.expires - 10 * 60_000 > Date.now() ? kept : undefined
  } catch {
    return undefined
  }
}

async function readOn({ table, month, connection, streams }: Bringing, kept: State, parts: Parts): Promise<string[]> {
  const what = `${month.period} of ${table.id}`
  const read = async <P extends { rows: number; bytes: number }>(reading: Reading<P>) => {
    try {
      await readStreams(reading, parts, { rows: month.rows, what }, streams)
    } finally {
      await reading.close()
    }
  }
  if (kept.api === 'storage') await read(await openSession(kept, table, connection))
  else await read(openResult(kept, table, connection))
  return parts.names()
}

/** By the Storage Read API where that can be, by query where not. */
async function begin(bringing: Bringing): Promise<State> {
  const { table, month, options, connection, notice, streams } = bringing
  const why = needsQuery(table)
  if (options.api === 'storage' && why !== undefined) {
    throw new UserError(`${table.id} cannot be read by the Storage Read API: ${why}`, {
      hint: 'Set api of the source to auto or query.',
    })
  }
  if (options.api !== 'query' && why === undefined) {
    try {
      return await createSession(table, month, connection, options.maxBytes)
    } catch (error) {
      streams.signal?.throwIfAborted()
      if (options.api === 'storage' || !isSessionForbidden(error)) throw explainError(error, attempt(table, bringing))
      notice(`${table.id}: reading the pages of a query, as the Storage Read API is not permitted: ${messageOf(error)}`)
    }
  }
  return createResult(table, month, connection, options.maxBytes)
}

function needsQuery({ isTable, fields }: ExportTable): string | undefined {
  if (!isTable) return 'it is a view'
  const wide = fields.find(hasBigNumeric)
  return wide && `${wide.name} holds a BIGNUMERIC, which its files cannot hold exactly`
}

function attempt({ id }: ExportTable, { connection }: Bringing) {
  const { project, retry } = connection
  return { table: id, project, permission: 'bigquery.readsessions.create', attempts: retry.attempts }
}
