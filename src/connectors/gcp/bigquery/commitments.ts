import { readBeside } from '../../../core/sql.ts'
import type { Connection } from './connection.ts'
import { namedRow } from './fields.ts'
import { quoteTable } from './months.ts'
import { readPage, startQuery } from './query.ts'
import { splitId, type ExportTable } from './table.ts'

/**
 * The commitments that Google's metadata export (`cud_subscriptions_export`) knows, as newline JSON in its own nesting:
 * the same text as long as nothing is bought, renamed or prolonged. The table has to lie where the bill's does.
 */
export async function readCommitments(
  id: string,
  bill: ExportTable,
  connection: Connection,
  maxBytes: number,
): Promise<string> {
  const [project = '', dataset = '', name = ''] = splitId(id)
  const table = { ...bill, id, project, dataset, name }
  const sql = readBeside(import.meta.url, 'commitments.sql').replaceAll('{table}', quoteTable(table))
  const job = await startQuery(sql, table, connection, maxBytes)
  const lines: string[] = []
  for (;;) {
    const { fields, rows, totalRows } = await readPage(job, lines.length, table, connection)
    lines.push(...rows.map((row) => `${JSON.stringify(nested(namedRow(fields, row)))}\n`))
    if (rows.length === 0 || lines.length >= totalRows) return lines.join('')
  }
}

function nested({ instance_id, display_name, ...rest }: Record<string, unknown>) {
  return { ...rest, subscription: { instance_id, display_name } }
}
