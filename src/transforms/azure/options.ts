import { z } from 'zod'

/** How the rows of an Azure source are written. */
export const azureOptions = z.object({
  billingCurrency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'expected an ISO 4217 code such as EUR')
    .optional()
    .describe('Currency of exports that have no such column'),
})
export type AzureOptions = z.infer<typeof azureOptions>
