import { periodBounds, type Period } from '../../core/period.ts'
import type { LayoutFacts } from './layouts.ts'

export interface Column {
  readonly name: string
  /** As DuckDB names it. */
  readonly type: string
}

export interface ManifestFacts {
  readonly layout: LayoutFacts
  readonly period: Period
  /** Assembly id of a legacy report, execution id of a data export. */
  readonly id: string
  readonly payerAccount: string
  readonly columns: readonly Column[]
  /** Keys of the data files in the bucket. */
  readonly files: readonly string[]
  readonly deliveredAt: Date
}

const bucket = 'acme-billing-exports'

/** The manifest as AWS writes it for the family of the layout. */
export function manifestText(facts: ManifestFacts): string {
  const manifest = facts.layout.family === 'data-export' ? dataExportManifest(facts) : legacyManifest(facts)
  return `${JSON.stringify(manifest, null, 2)}\n`
}

function legacyManifest({ layout, period, id, payerAccount, columns, files }: ManifestFacts) {
  const { start, end } = periodBounds(period)
  const parquet = layout.packing === 'snappy.parquet'
  return {
    assemblyId: id,
    account: payerAccount,
    columns: columns.map(({ name, type }) => {
      const slash = name.indexOf('/')
      return { category: name.slice(0, slash), name: name.slice(slash + 1), type: legacyType(type) }
    }),
    charset: 'UTF-8',
    compression: parquet ? 'Parquet' : layout.packing === 'csv.zip' ? 'ZIP' : 'GZIP',
    contentType: parquet ? 'Parquet' : 'text/csv',
    reportId: `${layout.exportName}-${payerAccount}`,
    reportName: layout.exportName,
    billingPeriod: { start: compactDay(start), end: compactDay(end) },
    bucket,
    reportKeys: files,
    additionalArtifactKeys: [],
  }
}

function dataExportManifest({ layout, id, payerAccount, columns, files, deliveredAt }: ManifestFacts) {
  return {
    executionId: id,
    exportArn: `arn:aws:bcm-data-exports:us-east-1:${payerAccount}:export/${layout.exportName}`,
    exportName: layout.exportName,
    createdAt: deliveredAt.toISOString(),
    columns: columns.map(({ name, type }) => ({ name, type: exportType(type) })),
    dataFiles: files.map((key) => `s3://${bucket}/${key}`),
  }
}

/** `20260801T000000.000Z`. */
function compactDay(date: string): string {
  return `${date.replaceAll('-', '')}T000000.000Z`
}

function legacyType(type: string): string {
  if (type === 'DOUBLE') return 'OptionalBigDecimal'
  return type === 'TIMESTAMP' ? 'DateTime' : 'OptionalString'
}

function exportType(type: string): string {
  if (type.startsWith('MAP')) return 'map'
  if (type === 'TIMESTAMP') return 'timestamp'
  return type === 'DOUBLE' ? 'double' : 'string'
}
