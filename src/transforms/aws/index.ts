import { prepare } from './prepare.ts'
import type { AwsOptions } from './options.ts'
import type { Transform } from '../transform.ts'

export const aws: Transform<AwsOptions> = {
  directory: new URL('.', import.meta.url),
  prepare,
}
