import { z } from 'zod'

const known =
  'expected subscriptions/<id>, or providers/Microsoft.Billing/billingAccounts/<id> or below, without a billing period'

/** Usage details of one scope, read where Azure serves them: from the Consumption API. */
export const scopeOptions = z.object({
  scope: z
    .string()
    .transform((given) => given.replaceAll(/^\/+|\/+$/g, ''))
    .refine(
      (scope) => /^(subscriptions|providers\/Microsoft\.(Billing|Management))(\/[\w.:() -]+)+$/i.test(scope),
      known,
    )
    .refine((scope) => !/\/billingPeriods(\/|$)|\/\.+(\/|$)/i.test(scope), known)
    .describe('What to read: subscriptions/<id>, providers/Microsoft.Billing/billingAccounts/<id> or below'),
  months: z.int().min(1).default(13).describe('How many months are offered, the current one included'),
  agreement: z
    .enum(['legacy', 'modern'])
    .optional()
    .describe('legacy (EA, pay-as-you-go) or modern (MCA, CSP); told by the scope, or by asking, when absent'),
})
export type ScopeOptions = z.infer<typeof scopeOptions>
