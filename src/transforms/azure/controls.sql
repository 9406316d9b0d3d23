-- What must hold before the rows of a delivery are published: the views of every provider
-- (src/transforms/transform.ts says what each column means), and `warnings (warning, value, source_rows, hint)`.

-- What may be wrong with one row: a column name below, and what to say of it.
CREATE TABLE row_rules AS
FROM (VALUES
  ('no_charge_type', 'unknown charge type', 'ChargeType', 'Nothing is guessed about money: report the type, or update focal if Azure has added it.'),
  ('no_pricing_model', 'unknown pricing model', 'PricingModel', 'Nothing is guessed about money: report the value, or update focal if Azure has added it.'),
  ('no_frequency', 'unknown frequency', 'Frequency', 'Nothing is guessed about money: report the value, or update focal if Azure has added it.'),
  ('no_measure', 'unknown unit of measure', 'UnitOfMeasure', 'Quantities cannot be read without it: report the unit, or update focal if Azure has added it.'),
  ('no_cost', 'no amount', 'Cost', 'Deliver the export again with this column filled.'),
  ('no_currency', 'no currency', 'BillingCurrency', 'Deliver the export again with this column filled, or name the currency in the source''s billingCurrency.'),
  ('no_account', 'no account', 'BillingAccountId', 'Deliver the export again with an account or a subscription in every row.'),
  ('no_rate', 'no exchange rate', 'ExchangeRatePricingToBilling', 'Deliver the export again with this column filled.'),
  ('no_commitment', 'commitment without an id', 'BenefitId', 'Deliver the export again with BenefitId or ReservationId.'),
  ('no_date', 'no date', 'Date', 'Deliver the export again with this column filled.'),
  -- What belongs to the other dataset would be counted twice, or not at all.
  ('unused_in_actual', 'unused commitment in actual cost', 'ChargeType', 'Only amortized cost has such rows: look at which export the file came from.'),
  ('covered_in_actual', 'covered usage with a cost in actual cost', 'Cost', 'Only amortized cost has such rows: look at which export the file came from.'),
  ('bought_in_amortized', 'purchase of a commitment in amortized cost', 'ChargeType', 'Only actual cost has such rows: look at which export the file came from.')
) AS rules (rule, problem, column_name, hint);

-- Every source row that no rule covers, with its place: `value` is '' where a column is blank, and the offending one else.
CREATE VIEW problem_places AS
WITH
judged AS (
  SELECT
    source_file,
    row_number,
    CASE WHEN charge_kind IS NULL THEN coalesce(charge_type, '') END AS no_charge_type,
    CASE WHEN pricing_kind IS NULL AND pricing_model_key IS NOT NULL THEN pricing_model END AS no_pricing_model,
    CASE WHEN frequency_kind IS NULL AND frequency_key IS NOT NULL THEN frequency END AS no_frequency,
    CASE WHEN block_size IS NULL THEN unit_of_measure END AS no_measure,
    CASE WHEN cost IS NULL THEN '' END AS no_cost,
    CASE WHEN currency IS NULL THEN '' END AS no_currency,
    CASE WHEN account_id IS NULL THEN '' END AS no_account,
    CASE WHEN pricing_currency <> currency AND pricing_currency_cost IS NULL THEN '' END AS no_rate,
    CASE WHEN is_commitment AND commitment_id IS NULL THEN '' END AS no_commitment,
    CASE WHEN usage_date_text IS NULL THEN '' END AS no_date,
    CASE WHEN dataset = 'actual' AND charge_kind = 'unused' THEN charge_type END AS unused_in_actual,
    CASE WHEN dataset = 'actual' AND charge_kind = 'usage' AND is_commitment AND cost <> 0 THEN CAST(cost AS VARCHAR) END AS covered_in_actual,
    CASE WHEN dataset = 'amortized' AND charge_kind IN ('purchase', 'refund') AND is_commitment THEN charge_type END AS bought_in_amortized
  FROM charges
  WHERE NOT is_blank
),
marked AS (
  SELECT *, coalesce(*COLUMNS(* EXCLUDE (source_file, row_number))) AS first_value
  FROM judged
),
-- Of the rows that have one, which hardly any has: to unpivot all of them takes longer than the rules.
broken AS (
  UNPIVOT (SELECT * EXCLUDE (first_value) FROM marked WHERE first_value IS NOT NULL)
  ON COLUMNS(* EXCLUDE (source_file, row_number)) INTO NAME rule VALUE value
)
SELECT problem, source_file AS file, column_name AS "column", value, row_number, hint
FROM broken
JOIN row_rules USING (rule);

CREATE VIEW file_problems AS
-- A file's dates are read one way or not at all.
SELECT 'dates written in more than one way' AS problem, source_file AS file, 'Date' AS "column", min(text) || ', ' || max(text) AS value,
  count(*) AS source_rows, 'Export the file again: its rows come from different exports, or were edited.' AS hint
