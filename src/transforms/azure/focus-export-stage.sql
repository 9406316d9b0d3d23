-- Azure's own FOCUS export → typed rows: its columns and values as they are, numbers as the decimals they stand for.
-- `raw` holds every FOCUS column (absent ones as NULL) and the x_ columns that Azure adds.
--
-- Variables: file_names (path → the name people know a file by), decimal_columns, datetime_columns, json_columns,
-- text_columns (names of FOCUS columns by type), issuer_columns / issuer_names (columns that are neither FOCUS nor ours).
WITH
typed AS (
  SELECT
    filename,
    row_number() OVER () AS row_number,
    amount_of(COLUMNS(c -> list_contains(getvariable('decimal_columns'), c))),
    utc_time_of(COLUMNS(c -> list_contains(getvariable('datetime_columns'), c))),
    flat_object(object_text(COLUMNS(c -> list_contains(getvariable('json_columns'), c)))),
    trimmed(COLUMNS(c -> list_contains(getvariable('text_columns'), c))),
    trimmed(COLUMNS(c -> list_contains(getvariable('issuer_columns'), c))),
    loses_digits(BilledCost) OR loses_digits(EffectiveCost) AS cost_rounded
  FROM raw
)

SELECT
  typed.* EXCLUDE (filename),
  getvariable('file_names')[filename] AS source_file,
  object_of_columns(getvariable('issuer_names'), [*COLUMNS(c -> list_contains(getvariable('issuer_columns'), c))]) AS issuer_columns
FROM typed;
