-- The first value, in file order, that cannot be read as what its column holds. Only run after a failure.
-- Variables: file_names, amount_columns, time_columns, map_columns (names in `raw` whose type is text).
WITH
numbered AS (
  SELECT
    filename,
    row_number() OVER () AS row_number,
    COLUMNS(c -> list_contains(getvariable('amount_columns'), c)
      OR list_contains(getvariable('time_columns'), c) OR list_contains(getvariable('map_columns'), c))::VARCHAR
  FROM raw
),
cells AS (
  UNPIVOT numbered ON COLUMNS(* EXCLUDE (filename, row_number)) INTO NAME column_name VALUE value
)
SELECT getvariable('file_names')[cells.filename] AS file, cells.row_number - first_rows.before AS row_number, column_name, value
FROM cells
JOIN (SELECT filename, min(row_number) - 1 AS before FROM numbered GROUP BY filename) AS first_rows
  ON first_rows.filename = cells.filename
WHERE value <> '' AND CASE
  WHEN list_contains(getvariable('time_columns'), column_name) THEN TRY_CAST(value AS TIMESTAMPTZ) IS NULL
  WHEN list_contains(getvariable('map_columns'), column_name) THEN NOT json_valid(value)
  ELSE TRY_CAST(value AS DECIMAL(38, 18)) IS NULL
END
ORDER BY cells.row_number
LIMIT 1;
