import type { Transform } from '../transform.ts'
import type { GcpOptions } from './options.ts'
import { prepare } from './prepare.ts'

export const gcp: Transform<GcpOptions> = {
  directory: new URL('.', import.meta.url),
  prepare,
}
