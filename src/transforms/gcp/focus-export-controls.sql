-- What must hold before the rows of a FOCUS export are published: the same views as controls.sql.
CREATE VIEW problem_rows AS
SELECT 'unknown charge category' AS problem, source_file AS file, 'ChargeCategory' AS "column", coalesce(ChargeCategory, '') AS value, row_number,
  'FOCUS knows Usage, Purchase, Tax, Credit and Adjustment: deliver the export again.' AS hint
FROM bill
WHERE coalesce(ChargeCategory, '') NOT IN ('Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment')
UNION ALL
SELECT 'no amount', source_file, 'BilledCost', '', row_number, 'Deliver the export again with this column filled.'
FROM bill
WHERE BilledCost IS NULL OR EffectiveCost IS NULL
UNION ALL
SELECT 'no billing period', source_file, 'BillingPeriodStart', '', row_number, 'Deliver the export again with this column filled.'
FROM bill
WHERE BillingPeriodStart IS NULL;

CREATE VIEW problems AS
SELECT problem, file, "column", value, count(*) AS source_rows, hint
FROM problem_rows
GROUP BY problem, file, "column", value, hint
UNION ALL
SELECT 'more than one currency in one bill', min(source_file), 'BillingCurrency',
  string_agg(DISTINCT BillingCurrency, ', ' ORDER BY BillingCurrency), count(*),
  'A billing account is billed in one currency: configure one source per billing account.'
FROM bill
HAVING count(DISTINCT BillingCurrency) > 1;

CREATE VIEW warnings AS
SELECT 'rows loaded more than once: kept once' AS warning, '' AS value, (SELECT count(*) FROM staged) - count(*) AS source_rows,
  'Look at what loads the export: the same rows arrived again.' AS hint
FROM bill
HAVING (SELECT count(*) FROM staged) > count(*);

CREATE VIEW accounting AS
SELECT 'kept' AS outcome, '' AS reason, count(*) AS source_rows, count(*) AS focus_rows,
  CAST(coalesce(sum(BilledCost), 0) AS DECIMAL(38, 18)) AS source_cost
FROM bill
UNION ALL
SELECT 'dropped', 'row loaded more than once', count(*), 0, CAST(coalesce(sum(BilledCost), 0) AS DECIMAL(38, 18))
FROM staged
ANTI JOIN bill USING (line_id)
HAVING count(*) > 0;

CREATE VIEW controls AS
SELECT 'BilledCost' AS measure, 'sum of the export''s BilledCost' AS basis, CAST(coalesce(sum(BilledCost), 0) AS DECIMAL(38, 18)) AS expected
FROM bill
UNION ALL
SELECT 'EffectiveCost', 'sum of the export''s EffectiveCost', CAST(coalesce(sum(EffectiveCost), 0) AS DECIMAL(38, 18))
FROM bill;

-- A FOCUS export repeats no amount in two places, so there is nothing to hold against each other.
CREATE VIEW identities AS
SELECT '' AS identity, '' AS subject, CAST(0 AS DECIMAL(38, 18)) AS difference, CAST(0 AS DECIMAL(38, 18)) AS tolerance
WHERE FALSE;
