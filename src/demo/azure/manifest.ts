export interface RunFacts {
  readonly exportName: string
  /** `ActualCost` or `AmortizedCost`. */
  readonly type: string
  /** What the export covers. */
  readonly scope: string
  readonly runId: string
  readonly submitted: Date
  readonly monthStart: string
  readonly monthLastDay: string
  readonly overwrites: boolean
  readonly format: string
  readonly compression: string
  readonly rows: number
  readonly blobs: readonly { readonly name: string; readonly bytes: number; readonly rows: number }[]
}

/** The manifest that Cost Management writes when the files of a run are all there. */
export function manifestText(run: RunFacts): string {
  const manifest = {
    manifestVersion: '2024-04-01',
    byteCount: run.blobs.reduce((sum, { bytes }) => sum + bytes, 0),
    blobCount: run.blobs.length,
    dataRowCount: run.rows,
    exportConfig: {
      exportName: run.exportName,
      resourceId: `${run.scope}/providers/Microsoft.CostManagement/exports/${run.exportName}`,
      dataVersion: '2023-12-01-preview',
      apiVersion: '2023-07-01-preview',
      type: run.type,
      timeFrame: 'MonthToDate',
      granularity: 'Daily',
    },
    deliveryConfig: {
      partitionData: true,
      dataOverwriteBehavior: run.overwrites ? 'OverwritePreviousReport' : 'CreateNewReport',
      fileFormat: run.format,
      compressionMode: run.compression,
      containerUri: 'https://acmebilling.blob.core.windows.net/exports',
    },
    runInfo: {
      executionType: 'Scheduled',
      submittedTime: run.submitted.toISOString(),
      runId: run.runId,
      startDate: `${run.monthStart}T00:00:00`,
      endDate: `${run.monthLastDay}T00:00:00`,
    },
    blobs: run.blobs.map(({ name, bytes, rows }) => ({ blobName: name, byteCount: bytes, dataRowCount: rows })),
  }
  return `${JSON.stringify(manifest, null, 2)}\n`
}
