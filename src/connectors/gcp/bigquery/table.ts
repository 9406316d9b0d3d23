import { UserError } from '../../../core/errors.ts'
import type { Connection } from './connection.ts'
import type { Field } from './fields.ts'
import { kindOf, type ExportKind } from './kinds.ts'

/** A billing export's table, as far as reading it depends on it. */
export interface ExportTable {
  /** `project.dataset.table`. */
  readonly id: string
  readonly project: string
  readonly dataset: string
  readonly name: string
  /** Where its dataset lies, and queries have to run: `EU`, `europe-west1`. */
  readonly location: string | undefined
  readonly kind: ExportKind
  /** The columns to read. */
  readonly fields: readonly Field[]
  /** Only tables can be read by the Storage Read API; views have to be queried. */
  readonly isTable: boolean
  /** Partitioned by when rows came in, which is a pseudo column. */
  readonly byIngestion: boolean
  /** On average and uncompressed; 0 when unknown. */
  readonly bytesPerRow: number
}

interface Metadata {
  readonly type?: string
  readonly location?: string
  readonly schema?: { readonly fields?: readonly Field[] }
  readonly timePartitioning?: { readonly field?: string }
  readonly numBytes?: string
  readonly numRows?: string
}

/** Looks the table up. UserError when it is not there, may not be read, or is no billing export. */
export async function describeTable(id: string, connection: Connection): Promise<ExportTable> {
  const [project = '', dataset = '', name = ''] = splitId(id)
  const { metadata, fields, byIngestion } = await describeColumns(id, connection)
  const rows = Number(metadata.numRows ?? 0)
  const kind = kindOf(fields)
  return {
    id,
    project,
    dataset,
    name,
    location: metadata.location,
    kind,
    fields: billingFields(id, kind, fields),
    isTable: metadata.type === 'TABLE',
    byIngestion,
    bytesPerRow: rows === 0 ? 0 : Number(metadata.numBytes ?? 0) / rows,
  }
}

/** What BigQuery says of a table, whatever it holds. UserError when it is not there or may not be read. */
export async function describeColumns(
  id: string,
  connection: Connection,
): Promise<{ metadata: Metadata; fields: readonly Field[]; byIngestion: boolean }> {
  const [project = '', dataset = '', name = ''] = splitId(id)
  const attempt = { table: id, project: connection.project, permission: 'bigquery.tables.get' }
  const metadata = await connection.ask(attempt, async (client) => {
    const [found] = await client.dataset(dataset, { projectId: project }).table(name).getMetadata()
    return found as Metadata
  })
  const { timePartitioning } = metadata
  return {
    metadata,
    fields: metadata.schema?.fields ?? [],
    byIngestion: timePartitioning !== undefined && timePartitioning.field === undefined,
  }
}

/** The parts of `project.dataset.table`; the project of an old organisation may hold a dot itself (`example.com:billing`). */
export function splitId(id: string): string[] {
  const parts = id.split('.')
  return [parts.slice(0, -2).join('.'), ...parts.slice(-2)]
}

function billingFields(id: string, kind: ExportKind, fields: readonly Field[]): readonly Field[] {
  const missing = kind.missing(fields)
  if (missing.length > 0) {
    throw new UserError(`${id} is not a billing export: it lacks ${missing.join(', ')}`, {
      hint: 'Name the standard (gcp_billing_export_v1_…) or the detailed (gcp_billing_export_resource_v1_…) usage cost export.',
    })
  }
  return kind.columns(fields)
}
