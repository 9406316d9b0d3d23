-- The rows that count, with the prices of the pricing export where a row has none of its own and one alone explains its
-- cost: which tier a row is in depends on the usage before it, so that no other way is certain. Elsewhere focus.sql
-- divides the cost by the quantity. From here on such a row is as one of the detailed export.
CREATE VIEW bill AS
WITH

offered AS (
  SELECT
    staged.*,
    sku_prices.priced_currency,
    coalesce(staged.effective_price_default, staged.effective_price) IS NULL AS lacks_price,
    CASE WHEN sku_prices.priced_currency = staged.currency AND coalesce(staged.effective_price_default, staged.effective_price) IS NULL
      THEN sku_prices.contracted_rates END AS contracted_rates,
    CASE WHEN sku_prices.priced_currency = staged.currency AND staged.list_price IS NULL
      THEN sku_prices.list_rates END AS list_rates
  FROM staged
  ANTI JOIN copies ON copies.line_id = staged.line_id
  LEFT JOIN sku_prices
    ON sku_prices.priced_account = staged.billing_account_id AND sku_prices.priced_sku = staged.sku_id
    AND sku_prices.priced_from <= staged.usage_start AND staged.usage_start < sku_prices.priced_until
),

contracted AS (
  SELECT
    *,
    explaining(contracted_rates, pricing_amount, pricing_unit_quantity, coalesce(cost_at_default, cost)) AS contracted_found,
    only_one(contracted_found) AS contracted_rate
  FROM offered
),

-- Both prices are for the same number of units, as the quantity is.
listed AS (
  SELECT
    *,
    explaining(
      list_rates, pricing_amount, coalesce(pricing_unit_quantity, contracted_rate.block), coalesce(cost_at_list, cost_at_default, cost)
    ) AS list_found,
    only_one(list_found) AS list_rate
  FROM contracted
)

SELECT
  * EXCLUDE (
    priced_currency, lacks_price, contracted_rates, contracted_found, contracted_rate, list_rates, list_found, list_rate
  ) REPLACE (
    coalesce(list_price, list_rate.amount) AS list_price,
    coalesce(effective_price_default, contracted_rate.amount) AS effective_price_default,
    list_price_explains OR list_rate IS NOT NULL AS list_price_explains,
    contracted_price_explains OR contracted_rate IS NOT NULL AS contracted_price_explains,
    coalesce(pricing_unit_quantity, contracted_rate.block, list_rate.block) AS pricing_unit_quantity,
    coalesce(pricing_block, plain_decimal(coalesce(contracted_rate.block, list_rate.block))) AS pricing_block,
    CASE WHEN lacks_price
      THEN coalesce(plain_decimal(coalesce(contracted_rate.tier_start, list_rate.tier_start)), tier_start) ELSE tier_start END AS tier_start
  ),
  -- What was listed for the row but explains nothing; of usage so small that every tier explains it nothing is said.
  CASE WHEN cost_type = 'regular'
    THEN nullif(concat_ws(' and ', CASE WHEN len(list_found) = 0 THEN 'list price' END, CASE WHEN len(contracted_found) = 0 THEN 'contracted price' END), '')
  END AS unexplained_price,
  CASE WHEN cost_type = 'regular' AND lacks_price AND priced_currency <> currency THEN priced_currency END AS other_price_currency
FROM listed;
