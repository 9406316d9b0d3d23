import { z } from 'zod'

/** Where the export is. What its rows look like is the transform's business. */
export const awsLocation = z.object({
  location: z.string().min(1).describe('A local folder or s3://bucket/prefix that holds one billing export'),
})
export type AwsLocation = z.infer<typeof awsLocation>
