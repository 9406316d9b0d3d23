-- The first value, in file order, that cannot be read as what its column holds. Only run after a failure.
-- Variables: file_names, amount_columns, object_columns (names in `raw` whose type is text).
WITH
numbered AS (
  SELECT
    filename,
    row_number() OVER () AS row_number,
    COLUMNS(c -> list_contains(getvariable('amount_columns'), c) OR list_contains(getvariable('object_columns'), c))::VARCHAR
  FROM raw
),
cells AS (
  UNPIVOT numbered ON COLUMNS(* EXCLUDE (filename, row_number)) INTO NAME column_name VALUE value
)
SELECT getvariable('file_names')[filename] AS file, row_number, column_name, value
FROM cells
WHERE trim(value) <> '' AND CASE
  WHEN list_contains(getvariable('object_columns'), column_name) THEN coalesce(json_type(CASE WHEN json_valid(braced(value)) THEN braced(value) END), '') <> 'OBJECT'
  ELSE TRY_CAST(value AS DECIMAL(38, 18)) IS NULL
END
ORDER BY row_number
LIMIT 1;
