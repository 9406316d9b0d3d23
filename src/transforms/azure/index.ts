import type { Transform } from '../transform.ts'
import type { AzureOptions } from './options.ts'
import { prepare } from './prepare.ts'

export const azure: Transform<AzureOptions> = {
  directory: new URL('.', import.meta.url),
  // Charges of an enterprise enrollment name no invoice; Azure closes a month by the fifth day after it.
  // https://learn.microsoft.com/azure/cost-management-billing/cost-management-billing-faq
  settlingDays: 5,
  prepare,
}
