-- The billing months that a file's rows are of, and the first row that does not say one.
-- A month that starts at midnight in the issuer's own time zone is up to 14 hours away from the month in UTC.
WITH
numbered AS (
  SELECT trim(billing_period_start) AS written, row_number() OVER () AS row_number
  FROM seen
),
distinct_starts AS (
  SELECT written, min(row_number) AS first_row, TRY_CAST(written AS TIMESTAMPTZ) + INTERVAL 14 HOUR AS billing_month
  FROM numbered
  GROUP BY written
)
SELECT
  list_sort(list(DISTINCT strftime(billing_month, '%Y-%m')) FILTER (billing_month IS NOT NULL)) AS months,
  min(first_row) FILTER (billing_month IS NULL) AS bad_row,
  arg_min(coalesce(written, ''), first_row) FILTER (billing_month IS NULL) AS bad_value
FROM distinct_starts;
