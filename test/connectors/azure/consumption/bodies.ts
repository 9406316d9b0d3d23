/** A value of JSON; a number is as it is written, an object with `rawJSON`, which JSON.stringify writes again. */
type Json = string | boolean | null | Json[] | { readonly [key: string]: Json }

/** ECMAScript proposal "JSON.parse source text access", which the compiler's library does not know yet. */
const withSource = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown
  rawJSON(text: string): Json
}

interface Item {
  readonly tags: Json
  readonly properties: { readonly [key: string]: Json }
}

function parseBody(body: string): readonly Item[] {
  const parsed = withSource.parse(body, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined ? withSource.rawJSON(source) : value,
  )
  return (parsed as { value: Item[] }).value
}

/** The items of an answer's body, each as its JSON text. */
export function itemsOf(body: string): string[] {
  return parseBody(body).map((item) => JSON.stringify(item))
}

/** What a Cost Management export calls a property of the API, where it is not the same name. */
const headers: Readonly<Record<string, string>> = {
  subscriptionGuid: 'SubscriptionId',
  instanceName: 'ResourceId',
  product: 'ProductName',
  productIdentifier: 'ProductId',
  billingCurrencyCode: 'BillingCurrency',
  pricingCurrencyCode: 'PricingCurrency',
  marketPrice: 'PayGPrice',
  invoiceSection: 'InvoiceSectionName',
  resourceLocationNormalized: 'Location',
}

/** The API gives any month's charges by date; the examples' own billing periods are not those of their dates. */
const leftOut = new Set(['billingPeriodStartDate', 'billingPeriodEndDate', 'meterDetails'])

/** The export file that would tell the charges of a body. */
export function exportOf(body: string): string {
  const rows = parseBody(body).map(rowOf)
  const columns = [...new Set(rows.flatMap((row) => [...row.keys()]))]
  const lines = [columns, ...rows.map((row) => columns.map((column) => row.get(column) ?? ''))]
  return lines.map((cells) => `${cells.map(quoted).join(',')}\n`).join('')
}

function rowOf({ tags, properties }: Item): Map<string, string> {
  const { meterDetails } = properties
  const meter =
    meterDetails !== null && typeof meterDetails === 'object' && !Array.isArray(meterDetails) ? meterDetails : {}
  const kept = Object.entries(properties).filter(([name]) => !leftOut.has(name))
  const cells = [...kept, ...Object.entries(meter)].map(
    ([name, value]) => [headers[name] ?? name, name === 'date' ? textOf(value).slice(0, 10) : textOf(value)] as const,
  )
  return new Map([...cells, ['Tags', textOf(tags)]])
}

function textOf(value: Json | undefined): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
