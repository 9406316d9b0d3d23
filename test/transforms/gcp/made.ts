import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { openSession, quoteText, type Session } from '../../../src/core/duckdb.ts'
import { compareColumns } from '../../../src/pipeline/columns.ts'
import {
  readAccounting,
  refuseBrokenIdentities,
  refuseProblems,
  refuseWrongTotals,
} from '../../../src/pipeline/conservation.ts'
import { gcp } from '../../../src/transforms/gcp/index.ts'
import type { GcpOptions } from '../../../src/transforms/gcp/options.ts'

/** A folder of the running test's own. */
export function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'focal-gcp-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

/** The rows of `select`, written as BigQuery's own Parquet would hold them. */
export async function writeParquet(directory: string, name: string, select: string): Promise<string> {
  const session = await openSession({ memoryLimit: '256MB', threads: 1, tempDirectory: path.join(directory, 'spill') })
  const file = path.join(directory, name)
  await session.run(`COPY (${select}) TO ${quoteText(file)} (FORMAT parquet)`)
  session.close()
  return file
}

export function writeLines(directory: string, name: string, rows: readonly object[]): string {
  const file = path.join(directory, name)
  writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  return file
}

/** A session with the transform's relations and `made`, its rows, once everything that has to hold was proven. */
export async function make(period: string, files: readonly string[], options: GcpOptions = {}): Promise<Session> {
  const scratchDirectory = folder()
  const session = await openSession({
    memoryLimit: '1GB',
    threads: 2,
    tempDirectory: path.join(scratchDirectory, 'spill'),
  })
  onTestFinished(() => session.close())
  const named = files.map((file) => ({ path: file, name: path.basename(file) }))
  const explain = await gcp.prepare(session, { period, files: named, scratchDirectory, options })
  try {
    await compareColumns(session, '1.2')
    await refuseProblems(session)
    await refuseBrokenIdentities(session)
    await session.run('CREATE TABLE made AS SELECT * FROM focus')
    await refuseWrongTotals(session, await readAccounting(session))
  } catch (error) {
    throw await explain(error)
  }
  return session
}

/** The only value of a query. */
export async function value(session: Session, sql: string): Promise<unknown> {
  const { rows } = await session.table(sql)
  return rows[0]?.[0]
}

/** Nise's synthetic export, for whoever has it beside the project. */
export const nise = new URL(
  '../../../../shared/samples/gcp/nise/202501_42d72ef1-92f4-4564-9c33-5dda97fd9912_2025-01-01_2025-02-28.json.gz',
  import.meta.url,
).pathname
export const niseIsThere = existsSync(nise)
