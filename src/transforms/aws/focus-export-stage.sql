-- AWS's own FOCUS export → FOCUS rows of ours: its columns and values as they are, with doubles re-typed to the
-- decimals they stand for. `raw` holds every FOCUS column (absent ones as NULL) and the x_ columns AWS adds.
--
-- Variables: file_names (path → the name people know a file by), decimal_columns, datetime_columns, json_columns, text_columns (names of FOCUS columns by type),
-- issuer_columns / issuer_names (columns that are neither FOCUS nor in our list of x_ columns).
WITH
typed AS (
  SELECT
    filename,
    row_number() OVER () AS row_number,
    (loses_digits(BilledCost) OR loses_digits(EffectiveCost)) AS cost_rounded,
    amount_of(COLUMNS(c -> list_contains(getvariable('decimal_columns'), c))),
    time_of(COLUMNS(c -> list_contains(getvariable('datetime_columns'), c))),
    json_of(COLUMNS(c -> list_contains(getvariable('json_columns'), c))),
    text_of(COLUMNS(c -> list_contains(getvariable('text_columns'), c))),
    text_of(x_Operation) AS x_Operation,
    text_of(x_UsageType) AS x_UsageType,
    text_of(x_ServiceCode) AS x_ServiceCode,
    json_of(x_CostCategories) AS x_CostCategories,
    to_json(COLUMNS(c -> list_contains(getvariable('issuer_columns'), c)))::VARCHAR
  FROM raw
)

SELECT
  typed.* EXCLUDE (filename),
  getvariable('file_names')[filename] AS source_file,
  object_of_json(getvariable('issuer_names'), [*COLUMNS(c -> list_contains(getvariable('issuer_columns'), c))]) AS issuer_columns
FROM typed;
