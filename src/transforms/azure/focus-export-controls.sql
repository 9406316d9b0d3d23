-- What must hold before the rows of a FOCUS export are published: the same views as controls.sql.
CREATE VIEW problem_places AS
SELECT 'unknown charge category' AS problem, source_file AS file, 'ChargeCategory' AS "column", coalesce(ChargeCategory, '') AS value, row_number,
  'FOCUS knows Usage, Purchase, Tax, Credit and Adjustment: deliver the export again.' AS hint
FROM staged
WHERE coalesce(ChargeCategory, '') NOT IN ('Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment')
UNION ALL
SELECT 'no amount', source_file, 'BilledCost', '', row_number, 'Deliver the export again with this column filled.'
FROM staged
WHERE BilledCost IS NULL OR EffectiveCost IS NULL
UNION ALL
SELECT 'row of another billing period', source_file, 'BillingPeriodStart', CAST(CAST(BillingPeriodStart AS DATE) AS VARCHAR), row_number,
  'One delivery holds one billing period: look at how the files were collected.'
FROM staged
WHERE BillingPeriodStart IS DISTINCT FROM getvariable('period_start')::TIMESTAMPTZ;

CREATE VIEW problems AS
SELECT problem, file, "column", value, count(*) AS source_rows, any_value(hint) AS hint
FROM problem_places
GROUP BY problem, file, "column", value
UNION ALL
SELECT 'more than one currency in one delivery', min(source_file), 'BillingCurrency', string_agg(DISTINCT BillingCurrency, ', ' ORDER BY BillingCurrency), count(*),
  'A billing account is billed in one currency: configure one source per account.'
FROM staged
HAVING count(DISTINCT BillingCurrency) > 1
UNION ALL
SELECT 'fewer or more rows than the manifest says', min(source_file), 'dataRowCount', CAST(promised_rows AS VARCHAR), source_rows,
  'The delivery is not whole: wait for the next one, or export the month again.'
FROM (
  SELECT group_name, min(file_groups.source_file) AS source_file, any_value(promised_rows) AS promised_rows, count(staged.source_file) AS source_rows
  FROM file_groups
  LEFT JOIN staged ON staged.source_file = file_groups.source_file
  GROUP BY group_name
)
WHERE promised_rows <> source_rows
GROUP BY group_name, promised_rows, source_rows;

CREATE VIEW problem_rows AS
SELECT problem, file, value, row_number
FROM problem_places;

CREATE VIEW accounting AS
SELECT 'kept' AS outcome, '' AS reason, count(*) AS source_rows, count(*) AS focus_rows,
  CAST(coalesce(sum(BilledCost), 0) AS DECIMAL(38, 18)) AS source_cost
FROM staged;

CREATE VIEW controls AS
SELECT 'BilledCost' AS measure, 'sum of the export''s BilledCost' AS basis,
  CAST(coalesce(sum(BilledCost), 0) AS DECIMAL(38, 18)) AS expected
FROM staged
UNION ALL
SELECT 'EffectiveCost', 'sum of the export''s EffectiveCost', CAST(coalesce(sum(EffectiveCost), 0) AS DECIMAL(38, 18))
FROM staged;

-- A FOCUS export repeats no amount in two places, so there is nothing to hold against each other.
CREATE VIEW identities AS
SELECT '' AS identity, '' AS subject, CAST(0 AS DECIMAL(38, 18)) AS difference, CAST(0 AS DECIMAL(38, 18)) AS tolerance
WHERE FALSE;

CREATE VIEW warnings AS
SELECT 'costs with more than 18 decimals: rounded once' AS warning, '' AS value,
  count(*) FILTER (cost_rounded) AS source_rows, 'Each changed by 5e-19 at most.' AS hint
FROM staged;
