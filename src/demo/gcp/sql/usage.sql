-- The bulk of the bill: every resource in every interval. Row n is resource n % R in interval n // R, so that the
-- rest of a month goes on where its first delivery ended.
-- Variables: resources, interval_hours, first_row, last_row.
CREATE OR REPLACE VIEW usage_lines AS
WITH
metered AS (
  SELECT
    n,
    intervals.usage_start,
    intervals.usage_end,
    resources.*,
    (milli_per_hour * getvariable('interval_hours')::BIGINT * (500 + monthly_noise(n, 5) % 501) // 1000 * 0.001::DECIMAL(4, 3))::DECIMAL(18, 3) AS amount
  FROM range(getvariable('first_row')::BIGINT, getvariable('last_row')::BIGINT) AS t (n)
  JOIN intervals ON intervals.ordinal = n // getvariable('resources')::BIGINT
  JOIN resources ON resources.number = n % getvariable('resources')::BIGINT
),
priced AS (
  SELECT
    *,
    micros(amount::DOUBLE * price::DOUBLE / block) AS cost,
    micros(amount::DOUBLE * list_price::DOUBLE / block) AS list_cost
  FROM metered
)
SELECT
  service_id, service, sku_id, full_sku AS sku, usage_start, usage_end, role, region, country,
  global_name, cores, memory, machine, label_key, team, seller,
  (amount * usage_per_pricing_unit)::DOUBLE AS usage_amount, usage_unit, amount::DOUBLE AS pricing_amount, pricing_unit,
  block, tier::DECIMAL(38, 9) AS tier, price, list_price, cost, list_cost, cost AS default_cost, price AS default_price,
  credit_of(credit_type, credit_name, -micros(cost * credit_percent * 0.01::DECIMAL(3, 2))) AS credits,
  'regular' AS cost_type,
  -- Rows arrive within a day and a half.
  usage_end + to_seconds(3600 + monthly_noise(n, 8) % 120000) AS export_time
FROM priced;