FROM date_formats
JOIN date_texts USING (source_file)
WHERE format = 'mixed'
GROUP BY source_file
UNION ALL
SELECT 'day and month cannot be told apart', source_file, 'Date', min(text), count(*),
  'No date of the file is after the 12th, and both readings fit or miss its billing period. Export it with BillingPeriodEndDate, or with dates as 2025-01-31.'
FROM date_formats
JOIN date_texts USING (source_file)
WHERE format = 'ambiguous'
GROUP BY source_file
UNION ALL
SELECT 'the value is no date', source_file, any_value(CASE column_name WHEN 'usage_date' THEN 'Date' WHEN 'billing_period_start' THEN 'BillingPeriodStartDate' ELSE 'BillingPeriodEndDate' END),
  text, count(*), 'Expected a date such as 2025-01-31 or 01/31/2025.'
FROM date_formats
JOIN date_texts USING (source_file)
LEFT JOIN days USING (source_file, text)
WHERE format NOT IN ('mixed', 'ambiguous') AND days.day IS NULL
GROUP BY source_file, text
UNION ALL
SELECT 'actual and amortized cost in one file', min(source_file), 'ChargeType', group_name, any_value(source_rows),
  'Export the two datasets as files of their own.'
FROM groups
JOIN file_groups USING (group_name)
WHERE dataset = 'both'
GROUP BY group_name
UNION ALL
SELECT 'a file that may be actual or amortized cost', min(source_file), 'ChargeType', group_name, any_value(source_rows),
  'It shows no commitment. Deliver it with its manifest.json, or name it (or its folder) so that it says actual or amortized.'
FROM groups
JOIN file_groups USING (group_name)
WHERE dataset = 'unclear'
GROUP BY group_name
UNION ALL
SELECT 'two files with the same number of rows and the same total', min(source_file), 'Cost', CAST(total AS VARCHAR), sum(source_rows),
  'They may be actual and amortized cost of the same charges: name each file so that it says actual or amortized.'
FROM groups
JOIN file_groups USING (group_name)
WHERE dataset = 'sole' AND total <> 0
GROUP BY source_rows, total
HAVING count(DISTINCT group_name) > 1
UNION ALL
SELECT 'fewer or more rows than the manifest says', min(source_file), 'dataRowCount', CAST(any_value(groups.promised_rows) AS VARCHAR), any_value(source_rows),
  'The delivery is not whole: wait for the next one, or export the month again.'
FROM groups
JOIN file_groups USING (group_name)
WHERE groups.promised_rows <> source_rows
GROUP BY group_name
UNION ALL
SELECT 'more than one currency in one delivery', min(source_file), 'BillingCurrency', string_agg(DISTINCT currency, ', ' ORDER BY currency), count(*),
  'A billing account is billed in one currency: configure one source per account.'
FROM staged
WHERE NOT is_blank
HAVING count(DISTINCT currency) > 1
UNION ALL
SELECT 'row of another billing period', source_file, 'BillingPeriodStartDate', CAST(CAST(billing_period_start AS DATE) AS VARCHAR), count(*),
  'One delivery holds one billing period: look at how the files were collected.'
FROM charges
WHERE billing_period_start <> getvariable('period_start')::TIMESTAMPTZ
GROUP BY source_file, billing_period_start;

-- Source values that no rule covers. Any row here stops the unit.
CREATE VIEW problems AS
SELECT problem, file, "column", value, count(*) AS source_rows, any_value(hint) AS hint
FROM problem_places
GROUP BY problem, file, "column", value
UNION ALL
SELECT problem, file, "column", value, source_rows, hint
FROM file_problems;

-- The rows that those problems are in, counted from 1 in each file. Only looked at when there is a problem.
CREATE VIEW problem_rows AS
SELECT problem, file, value, row_number
FROM problem_places
UNION ALL
SELECT 'row of another billing period', source_file, CAST(CAST(billing_period_start AS DATE) AS VARCHAR), row_number
FROM charges
UNION ALL
SELECT 'the value is no date', source_file, text, row_number
FROM staged_text
CROSS JOIN (VALUES (1), (2), (3)) AS places (place)
CROSS JOIN LATERAL (SELECT CASE place WHEN 1 THEN usage_date_text WHEN 2 THEN period_start_text ELSE period_end_text END AS text);

-- Where every source row went, and how many FOCUS rows came of it.
CREATE VIEW accounting AS
SELECT
  outcome,
  coalesce(reason, '') AS reason,
  CAST(count(*) AS BIGINT) AS source_rows,
  CAST(count(*) FILTER (outcome = 'kept') AS BIGINT) AS focus_rows,
  CAST(coalesce(sum(cost), 0) AS DECIMAL(38, 18)) AS source_cost
FROM classified
JOIN row_plan ON row_plan.plan_class = classified.class
GROUP BY outcome, reason;

