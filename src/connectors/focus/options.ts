import { z } from 'zod'

/** Where the FOCUS files are. Whose they are, and of which version, the files say themselves. */
export const focusLocation = z.object({
  location: z
    .string()
    .min(1)
    .describe('A local folder, s3://bucket/prefix, gs://bucket/prefix or az://account/container/prefix of FOCUS files'),
})
export type FocusLocation = z.infer<typeof focusLocation>
