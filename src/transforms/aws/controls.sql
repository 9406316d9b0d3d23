-- What must hold before the rows of a bill are published. Four views, the same for every provider
-- (src/transforms/transform.ts says what each column means).

-- Source values that no rule covers. Any row here stops the unit.
CREATE VIEW problems AS
SELECT
  'unknown line item type' AS problem,
  source_file AS file,
  'line_item_line_item_type' AS "column",
  coalesce(line_item_type, '') AS value,
  count(*) AS source_rows,
  'Nothing is guessed about money: report the type, or update focal if AWS has added it.' AS hint
FROM classified
WHERE class = 'unknown'
GROUP BY source_file, line_item_type
UNION ALL
SELECT 'more than one currency in one bill', min(source_file), 'line_item_currency_code',
  string_agg(DISTINCT currency, ', ' ORDER BY currency), count(*),
  'A payer account is billed in one currency: configure one source per export.'
FROM staged
HAVING count(DISTINCT currency) > 1
UNION ALL
SELECT 'no currency', source_file, 'line_item_currency_code', '', count(*), 'Deliver the export again with this column filled.'
FROM staged
WHERE currency IS NULL
GROUP BY source_file
UNION ALL
SELECT 'no amount', source_file, column_name, '', source_rows, 'Deliver the export again with this column filled.'
FROM (
  SELECT
    source_file,
    count(*) FILTER (unblended_cost IS NULL) AS no_cost,
    count(*) FILTER (class = 'savings_plan_covered' AND savings_plan_effective_cost IS NULL) AS no_plan_cost,
    count(*) FILTER (class = 'reservation_used' AND reservation_effective_cost IS NULL) AS no_reservation_cost,
    count(*) FILTER (class = 'savings_plan_fee' AND savings_plan_total_commitment IS NULL) AS no_commitment,
    count(*) FILTER (class = 'savings_plan_fee' AND savings_plan_used_commitment IS NULL) AS no_used_commitment
  FROM classified
  WHERE class <> 'savings_plan_rounding'
  GROUP BY source_file
) UNPIVOT (source_rows FOR counted IN (no_cost, no_plan_cost, no_reservation_cost, no_commitment, no_used_commitment))
JOIN (VALUES
  ('no_cost', 'line_item_unblended_cost'),
  ('no_plan_cost', 'savings_plan_savings_plan_effective_cost'),
  ('no_reservation_cost', 'reservation_effective_cost'),
  ('no_commitment', 'savings_plan_total_commitment_to_date'),
  ('no_used_commitment', 'savings_plan_used_commitment')
) AS names (counted, column_name) USING (counted)
WHERE source_rows > 0
UNION ALL
SELECT 'row of another billing period', source_file, 'bill_billing_period_start_date',
  CAST(billing_period_start AS VARCHAR), count(*), 'One delivery holds one billing period: look at how the files were collected.'
FROM staged
WHERE billing_period_start IS DISTINCT FROM getvariable('period_start')::TIMESTAMPTZ
GROUP BY source_file, billing_period_start;

-- The rows that those problems are in, counted from 1 in each file. Only looked at when there is a problem.
CREATE VIEW problem_rows AS
SELECT 'unknown line item type' AS problem, source_file AS file, coalesce(line_item_type, '') AS value, row_number
FROM classified
WHERE class = 'unknown'
UNION ALL
SELECT 'no currency', source_file, '', row_number FROM staged WHERE currency IS NULL
UNION ALL
SELECT 'no amount', source_file, '', row_number FROM staged WHERE unblended_cost IS NULL
UNION ALL
SELECT 'row of another billing period', source_file, CAST(billing_period_start AS VARCHAR), row_number
FROM staged
WHERE billing_period_start IS DISTINCT FROM getvariable('period_start')::TIMESTAMPTZ;

-- Where every source row went, and how many FOCUS rows came of it.
CREATE VIEW accounting AS
WITH
classes AS (
  SELECT class, count(*) AS source_rows, count(*) FILTER (unused_cost <> 0) AS with_unused, sum(unblended_cost) AS source_cost
  FROM classified
  GROUP BY class
)
SELECT
  outcome,
  coalesce(reason, '') AS reason,
  CAST(CASE WHEN outcome = 'added' THEN 0 ELSE sum(source_rows) END AS BIGINT) AS source_rows,
  CAST(sum(CASE outcome WHEN 'split' THEN source_rows + with_unused WHEN 'dropped' THEN 0 WHEN 'refused' THEN 0 ELSE source_rows END) AS BIGINT) AS focus_rows,
  CAST(sum(CASE WHEN outcome = 'added' THEN 0 ELSE source_cost END) AS DECIMAL(38, 18)) AS source_cost
FROM classes
JOIN (SELECT DISTINCT plan_class, outcome, reason FROM row_plan) AS plan ON plan.plan_class = classes.class
GROUP BY outcome, reason;

