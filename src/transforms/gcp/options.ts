import { z } from 'zod'

/** How the rows of a Google Cloud source are written. */
export const gcpOptions = z.object({
  billingAccountName: z
    .string()
    .min(1)
    .optional()
    .describe('The name of the billing account, which the export does not hold'),
  invoiceIssuer: z.string().min(1).optional().describe('Who sends the invoice, where it is a reseller'),
  commitment: z
    .enum(['covering', 'as-billed'])
    .optional()
    .describe(
      'as-billed leaves committed-use fees and credits where they were billed; by default fees move to what they cover',
    ),
})
export type GcpOptions = z.infer<typeof gcpOptions>
