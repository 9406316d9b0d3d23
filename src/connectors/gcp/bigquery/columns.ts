/**
 * The columns of Google's standard and detailed usage cost exports, in Google's order; each is read whole.
 * Required are those that both exports have had from the start and without which there is no bill.
 * https://docs.cloud.google.com/billing/docs/how-to/export-data-bigquery-tables/detailed-usage
 */
export const knownColumns: readonly { readonly name: string; readonly required: boolean }[] = [
  { name: 'billing_account_id', required: true },
  { name: 'service', required: true },
  { name: 'sku', required: true },
  { name: 'usage_start_time', required: true },
  { name: 'usage_end_time', required: true },
  { name: 'project', required: true },
  { name: 'labels', required: false },
  { name: 'system_labels', required: false },
  { name: 'location', required: false },
  { name: 'tags', required: false },
  { name: 'resource', required: false },
  { name: 'price', required: false },
  { name: 'subscription', required: false },
  { name: 'transaction_type', required: false },
  { name: 'seller_name', required: false },
  { name: 'export_time', required: true },
  { name: 'cost', required: true },
  { name: 'currency', required: true },
  { name: 'currency_conversion_rate', required: false },
  { name: 'usage', required: true },
  { name: 'credits', required: true },
  { name: 'invoice', required: true },
  { name: 'cost_type', required: true },
  { name: 'adjustment_info', required: false },
  { name: 'cost_at_list', required: false },
  { name: 'cost_at_effective_price_default', required: false },
  { name: 'cost_at_list_consumption_model', required: false },
  { name: 'consumption_model', required: false },
]