-- Totals of the FOCUS rows worked out from the source alone, by another road than the row plan's.
CREATE VIEW controls AS
SELECT
  'BilledCost' AS measure,
  CASE WHEN getvariable('net') THEN 'sum of net unblended cost' ELSE 'sum of unblended cost' END AS basis,
  CAST(coalesce(sum(cost), 0) AS DECIMAL(38, 18)) AS expected
FROM staged
UNION ALL
SELECT
  'EffectiveCost',
  'usage and fees as billed, commitments by what they covered and what went unused',
  CAST(coalesce(sum(CASE line_item_type
    WHEN 'SavingsPlanCoveredUsage' THEN savings_plan_effective_cost
    WHEN 'DiscountedUsage' THEN reservation_effective_cost
    WHEN 'RIFee' THEN unused_cost
    WHEN 'SavingsPlanRecurringFee' THEN unused_cost
    WHEN 'SavingsPlanUpfrontFee' THEN 0
    WHEN 'SavingsPlanNegation' THEN 0
    WHEN 'Fee' THEN CASE WHEN reservation_arn IS NULL THEN cost ELSE 0 END
    WHEN 'Refund' THEN CASE WHEN class = 'refund_commitment' THEN 0 ELSE cost END
    ELSE CASE WHEN class = 'discount_in_net' THEN 0 ELSE cost END
  END), 0) AS DECIMAL(38, 18))
FROM classified;

-- What AWS's own columns must say of one another, commitment by commitment. `difference` beyond `tolerance`
-- stops the unit. AWS rounds each amount on its own, so a sum over n rows may be off by n such roundings.
CREATE VIEW identities AS
SELECT
  'savings plan: negation cancels covered usage' AS identity,
  coalesce(savings_plan_arn, '(no ARN)') AS subject,
  coalesce(sum(cost), 0) AS difference,
  -- one rounding of 1e-6 for each negation row, of which AWS writes one per hour and rate
  0.000001 * greatest(count(*) FILTER (line_item_type = 'SavingsPlanNegation'), 1) AS tolerance
FROM staged
WHERE line_item_type IN ('SavingsPlanCoveredUsage', 'SavingsPlanNegation')
GROUP BY savings_plan_arn
UNION ALL
SELECT
  'savings plan: used commitment is the effective cost of covered usage',
  savings_plan_arn,
  coalesce(sum(savings_plan_used_commitment) FILTER (line_item_type = 'SavingsPlanRecurringFee'), 0)
    - coalesce(sum(savings_plan_used) FILTER (line_item_type = 'SavingsPlanCoveredUsage'), 0),
  0.000001 * count(*)
FROM staged
WHERE savings_plan_arn IS NOT NULL
GROUP BY savings_plan_arn
HAVING count(*) FILTER (line_item_type = 'SavingsPlanRecurringFee') > 0
UNION ALL
SELECT
  'savings plan: used commitment within the commitment', savings_plan_arn,
  max(savings_plan_used_commitment - savings_plan_total_commitment), 0.000000001
FROM staged
WHERE line_item_type = 'SavingsPlanRecurringFee' AND savings_plan_used_commitment > savings_plan_total_commitment
GROUP BY savings_plan_arn
UNION ALL
SELECT
  'reserved instance: used and unused make up the amortised and the recurring fee',
  reservation_arn,
  coalesce(sum(reservation_effective_cost) FILTER (line_item_type = 'DiscountedUsage'), 0)
    + coalesce(sum(unused_cost) FILTER (line_item_type = 'RIFee'), 0)
    - coalesce(sum(coalesce(reservation_amortized_upfront_fee, 0) + cost) FILTER (line_item_type = 'RIFee'), 0),
  -- reservation amounts are written with 8 decimals
  0.00000001 * count(*)
FROM classified
WHERE reservation_arn IS NOT NULL AND line_item_type IN ('DiscountedUsage', 'RIFee')
GROUP BY reservation_arn
HAVING count(*) FILTER (line_item_type = 'RIFee') > 0
UNION ALL
SELECT
  'net and gross costs differ by the discount rows', 'whole bill',
  sum(cost) - sum(unblended_cost), 0.0000000001 * count(*)
FROM staged
WHERE getvariable('net');

-- What was kept but is worth a look.
CREATE VIEW warnings AS
SELECT 'costs with more than 18 decimals: rounded once' AS warning, '' AS value,
  count(*) FILTER (cost_rounded) AS source_rows, 'Each changed by 5e-19 at most.' AS hint
FROM staged
UNION ALL
SELECT 'product that the service table does not know: category Other', product_code, count(*), 'Report the product code.'
FROM charges
JOIN usage_kinds USING (product_code)
WHERE usage_kinds.usage_type = coalesce(charges.usage_type, '')
  AND usage_kinds.service_name IS NULL AND coalesce(billing_entity, '') <> 'AWS Marketplace'
GROUP BY product_code
UNION ALL
SELECT 'pricing unit that the unit table does not know: kept as it is', pricing_unit, count(*), 'Report the unit.'
FROM staged
WHERE pricing_unit IS NOT NULL AND lower(pricing_unit) NOT IN (SELECT lower(source_unit) FROM pricing_units)
GROUP BY pricing_unit;
