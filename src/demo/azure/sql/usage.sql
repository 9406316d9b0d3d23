-- The bulk of the month: every resource on every day. Row n is resource n % R on day n // R, so a later delivery of
-- a month repeats the rows of the earlier one and goes on from there.
-- Variables: resources, delivered_days, corrected_row, month_ordinal.
CREATE OR REPLACE VIEW usage_lines AS
WITH
placed AS (
  SELECT
    n,
    n // getvariable('resources')::BIGINT AS day_ordinal,
    n % getvariable('resources')::BIGINT AS number,
    monthly_noise(n, 5) AS luck
  FROM range(getvariable('resources')::BIGINT * getvariable('delivered_days')::BIGINT) AS t (n)
),
metered AS (
  SELECT
    placed.n,
    placed.luck,
    days.day,
    resources.*,
    -- Machines run all day but for one in twenty; a monthly price is charged in even shares; other meters vary by half.
    ((CASE
      WHEN metering = 'even' OR (metering = 'hours' AND luck % 20 > 0) THEN per_day_milli * 1000
      ELSE per_day_milli * (500 + luck % 501)
    END * CASE WHEN placed.n = getvariable('corrected_row')::BIGINT THEN 3 ELSE 1 END)::DECIMAL(14, 0) * 0.000001)::DECIMAL(18, 6) AS quantity
  FROM placed
  JOIN days ON days.ordinal = placed.day_ordinal
  JOIN resources ON resources.number = placed.number
)
SELECT
  'usage' AS part,
  n AS line,
  day,
  'Usage' AS charge_type,
  'UsageBased' AS frequency,
  quantity,
  -- What a third party sells has no unit price on the row.
  CASE WHEN publisher_type = 'Marketplace' THEN quantity * 0.015 ELSE quantity * unit_price END::DECIMAL(28, 14) AS charged,
  -- Traffic is rated from more digits than the row shows.
  CASE WHEN meter_category = 'Bandwidth' AND getvariable('agreement') = 'enterprise' THEN lpad((luck % 10000)::VARCHAR, 4, '0') ELSE '' END AS more_digits,
  metered.* EXCLUDE (n, luck, day, number, per_day_milli, metering, quantity)
FROM metered;
