-- Small tables that `focus.sql` joins to, worked out once per bill from what it really holds.

-- What the configuration and the header of the bill decide for every row.
CREATE TABLE settings AS
SELECT
  getvariable('net') AS net,
  getvariable('billing_account_type') AS billing_account_type,
  getvariable('sub_account_type') AS sub_account_type;

-- What AWS could not cancel to the last digit: the on-demand cost of a plan's covered usage plus its negation.
-- FOCUS bills neither, so without these rows the rounding of AWS's own negation would be lost.
CREATE TABLE negation_residuals AS
SELECT
  'SavingsPlanNegationRounding' AS line_item_type,
  'Rounding left by the savings plan negation' AS description,
  savings_plan_arn,
  payer_account_id, any_value(payer_account_name) AS payer_account_name,
  payer_account_id AS usage_account_id, any_value(payer_account_name) AS usage_account_name,
  'ComputeSavingsPlans' AS product_code,
  billing_period_start, any_value(billing_period_end) AS billing_period_end,
  min(usage_start) AS usage_start, max(usage_end) AS usage_end,
  currency, any_value(pricing_currency) AS pricing_currency,
  max(invoice_id) AS invoice_id,
  max(invoicing_entity) AS invoicing_entity,
  max(bill_type) AS bill_type, max(billing_entity) AS billing_entity, max(legal_entity) AS legal_entity,
  min(source_file) AS source_file,
  sum(cost) AS cost,
  sum(unblended_cost) AS unblended_cost
FROM staged
WHERE line_item_type IN ('SavingsPlanCoveredUsage', 'SavingsPlanNegation')
GROUP BY savings_plan_arn, payer_account_id, billing_period_start, currency
HAVING sum(cost) <> 0;

CREATE VIEW charges AS
SELECT * FROM staged
UNION ALL BY NAME
SELECT * FROM negation_residuals WHERE coalesce(getvariable('last_piece'), TRUE);

-- A size-flexible reservation counts in normalized hours. AWS fills those columns on some rows of a commitment
-- only, and a commitment has one unit: it is decided for the commitment, not for the row.
CREATE TABLE commitments AS
SELECT
  reservation_arn AS commitment_id,
  bool_or(coalesce(reservation_total_normalized_units, normalized_usage_amount, 0) > 0) AS size_flexible
FROM staged
WHERE reservation_arn IS NOT NULL
GROUP BY reservation_arn;

-- The usage type without its region prefix (`EUC1-BoxUsage:m5.large`), as the pattern tables spell it.
CREATE TABLE usage_kinds AS
WITH
seen AS (
  SELECT DISTINCT product_code, coalesce(usage_type, '') AS usage_type
  FROM charges
),
bare AS (
  SELECT
    seen.product_code,
    seen.usage_type,
    substr(seen.usage_type, coalesce(max(length(region_prefixes.prefix)) + 2, 1)) AS bare_usage_type
  FROM seen
  LEFT JOIN region_prefixes ON starts_with(seen.usage_type, region_prefixes.prefix || '-')
  GROUP BY seen.product_code, seen.usage_type
),
inferred_units AS (
  SELECT bare.product_code, bare.usage_type, arg_min(patterns.focus_unit, patterns.priority::INTEGER) AS inferred_unit
  FROM bare
  JOIN usage_type_units AS patterns ON bare.bare_usage_type LIKE patterns.usage_type_pattern
  GROUP BY ALL
),
parts AS (
  SELECT bare.product_code, bare.usage_type, min_by(service_parts, length(service_parts.usage_type_pattern) * -1) AS part
  FROM bare
  JOIN service_parts
    ON bare.product_code = service_parts.product_code AND bare.bare_usage_type LIKE service_parts.usage_type_pattern
  GROUP BY ALL
)
SELECT
  bare.product_code,
  bare.usage_type,
  coalesce(parts.part.service_name, services.service_name, out_of_cycle.service_name) AS service_name,
  coalesce(parts.part.service_category, services.service_category, out_of_cycle.service_category) AS service_category,
  coalesce(parts.part.service_subcategory, services.service_subcategory, out_of_cycle.service_subcategory) AS service_subcategory,
  inferred_units.inferred_unit
FROM bare
LEFT JOIN services ON services.product_code = bare.product_code
-- AWS bills some products out of cycle under the same code with OCB in front.
LEFT JOIN services AS out_of_cycle ON 'OCB' || out_of_cycle.product_code = bare.product_code
LEFT JOIN parts ON parts.product_code = bare.product_code AND parts.usage_type = bare.usage_type
LEFT JOIN inferred_units ON inferred_units.product_code = bare.product_code AND inferred_units.usage_type = bare.usage_type;
