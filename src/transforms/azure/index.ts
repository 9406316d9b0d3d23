import type { Transform } from '../transform.ts'
import type { AzureOptions } from './options.ts'
import { prepare } from './prepare.ts'

export const azure: Transform<AzureOptions> = {
  directory: new URL('.', import.meta.url),
  prepare,
}
