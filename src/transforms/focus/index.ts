import type { Transform } from '../transform.ts'
import type { FocusOptions } from './options.ts'
import { prepare } from './prepare.ts'

/** FOCUS files of any issuer and version. */
export const focus: Transform<FocusOptions> = {
  directory: new URL('.', import.meta.url),
  prepare,
}
