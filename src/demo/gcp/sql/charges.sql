-- Fees, promotions, adjustments and tax, once a month.
-- Variables: organisation, month_start, month_end, period_part (`first`, `rest` or `whole`).
CREATE OR REPLACE TABLE charge_lines AS
WITH
due AS (
  SELECT
    charges.* REPLACE (amount::DECIMAL(18, 6) AS amount, credit_amount::DECIMAL(18, 6) AS credit_amount),
    getvariable('month_start')::TIMESTAMP AT TIME ZONE 'America/Los_Angeles' AS month_begins,
    getvariable('month_end')::TIMESTAMP AT TIME ZONE 'America/Los_Angeles' AS month_ends
  FROM read_csv(getvariable('data') || '/charges.csv', all_varchar = true) AS charges
  WHERE coalesce(organisation, getvariable('organisation')) = getvariable('organisation')
    -- Tax and rounding come when the month is over.
    AND (getvariable('period_part') = 'whole' OR (when_due = 'final') = (getvariable('period_part') = 'rest'))
)
SELECT
  service_id, service, sku_id, sku,
  CASE when_due WHEN 'earlier' THEN month_begins - INTERVAL 12 DAY WHEN 'day' THEN month_begins + INTERVAL 8 DAY ELSE month_begins END AS usage_start,
  CASE when_due WHEN 'earlier' THEN month_begins - INTERVAL 11 DAY WHEN 'day' THEN month_begins + INTERVAL 9 DAY ELSE month_ends END AS usage_end,
  role,
  CASE WHEN charge = 'marketplace subscription' THEN 'Northwind Telemetry GmbH' END AS seller,
  CASE WHEN cost_type = 'regular' THEN 1::DOUBLE WHEN adjustment_type LIKE '%CORRECTION' THEN sign(amount)::DOUBLE END AS usage_amount,
  CASE WHEN cost_type = 'regular' OR adjustment_type LIKE '%CORRECTION' THEN 'count' END AS usage_unit,
  usage_amount AS pricing_amount,
  usage_unit AS pricing_unit,
  CASE WHEN usage_unit IS NOT NULL THEN 1 END AS block,
  CASE WHEN usage_unit IS NOT NULL THEN 0::DECIMAL(38, 9) END AS tier,
  CASE WHEN usage_unit IS NOT NULL THEN abs(amount)::DECIMAL(18, 9) END AS price,
  CASE WHEN usage_unit IS NOT NULL THEN abs(amount)::DECIMAL(18, 9) END AS default_price,
  CASE WHEN usage_unit IS NOT NULL THEN abs(amount)::DECIMAL(18, 9) END AS list_price,
  amount AS cost,
  CASE WHEN usage_unit IS NOT NULL THEN amount END AS default_cost,
  CASE WHEN usage_unit IS NOT NULL THEN amount END AS list_cost,
  credit_of(credit_type, credit_name, credit_amount) AS credits,
  cost_type,
  adjustment_type,
  description AS adjustment_description,
  CASE WHEN when_due = 'final' THEN month_ends + INTERVAL 40 HOUR ELSE usage_end + INTERVAL 3 HOUR END AS export_time
FROM due
ORDER BY charge;
