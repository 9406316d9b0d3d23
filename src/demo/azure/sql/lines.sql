-- All charges of the month with what both datasets say of them: `actual` is NULL where actual cost has no such row,
-- `amortized` where amortized cost has none.
CREATE OR REPLACE TABLE lines AS
WITH
together AS (
  SELECT * REPLACE (info_members AS info_members), charged AS actual, charged AS amortized
  FROM usage_lines
  UNION ALL BY NAME
  SELECT *, 'Azure' AS publisher_type, NULL AS publisher_name, '' AS more_digits
  FROM commitment_lines
  UNION ALL BY NAME
  SELECT *, charged AS actual, charged AS amortized
  FROM monthly_lines
)
SELECT
  * EXCLUDE (charged),
  regexp_extract(resource_id, '([^/]+)$', 1) AS resource_name,
  row_number() OVER (ORDER BY part, line, charge_type, order_name) AS row_number
FROM together;
