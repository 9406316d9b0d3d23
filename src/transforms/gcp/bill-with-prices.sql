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
    only_one(explaining(contracted_rates, pricing_amount, pricing_unit_quantity, coalesce(cost_at_default, cost))) AS contracted_rate
  FROM offered
),

-- Both prices are for the same number of units, as the quantity is.
listed AS (
  SELECT
    *,
    only_one(explaining(
      list_rates, pricing_amount, coalesce(pricing_unit_quantity, contracted_rate.block), coalesce(cost_at_list, cost_at_default, cost)
    )) AS list_rate
  FROM contracted
)

SELECT
  * EXCLUDE (priced_currency, lacks_price, contracted_rates, list_rates, contracted_rate, list_rate) REPLACE (
    coalesce(list_price, list_rate.amount) AS list_price,
    coalesce(effective_price_default, contracted_rate.amount) AS effective_price_default,
    coalesce(pricing_unit_quantity, contracted_rate.block, list_rate.block) AS pricing_unit_quantity,
    coalesce(pricing_block, plain_decimal(coalesce(contracted_rate.block, list_rate.block))) AS pricing_block,
    CASE WHEN lacks_price
      THEN coalesce(plain_decimal(coalesce(contracted_rate.tier_start, list_rate.tier_start)), tier_start) ELSE tier_start END AS tier_start
  ),
  nullif(concat_ws(
    ' and ',
    CASE WHEN cost_type = 'regular' AND list_rates IS NOT NULL AND list_rate IS NULL THEN 'list price' END,
    CASE WHEN cost_type = 'regular' AND contracted_rates IS NOT NULL AND contracted_rate IS NULL THEN 'contracted price' END
  ), '') AS unexplained_price,
  CASE WHEN cost_type = 'regular' AND priced_currency <> currency THEN priced_currency END AS other_price_currency
FROM listed;
