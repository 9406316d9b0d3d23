import { z } from 'zod'

/** The rows of a FOCUS file are taken as they are: there is nothing to choose. */
export const focusOptions = z.object({})
export type FocusOptions = z.infer<typeof focusOptions>
