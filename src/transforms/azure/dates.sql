-- How each file writes its dates. Exports write 09/02/2023, 9/2/2023, 2023-09-02 or 02.09.2023, and 9/2/2023 is
-- 2 September in one export and 9 February in another. A format is chosen once for a file and proven by all of its dates;
-- where the file alone cannot tell day from month, its billing period may; else the file is refused.
--
-- Variables: staged_files, period_start.
CREATE VIEW staged_text AS
SELECT * EXCLUDE (file_row_number)
FROM staged_rows;

CREATE TABLE date_texts AS
WITH
texts AS (
  SELECT source_file, 'usage_date' AS column_name, usage_date_text AS text FROM staged_text
  UNION
  SELECT source_file, 'billing_period_start', period_start_text FROM staged_text
  UNION
  SELECT source_file, 'billing_period_end', period_end_text FROM staged_text
)
SELECT
  source_file,
  column_name,
  text,
  CASE
    WHEN regexp_matches(text, '^\d{4}-\d{2}-\d{2}([T ][\d:.]+(Z|[+-]\d{2}(:?\d{2})?)?)?$') THEN 'year-month-day'
    WHEN regexp_matches(text, '^\d{8}$') THEN 'yearmonthday'
    WHEN regexp_matches(text, '^\d{1,2}/\d{1,2}/\d{4}( [\d:]+( [AP]M)?)?$') THEN 'slashes'
    WHEN regexp_matches(text, '^\d{1,2}\.\d{1,2}\.\d{4}( [\d:]+)?$') THEN 'day.month.year'
    ELSE 'unreadable'
  END AS form,
  split_part(split_part(text, ' ', 1), 'T', 1) AS day_text,
  try_strptime(split_part(text, ' ', 1), '%m/%d/%Y')::DATE AS month_first,
  try_strptime(split_part(text, ' ', 1), '%d/%m/%Y')::DATE AS day_first
FROM texts
WHERE text IS NOT NULL;

CREATE TABLE date_formats AS
WITH
readings AS (
  SELECT
    source_file,
    count(DISTINCT form) AS forms,
    any_value(form) AS form,
    bool_and(month_first IS NOT NULL) AS can_be_month_first,
    bool_and(day_first IS NOT NULL) AS can_be_day_first,
    coalesce(bool_and(month_first = day_first), FALSE) AS no_difference,
    coalesce(bool_and(date_trunc('month', month_first) = getvariable('period_start')::DATE), FALSE) AS month_first_in_period,
    coalesce(bool_and(date_trunc('month', day_first) = getvariable('period_start')::DATE), FALSE) AS day_first_in_period
  FROM date_texts
  GROUP BY source_file
)
SELECT
  source_file,
  CASE
    WHEN forms > 1 THEN 'mixed'
    WHEN form <> 'slashes' THEN form
    WHEN can_be_month_first AND NOT can_be_day_first THEN 'month/day/year'
    WHEN can_be_day_first AND NOT can_be_month_first THEN 'day/month/year'
    WHEN NOT can_be_month_first THEN 'mixed'
    WHEN no_difference THEN 'month/day/year'
    WHEN month_first_in_period AND NOT day_first_in_period THEN 'month/day/year'
    WHEN day_first_in_period AND NOT month_first_in_period THEN 'day/month/year'
    ELSE 'ambiguous'
  END AS format
FROM readings;

CREATE TABLE days AS
SELECT DISTINCT
  source_file,
  text,
  CASE format
    WHEN 'year-month-day' THEN try_strptime(day_text, '%Y-%m-%d')
    WHEN 'yearmonthday' THEN try_strptime(day_text, '%Y%m%d')
    WHEN 'day.month.year' THEN try_strptime(day_text, '%d.%m.%Y')
    WHEN 'month/day/year' THEN month_first::TIMESTAMP
    WHEN 'day/month/year' THEN day_first::TIMESTAMP
  END::DATE AS day
FROM date_texts
JOIN date_formats USING (source_file);
