import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { extensionColumns, focusSchema, type FocusVersion } from '../core/focus.ts'

/**
 * Fingerprint of what makes rows out of a delivery: the transform's SQL and tables, the columns asked for and
 * the source's settings. When it changes, published partitions are made again.
 */
export function transformPrint(
  directory: URL,
  version: FocusVersion,
  options: Readonly<Record<string, unknown>>,
): string {
  const hash = createHash('sha256')
  for (const file of ['../macros.sql', '../projection/projection.sql', ...sqlAndTables(directory)])
    hash.update(file).update(readFileSync(new URL(file, directory)))
  hash.update(JSON.stringify([focusSchema(version).columns.map(({ id, type }) => [id, type]), extensionColumns()]))
  // Where the export lies says nothing of its rows.
  const { location: _location, ...settings } = options
  hash.update(JSON.stringify(Object.entries(settings).toSorted(([a], [b]) => (a < b ? -1 : 1))))
  return hash.digest('hex')
}

function sqlAndTables(directory: URL): string[] {
  return readdirSync(fileURLToPath(directory), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(sql|csv)$/.test(name))
    .toSorted()
}
