-- Cost by what the measured dimension or key says. A value outside the allowed ones is invalid; without a list of
-- them every value is allowed. Reads: said. Variable: allowed.
CREATE OR REPLACE TABLE measured AS
SELECT
  source,
  SubAccountId AS sub_account,
  any_value(SubAccountName) AS sub_account_name,
  ServiceName AS service,
  BillingCurrency AS currency,
  value,
  CASE
    WHEN value IS NULL THEN 'untagged'
    WHEN getvariable('allowed') <> [] AND NOT list_contains(getvariable('allowed'), value) THEN 'invalid'
    ELSE 'covered'
  END AS outcome,
  count(*) AS charges,
  sum(billed) AS billed,
  sum(effective) AS effective
FROM said
GROUP BY ALL;
