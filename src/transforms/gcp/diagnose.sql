-- The first value, in file order, that cannot be read as what its column holds. Only run after a failure.
WITH
numbered AS (
  SELECT *, row_number() OVER () AS row_number
  FROM raw
),
cells AS (
  SELECT
    row_number,
    unnest(list_concat(
      [
        {'name': 'usage_start_time', 'value': usage_start_time::VARCHAR, 'kind': 'time'},
        {'name': 'usage_end_time', 'value': usage_end_time::VARCHAR, 'kind': 'time'},
        {'name': 'export_time', 'value': export_time::VARCHAR, 'kind': 'time'},
        {'name': 'cost', 'value': cost::VARCHAR, 'kind': 'amount'},
        {'name': 'cost_at_list', 'value': cost_at_list::VARCHAR, 'kind': 'amount'},
        {'name': 'cost_at_effective_price_default', 'value': cost_at_effective_price_default::VARCHAR, 'kind': 'amount'},
        {'name': 'currency_conversion_rate', 'value': currency_conversion_rate::VARCHAR, 'kind': 'amount'},
        {'name': 'usage.amount', 'value': usage.amount::VARCHAR, 'kind': 'amount'},
        {'name': 'usage.amount_in_pricing_units', 'value': usage.amount_in_pricing_units::VARCHAR, 'kind': 'amount'},
        {'name': 'price.effective_price', 'value': price.effective_price::VARCHAR, 'kind': 'amount'},
        {'name': 'price.effective_price_default', 'value': price.effective_price_default::VARCHAR, 'kind': 'amount'},
        {'name': 'price.list_price', 'value': price.list_price::VARCHAR, 'kind': 'amount'},
        {'name': 'price.tier_start_amount', 'value': price.tier_start_amount::VARCHAR, 'kind': 'amount'},
        {'name': 'price.pricing_unit_quantity', 'value': price.pricing_unit_quantity::VARCHAR, 'kind': 'amount'}
      ],
      coalesce(list_transform(credits, c -> {'name': 'credits.amount', 'value': c.amount::VARCHAR, 'kind': 'amount'}), [])
    )) AS cell
  FROM numbered
)
SELECT getvariable('source_file') AS file, row_number, cell.name AS column_name, cell.value AS value, cell.kind AS kind
FROM cells
WHERE cell.value <> '' AND CASE cell.kind
  WHEN 'time' THEN TRY_CAST(cell.value AS TIMESTAMPTZ) IS NULL
  ELSE TRY_CAST(cell.value AS DECIMAL(38, 18)) IS NULL
END
ORDER BY row_number
LIMIT 1;
