-- What the SKUs of one delivery are listed at: of a table that repeats every price of Google's each day, the days of its
-- month and of the month before, in UTC. {partitions} spares BigQuery the other days; what a day lists comes in later,
-- but not by a month.
SELECT
  billing_account_id,
  sku.id AS sku_id,
  account_currency_code,
  FORMAT_TIMESTAMP('%Y-%m-%d %H:%M:%E6S+00', pricing_as_of_time) AS as_of,
  FORMAT_TIMESTAMP('%Y-%m-%d %H:%M:%E6S+00', export_time) AS exported,
  TO_JSON_STRING(list_price.tiered_rates) AS list_rates,
  TO_JSON_STRING(billing_account_price.tiered_rates) AS contracted_rates
FROM {table}
WHERE pricing_as_of_time >= TIMESTAMP '{start} 00:00:00+00' AND pricing_as_of_time < TIMESTAMP '{end} 00:00:00+00'
  AND {partitions}
  AND sku.id IN (SELECT sku.id FROM {bill} WHERE {restriction})
ORDER BY billing_account_id, sku_id, as_of, exported
