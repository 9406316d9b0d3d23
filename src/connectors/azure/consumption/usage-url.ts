import { periodBounds, type Period } from '../../../core/period.ts'

/** The API's two kinds of customers, which it gives other rows and takes dates from in another way. */
export type Agreement = 'legacy' | 'modern'

/** One file for each, in this order. The names are the API's. */
export const metrics = [
  { metric: 'actualcost', file: 'actual.ndjson' },
  { metric: 'amortizedcost', file: 'amortized.ndjson' },
] as const
export type Metric = (typeof metrics)[number]['metric']

/** The version that @azure/arm-consumption 9.2.0 is written for; with it comes the metric. */
const apiVersion = '2021-10-01'

/**
 * The address of the first page of a month. The dates are usage dates, both included. A Microsoft Customer Agreement
 * does not support `$filter` and takes `startDate` and `endDate` instead (Microsoft, "Manage Azure costs with
 * automation"); without either the API gives the current billing period, whatever was asked.
 */
export function firstPageUrl(
  endpoint: string,
  scope: string,
  query: { metric: Metric; period: Period; agreement: Agreement },
): string {
  const [first, last] = daysOf(query.period)
  const dates: Record<string, string> =
    query.agreement === 'modern'
      ? { startDate: first, endDate: last }
      : {
          $expand: 'meterDetails,additionalInfo',
          $filter: `properties/usageStart ge '${first}' and properties/usageEnd le '${last}'`,
        }
  const parameters = Object.entries({ 'api-version': apiVersion, metric: query.metric, ...dates })
  const text = parameters.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
  return `${endpoint}/${encodeURI(scope)}/providers/Microsoft.Consumption/usageDetails?${text}`
}

/**
 * What the scope's own spelling tells. `undefined` for a subscription, a resource group or a management group, which
 * can be of either kind. An EA enrollment's number has digits only; the names of MCA and CSP accounts hold a colon.
 */
export function agreementOf(scope: string): Agreement | undefined {
  if (/\/(billingProfiles|invoiceSections|customers)\//i.test(scope)) return 'modern'
  if (/\/(departments|enrollmentAccounts)\//i.test(scope)) return 'legacy'
  const account = /\/billingAccounts\/([^/]+)/i.exec(scope)?.[1]
  if (account === undefined) return undefined
  return /^\d+$/.test(account) ? 'legacy' : 'modern'
}

/** First and last day of a month, as ISO dates. */
function daysOf(period: Period): [string, string] {
  const { start, end } = periodBounds(period)
  return [start, new Date(Date.parse(end) - 86_400_000).toISOString().slice(0, 10)]
}
