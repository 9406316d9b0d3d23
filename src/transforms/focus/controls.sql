-- What must hold before the rows are published, and what became of each source row.
CREATE VIEW problem_places AS
SELECT 'unknown charge category' AS problem, source_file AS file, 'ChargeCategory' AS "column", coalesce(ChargeCategory, '') AS value, row_number,
  'FOCUS knows Usage, Purchase, Tax, Credit and Adjustment: have the issuer deliver the file again.' AS hint
FROM staged
WHERE coalesce(ChargeCategory, '') NOT IN ('Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment')
UNION ALL
SELECT 'no amount', source_file, CASE WHEN BilledCost IS NULL THEN 'BilledCost' ELSE 'EffectiveCost' END, '', row_number,
  'FOCUS wants both costs on every row: have the issuer deliver the file again.'
FROM staged
WHERE BilledCost IS NULL OR EffectiveCost IS NULL
UNION ALL
SELECT 'no currency', source_file, 'BillingCurrency', '', row_number, 'An amount without a currency adds up to nothing: have the issuer deliver the file again.'
FROM staged
WHERE BillingCurrency IS NULL
UNION ALL
SELECT 'no billing period', source_file, 'BillingPeriodStart', '', row_number, 'FOCUS wants it on every row: have the issuer deliver the file again.'
FROM staged
WHERE billing_month IS NULL
UNION ALL
SELECT 'row of another billing period than the folder says', source_file, 'BillingPeriodStart', CAST(CAST(BillingPeriodStart AS DATE) AS VARCHAR), row_number,
  'Look at how the files were collected: a folder named for a billing period holds that one alone.'
FROM staged
WHERE billing_month <> getvariable('period');

CREATE VIEW problems AS
SELECT problem, file, "column", value, count(*) AS source_rows, any_value(hint) AS hint
FROM problem_places
GROUP BY problem, file, "column", value;

CREATE VIEW problem_rows AS
SELECT problem, file, value, row_number
FROM problem_places;

CREATE VIEW accounting AS
SELECT 'kept' AS outcome, 'read as ' || read_as AS reason, count(*) AS source_rows, count(*) AS focus_rows,
  CAST(sum(BilledCost) AS DECIMAL(38, 18)) AS source_cost
FROM staged
GROUP BY read_as
UNION ALL
SELECT 'dropped', 'of another billing period: published with it', count(*), 0, CAST(sum(BilledCost) AS DECIMAL(38, 18))
FROM everything_staged
WHERE billing_month <> getvariable('period') AND list_contains(getvariable('shared_files'), source_file)
HAVING count(*) > 0;

CREATE VIEW controls AS
SELECT 'BilledCost' AS measure, 'sum of the files'' BilledCost' AS basis,
  CAST(coalesce(sum(BilledCost), 0) AS DECIMAL(38, 18)) AS expected
FROM staged
UNION ALL
SELECT 'EffectiveCost', 'sum of the files'' EffectiveCost', CAST(coalesce(sum(EffectiveCost), 0) AS DECIMAL(38, 18))
FROM staged;

-- A FOCUS file repeats no amount in two places, so there is nothing to hold against each other.
CREATE VIEW identities AS
SELECT '' AS identity, '' AS subject, CAST(0 AS DECIMAL(38, 18)) AS difference, CAST(0 AS DECIMAL(38, 18)) AS tolerance
WHERE FALSE;

-- Each repair by its name, with the values and the rows that it touched, and what of a file's columns is not FOCUS.
CREATE VIEW warnings AS
SELECT 'literal NULL' AS warning, sum(null_texts) || ' values' AS value, count(*) FILTER (null_texts > 0) AS source_rows,
  'Read as no value.' AS hint
FROM staged
UNION ALL
SELECT 'empty text', sum(blank_texts) || ' values', count(*) FILTER (blank_texts > 0), 'Read as no value.'
FROM staged
UNION ALL
SELECT 'time not written as in 2025-01-31T23:00:00Z', sum(other_times) || ' values', count(*) FILTER (other_times > 0),
  'Read as UTC where it names no time zone.'
FROM staged
UNION ALL
SELECT 'float noise', sum(float_noise) || ' values', count(*) FILTER (float_noise > 0),
  'Amounts of 16 or 17 digits, as doubles print them: kept to the digit, so that totals are the issuer''s.'
FROM staged
UNION ALL
SELECT 'amounts with more than 18 decimals', sum(rounded_amounts) || ' values', count(*) FILTER (rounded_amounts > 0),
  'Rounded once: each changed by 5e-19 at most.'
FROM staged
UNION ALL
SELECT finding, file_findings.value, count(*), any_value(file_findings.hint)
FROM file_findings
JOIN staged ON staged.source_file = file_findings.file
GROUP BY finding, file_findings.value;
