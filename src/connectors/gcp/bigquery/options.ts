import { z } from 'zod'

const units: Readonly<Record<string, number>> = { '': 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 }

/** `100GB` as bytes; units are powers of ten, as BigQuery bills them. */
const size = z
  .union([
    z.int().positive(),
    z.string().regex(/^\d+ ?([KMGT]B)?$/, 'expected a number of bytes, or a size such as 100GB'),
  ])
  .transform((given) => {
    if (typeof given === 'number') return given
    const [, digits = '', unit = ''] = /^(\d+) ?([KMGT]B)?$/.exec(given) ?? []
    return Number(digits) * (units[unit] ?? 1)
  })

const tableId = z.string().regex(/^[a-z0-9:.-]+\.\w+\.[\w$-]+$/i, 'expected project.dataset.table')

/** A billing export that is read where Google puts it: in its BigQuery table. */
export const tableOptions = z.object({
  table: tableId.describe('The billing export as project.dataset.table'),
  commitmentsTable: tableId
    .optional()
    .describe(
      'The committed-use metadata export (cud_subscriptions_export) as project.dataset.table, for names and terms',
    ),
  pricingTable: tableId
    .optional()
    .describe(
      'The pricing export (cloud_pricing_export) as project.dataset.table, for unit prices that the bill has not',
    ),
  project: z
    .string()
    .min(1)
    .optional()
    .describe('The project that runs and pays for the queries; that of the table when absent'),
  api: z
    .enum(['auto', 'storage', 'query'])
    .default('auto')
    .describe('How rows are read: the Storage Read API, the pages of a query, or the first of these that is permitted'),
  maxBytes: size.default(100e9).describe('A month that takes BigQuery more bytes to read than this is not read'),
})
export type TableOptions = z.infer<typeof tableOptions>
