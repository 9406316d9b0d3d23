-- One row for each SKU and day of Google's pricing export: what it lists, and what it lists for this account, in the
-- account's currency. Of a month and the one before: prices go with a bill by the month, whatever else a file holds.
--
-- Variables: period_start, period_end (dates; prices are dated in UTC). `price_raw` holds the export's own columns.
SELECT
  text_of(billing_account_id) AS account_id,
  text_of(sku.id) AS sku_id,
  text_of(account_currency_code) AS currency,
  time_of(pricing_as_of_time) AS as_of,
  time_of(export_time) AS exported,
  rates_of(list_price.tiered_rates) AS list_rates,
  -- An account without a contract pays what is listed.
  coalesce(rates_of(billing_account_price.tiered_rates), rates_of(list_price.tiered_rates)) AS contracted_rates
FROM price_raw
WHERE time_of(pricing_as_of_time) >= (getvariable('period_start')::DATE - INTERVAL 1 MONTH) AT TIME ZONE 'UTC'
  AND time_of(pricing_as_of_time) < getvariable('period_end')::TIMESTAMP AT TIME ZONE 'UTC';
