-- What must hold before the rows of a FOCUS export are published: the same views as controls.sql.
CREATE VIEW problems AS
SELECT
  'unknown charge category' AS problem, source_file AS file, 'ChargeCategory' AS "column",
  coalesce(ChargeCategory, '') AS value, count(*) AS source_rows,
  'FOCUS knows Usage, Purchase, Tax, Credit and Adjustment: deliver the export again.' AS hint
FROM staged
WHERE coalesce(ChargeCategory, '') NOT IN ('Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment')
GROUP BY source_file, ChargeCategory
UNION ALL
SELECT 'no amount', source_file, 'BilledCost', '', count(*), 'Deliver the export again with this column filled.'
FROM staged
WHERE BilledCost IS NULL OR EffectiveCost IS NULL
GROUP BY source_file
UNION ALL
SELECT 'more than one currency in one bill', min(source_file), 'BillingCurrency',
  string_agg(DISTINCT BillingCurrency, ', ' ORDER BY BillingCurrency), count(*),
  'A payer account is billed in one currency: configure one source per export.'
FROM staged
HAVING count(DISTINCT BillingCurrency) > 1
UNION ALL
SELECT 'row of another billing period', source_file, 'BillingPeriodStart', CAST(BillingPeriodStart AS VARCHAR), count(*),
  'One delivery holds one billing period: look at how the files were collected.'
FROM staged
WHERE BillingPeriodStart IS DISTINCT FROM getvariable('period_start')::TIMESTAMPTZ
GROUP BY source_file, BillingPeriodStart;

CREATE VIEW problem_rows AS
SELECT 'unknown charge category' AS problem, source_file AS file, coalesce(ChargeCategory, '') AS value, row_number
FROM staged
WHERE coalesce(ChargeCategory, '') NOT IN ('Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment')
UNION ALL
SELECT 'no amount', source_file, '', row_number FROM staged WHERE BilledCost IS NULL OR EffectiveCost IS NULL
UNION ALL
SELECT 'row of another billing period', source_file, CAST(BillingPeriodStart AS VARCHAR), row_number
FROM staged
WHERE BillingPeriodStart IS DISTINCT FROM getvariable('period_start')::TIMESTAMPTZ;

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

-- What was kept but is worth a look.
CREATE VIEW warnings AS
SELECT 'costs with more than 18 decimals: rounded once' AS warning, '' AS value,
  count(*) FILTER (cost_rounded) AS source_rows, 'Each changed by 5e-19 at most.' AS hint
FROM staged;
