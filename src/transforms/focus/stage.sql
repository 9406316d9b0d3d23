-- A FOCUS file of any version → one typed row per source row, with the columns of every FOCUS version (absent ones
-- NULL), and how many of its values each repair touched. No join: the rows keep the order of the file.
--
-- Variables: source_file, read_as (FOCUS 1.2); decimal_columns, datetime_columns, json_columns, text_columns (names of
-- FOCUS columns by type); extension_columns (x_ columns of ours); issuer_columns, issuer_names (the issuer's own);
-- text_cells, time_cells, number_cells, double_cells (columns of this file that hold text, times as text, numbers as
-- text, numbers as doubles).
WITH
cleaned AS (
  SELECT
    row_number() OVER () AS row_number,
    -- Text is cleaned before it is parsed: macros that parse name their argument many times.
    value_of_text(COLUMNS(c -> list_contains(getvariable('text_cells'), c))),
    COLUMNS(c -> NOT list_contains(getvariable('text_cells'), c)),
    [*COLUMNS(c -> list_contains(getvariable('text_cells'), c))] AS text_values,
    [*COLUMNS(c -> list_contains(getvariable('time_cells'), c))] AS time_values,
    list_filter([*COLUMNS(c -> list_contains(getvariable('number_cells'), c))], x -> is_long_number(x)) AS long_numbers,
    list_filter([*COLUMNS(c -> list_contains(getvariable('double_cells'), c))], x -> is_long_number(x::VARCHAR)) AS long_doubles
  FROM raw
),

typed AS (
  SELECT
    row_number,
    amount_of(COLUMNS(c -> list_contains(getvariable('decimal_columns'), c))),
    time_of(COLUMNS(c -> list_contains(getvariable('datetime_columns'), c))),
    json_value(COLUMNS(c -> list_contains(getvariable('json_columns'), c))),
    CAST(COLUMNS(c -> list_contains(getvariable('text_columns'), c)) AS VARCHAR),
    CAST(COLUMNS(c -> list_contains(getvariable('extension_columns'), c)) AS VARCHAR),
    CAST(line_number AS VARCHAR) AS line_number,
    json_value(x_IssuerColumns) AS issuer_columns_before,
    issuer_value(COLUMNS(c -> list_contains(getvariable('issuer_columns'), c))),
    met(list_transform(text_values, x -> is_null_text(x)::INTEGER)) AS null_texts,
    met(list_transform(text_values, x -> is_blank_text(x)::INTEGER)) AS blank_texts,
    met(list_transform(time_values, x -> (value_of_text(x) IS NOT NULL AND NOT is_focus_time(x))::INTEGER)) AS other_times,
    met(list_transform(long_numbers, x -> is_float_noise(x)::INTEGER))
      + met(list_transform(long_doubles, x -> is_float_noise(x::VARCHAR)::INTEGER)) AS float_noise,
    met(list_transform(long_numbers, x -> loses_digits(x)::INTEGER))
      + met(list_transform(long_doubles, x -> loses_digits(x)::INTEGER)) AS rounded_amounts
  FROM cleaned
)

SELECT
  typed.* EXCLUDE (issuer_columns_before),
  getvariable('source_file') AS source_file,
  getvariable('read_as') AS read_as,
  -- A month that starts at midnight in the issuer's own time zone is up to 14 hours away from the month in UTC.
  strftime(BillingPeriodStart + INTERVAL 14 HOUR, '%Y-%m') AS billing_month,
  json_merge_patch(
    coalesce(issuer_columns_before, '{}'),
    coalesce(issuer_object(getvariable('issuer_names'), [*COLUMNS(c -> list_contains(getvariable('issuer_columns'), c))]), '{}')
  )::VARCHAR AS issuer_columns
FROM typed;
