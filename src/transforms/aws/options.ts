import { z } from 'zod'

/** How the rows of an AWS source are written. */
export const awsOptions = z.object({
  tagKeys: z
    .array(z.string())
    .optional()
    .describe('Tag keys as users wrote them, to restore what Parquet and CUR 2.0 write in lower case with underscores'),
  billingAccountType: z
    .string()
    .optional()
    .describe('What BillingAccountType says; AWS has more than one name for the payer'),
  subAccountType: z.string().optional(),
})
export type AwsOptions = z.infer<typeof awsOptions>
