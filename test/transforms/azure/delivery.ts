import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { openSession, type Session } from '../../../src/core/duckdb.ts'
import { azure } from '../../../src/transforms/azure/index.ts'
import type { AzureOptions } from '../../../src/transforms/azure/options.ts'
import type { SourceFile } from '../../../src/transforms/transform.ts'

export function scratchFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'focal-azure-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Writes files of a delivery; gives them with the names that their keys in the export would have. */
export function written(files: Readonly<Record<string, string>>): SourceFile[] {
  const folder = scratchFolder()
  return Object.entries(files).map(([name, text], index) => {
    const file = path.join(folder, `${index}-${path.basename(name)}`)
    writeFileSync(file, text)
    return { path: file, name }
  })
}

/** A session with the relations that the transform leaves for these files. */
export async function prepared(
  period: string,
  files: readonly SourceFile[],
  options: AzureOptions = {},
): Promise<Session> {
  const scratchDirectory = scratchFolder()
  const session = await openSession({ memoryLimit: '512MB', threads: 2, tempDirectory: scratchDirectory })
  onTestFinished(() => session.close())
  await azure.prepare(session, { period, files, scratchDirectory, options })
  return session
}

/** Everything that stops the delivery, as `problem: value`. */
export async function problemsOf(session: Session): Promise<string[]> {
  const rows = await session.rows<{ text: string }>(
    "SELECT problem || ': ' || value AS text FROM problems ORDER BY problem, value",
  )
  return rows.map(({ text }) => text)
}

export async function warningsOf(session: Session): Promise<string[]> {
  const rows = await session.rows<{ text: string }>(
    "SELECT concat(warning, CASE WHEN value <> '' THEN ': ' || value ELSE '' END, ' (', source_rows, ')') AS text FROM warnings ORDER BY text",
  )
  return rows.map(({ text }) => text)
}
