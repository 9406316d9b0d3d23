-- The first value of a file of prices, in its order, that cannot be read as what its column holds. Only run after a failure.
WITH
numbered AS (
  SELECT *, row_number() OVER () AS row_number
  FROM price_raw
),
tiers AS (
  SELECT row_number, 'list_price' AS price, unnest(list_price.tiered_rates) AS tier
  FROM numbered
  UNION ALL
  SELECT row_number, 'billing_account_price', unnest(billing_account_price.tiered_rates)
  FROM numbered
),
cells AS (
  SELECT row_number, 'pricing_as_of_time' AS column_name, pricing_as_of_time::VARCHAR AS value, 'time' AS kind
  FROM numbered
  UNION ALL
  SELECT row_number, 'export_time', export_time::VARCHAR, 'time'
  FROM numbered
  UNION ALL
  SELECT row_number, price || '.tiered_rates.pricing_unit_quantity', tier.pricing_unit_quantity::VARCHAR, 'amount'
  FROM tiers
  UNION ALL
  SELECT row_number, price || '.tiered_rates.start_usage_amount', tier.start_usage_amount::VARCHAR, 'amount'
  FROM tiers
  UNION ALL
  SELECT row_number, price || '.tiered_rates.account_currency_amount', tier.account_currency_amount::VARCHAR, 'amount'
  FROM tiers
)
SELECT getvariable('source_file') AS file, row_number, column_name, value, kind
FROM cells
WHERE value <> '' AND CASE kind
  WHEN 'time' THEN TRY_CAST(value AS TIMESTAMPTZ) IS NULL
  ELSE TRY_CAST(value AS DECIMAL(38, 18)) IS NULL
END
ORDER BY row_number, column_name
LIMIT 1;
