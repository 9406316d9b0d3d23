-- The bulk of the bill: every resource in every interval. Row n is resource n % R in interval n // R, so a
-- later delivery of a month repeats the rows of the earlier one and goes on from there.
-- Variables: resources, interval_hours, first_row, last_row, corrected_row, month_ordinal.

CREATE OR REPLACE VIEW usage_lines AS
WITH

placed AS (
  SELECT
    n,
    n // getvariable('resources')::BIGINT AS interval_ordinal,
    n % getvariable('resources')::BIGINT AS resource_number,
    monthly_noise(n, 5) AS luck
  FROM range(getvariable('first_row')::BIGINT, getvariable('last_row')::BIGINT) AS t (n)
),

-- Thousandths of a unit: instances run the whole interval but for one in twenty, meters vary by half.
metered AS (
  SELECT
    placed.n,
    intervals.usage_start,
    intervals.usage_end,
    intervals.time_interval,
    resources.*,
    CASE
      WHEN metering = 'hours' AND luck % 20 > 0 THEN per_hour_milli * hours
      WHEN metering = 'whole' THEN per_hour_milli * hours * (500 + luck % 1001) // 1000000 * 1000
      ELSE per_hour_milli * hours * (500 + luck % 501) // 1000
    END * CASE WHEN placed.n = getvariable('corrected_row')::BIGINT THEN 3 ELSE 1 END AS usage_milli
  FROM placed
  JOIN intervals ON intervals.ordinal = placed.interval_ordinal
  JOIN resources ON resources.number = placed.resource_number
),

priced AS (
  SELECT
    *,
    (usage_milli::DECIMAL(14, 0) * 0.001)::DECIMAL(18, 3) AS line_item_usage_amount,
    money(line_item_usage_amount * rate) AS line_item_unblended_cost,
    money(line_item_unblended_cost * discount_share) AS discount_amount
  FROM metered
)

SELECT
  * EXCLUDE (n, usage_start, usage_end, number, rate, public_rate, metering, per_hour_milli, usage_milli,
    discount_share, enterprise_discounted),
  'Usage' AS line_item_line_item_type,
  usage_start AS line_item_usage_start_date,
  usage_end AS line_item_usage_end_date,
  CASE WHEN enterprise_discounted THEN enterprise_discount(line_item_unblended_cost - discount_amount) ELSE 0 END AS enterprise_amount,
  -- Spot has no public price; a tiered price shows the rate of its last tier beside the cost by tiers.
  CASE
    WHEN public_rate IS NULL THEN NULL
    WHEN public_rate = 0 THEN money(0)
    ELSE line_item_unblended_cost
  END AS pricing_public_on_demand_cost
FROM priced;
