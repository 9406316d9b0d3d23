import { z } from 'zod'
import { scopeOptions } from './consumption/options.ts'

/** Where the charges are: in exported files, or behind the Consumption API. One of the two is named. */
export const azurePlace = z.object({
  location: z
    .string()
    .min(1)
    .optional()
    .describe('A local folder, az://account/container/prefix or s3://bucket/prefix that holds Cost Management exports'),
  ...scopeOptions.partial({ scope: true }).shape,
})
export type AzurePlace = z.infer<typeof azurePlace>
