-- The rows in the shape and with the names of the detailed billing export.
-- Variables: billing_account, invoice_month, with_charges (`yes` in one of the files).
CREATE OR REPLACE VIEW export_rows AS
SELECT
  getvariable('billing_account') AS billing_account_id,
  {'id': service_id, 'description': service} AS service,
  {'id': sku_id, 'description': sku} AS sku,
  usage_start AS usage_start_time,
  usage_end AS usage_end_time,
  CASE WHEN projects.id IS NOT NULL THEN {
    'id': projects.id, 'number': projects.number, 'name': projects.name,
    'labels': [{'key': 'environment', 'value': lines.role}],
    'ancestry_numbers': '/871122334455/',
    'ancestors': [{'resource_name': 'projects/' || projects.number, 'display_name': projects.name}]
  } END AS project,
  CASE WHEN label_key IS NOT NULL THEN [{'key': label_key, 'value': team}] ELSE [] END AS labels,
  CASE WHEN cores IS NOT NULL THEN [
    {'key': 'compute.googleapis.com/cores', 'value': cores},
    {'key': 'compute.googleapis.com/machine_spec', 'value': machine},
    {'key': 'compute.googleapis.com/memory', 'value': memory}
  ] ELSE [] END AS system_labels,
  {'location': coalesce(region, 'global'), 'country': country, 'region': region, 'zone': NULL::VARCHAR} AS location,
  CASE WHEN lines.role = 'production' THEN [{'key': 'env', 'value': 'prod', 'inherited': TRUE, 'namespace': '871122334455'}] ELSE [] END AS tags,
  CASE WHEN global_name IS NOT NULL THEN {'name': regexp_extract(global_name, '[^/]+$'), 'global_name': global_name} END AS resource,
  CASE WHEN price IS NOT NULL THEN {
    'effective_price': price::DECIMAL(38, 9), 'tier_start_amount': tier, 'unit': 'USD', 'pricing_unit_quantity': block::DECIMAL(38, 9),
    'list_price': list_price::DECIMAL(38, 9), 'effective_price_default': default_price::DECIMAL(38, 9), 'list_price_consumption_model': list_price::DECIMAL(38, 9)
  } END AS price,
  CASE WHEN subscription_id IS NOT NULL THEN {'instance_id': subscription_id} END AS subscription,
  CASE WHEN seller IS NOT NULL THEN 'THIRD_PARTY_RESELLER' ELSE 'GOOGLE' END AS transaction_type,
  coalesce(seller, 'Google') AS seller_name,
  export_time,
  cost::DOUBLE AS cost,
  'USD' AS currency,
  1::DOUBLE AS currency_conversion_rate,
  CASE WHEN usage_unit IS NOT NULL THEN {'amount': usage_amount, 'unit': usage_unit, 'amount_in_pricing_units': pricing_amount, 'pricing_unit': pricing_unit} END AS usage,
  list_transform(credits, c -> {'name': c.name, 'amount': c.amount::DOUBLE, 'full_name': c.full_name, 'id': c.id, 'type': c.type}) AS credits,
  {'month': getvariable('invoice_month'), 'publisher_type': CASE WHEN seller IS NOT NULL THEN 'PARTNER' ELSE 'GOOGLE' END} AS invoice,
  cost_type,
  CASE WHEN adjustment_type IS NOT NULL THEN {'id': left(md5(sku || adjustment_type), 12), 'description': adjustment_description, 'mode': 'MANUAL_ADJUSTMENT', 'type': adjustment_type} END AS adjustment_info,
  list_cost::DOUBLE AS cost_at_list,
  default_cost::DOUBLE AS cost_at_effective_price_default,
  list_cost::DOUBLE AS cost_at_list_consumption_model,
  {'id': CASE WHEN model IS NULL THEN '7754-699E-0EBF' ELSE 'D97B-0795-975B' END, 'description': coalesce(model, 'Default')} AS consumption_model
FROM (
  SELECT * FROM usage_lines
  UNION ALL BY NAME SELECT * FROM commitment_lines WHERE getvariable('with_charges') = 'yes'
  UNION ALL BY NAME SELECT * FROM charge_lines WHERE getvariable('with_charges') = 'yes'
) AS lines
LEFT JOIN projects ON projects.role = lines.role;

-- As BigQuery writes rows into newline JSON: NUMERIC as text, times with their zone in words.
CREATE OR REPLACE VIEW json_rows AS
SELECT * REPLACE (
  strftime(usage_start_time, '%Y-%m-%d %H:%M:%S UTC') AS usage_start_time,
  strftime(usage_end_time, '%Y-%m-%d %H:%M:%S UTC') AS usage_end_time,
  strftime(export_time, '%Y-%m-%d %H:%M:%S.%f UTC') AS export_time,
  CASE WHEN price IS NOT NULL THEN {
    'effective_price': price.effective_price::VARCHAR, 'tier_start_amount': price.tier_start_amount::VARCHAR, 'unit': price.unit,
    'pricing_unit_quantity': price.pricing_unit_quantity::VARCHAR, 'list_price': price.list_price::VARCHAR,
    'effective_price_default': price.effective_price_default::VARCHAR, 'list_price_consumption_model': price.list_price_consumption_model::VARCHAR
  } END AS price
)
FROM export_rows;
