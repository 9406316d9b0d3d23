import { z } from 'zod'
import { tableOptions } from './bigquery/options.ts'

/** Where the export is: a BigQuery table, or files extracted from one. What its rows look like is the transform's business. */
export const gcpPlace = z.object({
  location: z
    .string()
    .min(1)
    .optional()
    .describe('A local folder, gs://bucket/prefix or s3://bucket/prefix of extracted files: newline JSON or Parquet'),
  commitments: z
    .string()
    .min(1)
    .optional()
    .describe(
      'A folder, beside that of location, of files extracted from cud_subscriptions_export: newline JSON or Parquet',
    ),
  pricing: z
    .string()
    .min(1)
    .optional()
    .describe(
      'A folder, beside that of location, of files extracted from cloud_pricing_export: newline JSON or Parquet',
    ),
  ...tableOptions.shape,
  table: tableOptions.shape.table.optional(),
})
export type GcpPlace = z.infer<typeof gcpPlace>
