import type { Field } from '../../../../src/connectors/gcp/bigquery/fields.ts'

const field = (type: string) => (name: string) => ({ name, type, mode: 'NULLABLE' })
const string = field('STRING')
const double = field('FLOAT')
const numeric = field('NUMERIC')
const time = field('TIMESTAMP')
const struct = (name: string, ...fields: Field[]) => ({ name, type: 'RECORD', mode: 'NULLABLE', fields })
const list = (name: string, ...fields: Field[]) => ({ name, type: 'RECORD', mode: 'REPEATED', fields })
const labels = (name: string) => list(name, string('key'), string('value'))

/** The detailed usage cost export's schema, as BigQuery's REST interface gives it. */
export const detailedExport: readonly Field[] = [
  string('billing_account_id'),
  struct('service', string('id'), string('description')),
  struct('sku', string('id'), string('description')),
  time('usage_start_time'),
  time('usage_end_time'),
  struct(
    'project',
    string('id'),
    string('number'),
    string('name'),
    labels('labels'),
    string('ancestry_numbers'),
    list('ancestors', string('resource_name'), string('display_name')),
  ),
  labels('labels'),
  labels('system_labels'),
  struct('location', string('location'), string('country'), string('region'), string('zone')),
  list('tags', string('key'), string('value'), field('BOOLEAN')('inherited'), string('namespace')),
  struct('resource', string('name'), string('global_name')),
  struct(
    'price',
    numeric('effective_price'),
    numeric('tier_start_amount'),
    string('unit'),
    numeric('pricing_unit_quantity'),
    numeric('list_price'),
    numeric('effective_price_default'),
    numeric('list_price_consumption_model'),
  ),
  struct('subscription', string('instance_id')),
  string('transaction_type'),
  string('seller_name'),
  time('export_time'),
  double('cost'),
  string('currency'),
  double('currency_conversion_rate'),
  struct('usage', double('amount'), string('unit'), double('amount_in_pricing_units'), string('pricing_unit')),
  list('credits', string('name'), double('amount'), string('full_name'), string('id'), string('type')),
  struct('invoice', string('month'), string('publisher_type')),
  string('cost_type'),
  struct('adjustment_info', string('id'), string('description'), string('mode'), string('type')),
  double('cost_at_list'),
  double('cost_at_effective_price_default'),
  double('cost_at_list_consumption_model'),
  struct('consumption_model', string('id'), string('description')),
  // Of the project's own; it is not read.
  field('INTEGER')('copied_by'),
]

/** Rows for the table `export`, spread over two invoice months; `$rows` of them, all different. */
export const insertRows = `
  INSERT INTO export BY NAME
  SELECT
    '01AB-CD' AS billing_account_id,
    {'id': '6F81-5844-456A', 'description': 'Compute Engine'} AS service,
    {'id': format('{:04X}-0000', n % 300), 'description': 'N1 Core running in Zürich'} AS sku,
    TIMESTAMPTZ '2025-11-01 00:00:00+00' + to_hours(n % 700) AS usage_start_time,
    TIMESTAMPTZ '2025-11-01 01:00:00+00' + to_hours(n % 700) AS usage_end_time,
    {'id': 'shop-' || n % 7, 'number': '12345', 'name': 'Shop', 'labels': [{'key': 'team', 'value': 'a"b\\n'}],
     'ancestry_numbers': '/1/2/', 'ancestors': []} AS project,
    CASE WHEN n % 3 = 0 THEN [] ELSE [{'key': 'env', 'value': 'prod'}, {'key': 'row', 'value': n::VARCHAR}] END AS labels,
    [{'key': 'compute.googleapis.com/cores', 'value': '4'}] AS system_labels,
    {'location': 'europe-west6', 'country': 'CH', 'region': 'europe-west6', 'zone': NULL} AS location,
    [{'key': 'cost', 'value': 'x', 'inherited': n % 2 = 0, 'namespace': '1/2'}] AS tags,
    {'name': 'vm-' || n, 'global_name': '//compute.googleapis.com/projects/1/zones/europe-west6-a/instances/' || n} AS resource,
    {'effective_price': 0.031611 + n / 1000000000, 'tier_start_amount': 0, 'unit': 'hour', 'pricing_unit_quantity': 1,
     'list_price': '12345678901234567890123456789.123456789'::DECIMAL(38,9), 'effective_price_default': NULL,
     'list_price_consumption_model': NULL} AS price,
    NULL AS subscription,
    'GOOGLE' AS transaction_type,
    'Google' AS seller_name,
    TIMESTAMPTZ '2025-11-02 03:04:05.000001+00' + to_microseconds(n) AS export_time,
    0.1 + n / 1000000 AS cost,
    'CHF' AS currency,
    0.79705 AS currency_conversion_rate,
    {'amount': 3600.5, 'unit': 'seconds', 'amount_in_pricing_units': 1.0, 'pricing_unit': 'hour'} AS usage,
    CASE WHEN n % 5 = 0 THEN [{'name': 'SUD', 'amount': -0.000001, 'full_name': 'SUD', 'id': '', 'type': 'DISCOUNT'}] ELSE [] END AS credits,
    {'month': CASE WHEN n % 10 = 9 THEN '202510' ELSE '202511' END, 'publisher_type': 'GOOGLE'} AS invoice,
    'regular' AS cost_type,
    NULL AS adjustment_info,
    0.2 AS cost_at_list,
    0.2 AS cost_at_effective_price_default,
    NULL AS cost_at_list_consumption_model,
    {'id': 'Default', 'description': 'Default'} AS consumption_model,
    7 AS copied_by,
    TIMESTAMPTZ '2025-11-02 00:00:00+00' AS _PARTITIONTIME
  FROM range($rows::BIGINT) AS numbers(n)`