-- Totals of the FOCUS rows worked out from the source alone: each dataset's own sum. Where one of the two is not
-- there, the rows that it would have brought are not known, and `warnings` says so.
CREATE VIEW controls AS
SELECT
  'BilledCost' AS measure,
  CASE WHEN (SELECT merging FROM settings) OR coalesce(bool_or(dataset = 'actual'), FALSE) THEN 'sum of actual cost'
    WHEN bool_or(dataset = 'amortized') THEN 'sum of amortized cost without what commitments cover'
    ELSE 'sum of cost' END AS basis,
  CAST(coalesce(sum(cost) FILTER (CASE WHEN (SELECT merging FROM settings) THEN dataset = 'actual' ELSE dataset = 'actual' OR NOT is_commitment END), 0) AS DECIMAL(38, 18)) AS expected
FROM staged
UNION ALL
SELECT
  'EffectiveCost',
  CASE WHEN bool_or(dataset = 'amortized') THEN 'sum of amortized cost'
    WHEN bool_or(dataset = 'actual') THEN 'sum of actual cost without the purchases of commitments'
    ELSE 'sum of cost' END,
  CAST(coalesce(sum(cost) FILTER (CASE WHEN (SELECT merging FROM settings) THEN dataset = 'amortized' ELSE dataset <> 'actual' OR NOT is_commitment END), 0) AS DECIMAL(38, 18))
FROM staged;

-- What the two datasets must say of one another: whatever no commitment covers is in both, at the same cost.
-- Azure writes the same digits in both, so nothing is allowed for rounding.
CREATE VIEW identities AS
SELECT
  'actual and amortized cost agree on what no commitment covers' AS identity,
  coalesce(subscription_id, '(no subscription)') || ' on ' || coalesce(CAST(usage_day AS VARCHAR), '(no date)') AS subject,
  coalesce(sum(cost) FILTER (dataset = 'actual'), 0) - coalesce(sum(cost) FILTER (dataset = 'amortized'), 0) AS difference,
  CAST(0 AS DECIMAL(38, 18)) AS tolerance
FROM staged
WHERE NOT is_commitment AND (SELECT merging FROM settings)
GROUP BY subscription_id, usage_day;

-- What was published all the same, and what the delivery cannot know.
CREATE VIEW warnings AS
SELECT warning, value, CAST(source_rows AS BIGINT) AS source_rows, hint
FROM (
  SELECT
    'only amortized cost was delivered' AS warning, '' AS value,
    count(*) FILTER (is_commitment AND dataset = 'amortized') AS source_rows,
    'What the commitments were bought for is not in BilledCost: deliver actual cost too.' AS hint
  FROM staged
  WHERE NOT (SELECT merging FROM settings)
  UNION ALL
  SELECT 'only actual cost was delivered', '', count(*) FILTER (is_commitment AND dataset = 'actual'),
    'What commitments cover has an EffectiveCost of 0, and what went unused is not known: deliver amortized cost too.'
  FROM staged
  WHERE NOT (SELECT merging FROM settings)
  UNION ALL
  SELECT 'costs with more than 18 decimals: rounded once', '', count(*) FILTER (cost_rounded), 'Each changed by 5e-19 at most.'
  FROM staged_text
  UNION ALL
  SELECT 'unit of measure not in the table: read by its number', measures.unit_of_measure, count(*), 'Report the unit.'
  FROM measures
  JOIN staged_text ON staged_text.unit_of_measure = measures.unit_of_measure
  WHERE NOT is_known AND block_size IS NOT NULL
  GROUP BY measures.unit_of_measure
  UNION ALL
  SELECT 'quantities count single units, not blocks', unit_of_measure || ' of ' || coalesce(meter_category, '(no category)'), tested_rows,
    'Told by price times quantity, which is the cost only so.'
  FROM quantity_tests
  WHERE unit_rows > block_rows
  UNION ALL
  SELECT 'cost is not price times quantity', unit_of_measure || ' of ' || coalesce(meter_category, '(no category)'),
    tested_rows - greatest(block_rows, unit_rows), 'ContractedCost is price times quantity, BilledCost what was charged.'
  FROM quantity_tests
  UNION ALL
  SELECT 'billed cost is not pricing cost times exchange rate', '', count(*), 'Both are as Azure wrote them.'
  FROM staged
  WHERE pricing_currency <> currency AND abs(cost_in_pricing_currency_double * exchange_rate_double - cost_double) > 1e-6 * greatest(1, abs(cost_double))
  UNION ALL
  SELECT 'commitment costs more than what it covers would have', '', count(*), 'The contracted price is below what the commitment cost.'
  FROM charges
  WHERE is_commitment AND charge_kind = 'usage' AND priced_cost > 0 AND priced_cost < cost
  UNION ALL
  SELECT 'service not in the table: Other', coalesce(worded.meter_category, worded.consumed_service, '(none)'), count(*),
    'Report the service.'
  FROM worded
  JOIN service_names
    ON service_names.consumed_service IS NOT DISTINCT FROM worded.consumed_service
    AND service_names.resource_type IS NOT DISTINCT FROM worded.resource_type
    AND service_names.meter_category IS NOT DISTINCT FROM worded.meter_category
    AND service_names.by_meter = ((is_commitment AND charge_kind <> 'usage') IS TRUE)
  WHERE service_names.service_name IS NULL AND NOT is_blank
  GROUP BY ALL
)
WHERE source_rows > 0;
