import type { Transform } from '../transform.ts'
import type { GcpOptions } from './options.ts'
import { prepare } from './prepare.ts'

export const gcp: Transform<GcpOptions> = {
  directory: new URL('.', import.meta.url),
  // An invoice is there by the fifth business day, which weekends and a holiday move to the tenth of the month at most.
  // https://docs.cloud.google.com/billing/docs/how-to/read-invoice
  settlingDays: 10,
  prepare,
}
