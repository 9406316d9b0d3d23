-- The first value, in the order of the file, that cannot be read as what its column holds. Only run after a failure.
-- Variables: amount_cells, instant_cells, object_cells (columns of this file that hold such values as text).
WITH
numbered AS (
  SELECT
    row_number() OVER () AS row_number,
    value_of_text(COLUMNS(c -> list_contains(getvariable('amount_cells'), c)
      OR list_contains(getvariable('instant_cells'), c) OR list_contains(getvariable('object_cells'), c))::VARCHAR)
  FROM raw
),
cells AS (
  UNPIVOT numbered ON COLUMNS(* EXCLUDE (row_number)) INTO NAME column_name VALUE value
)
SELECT row_number, column_name, value
FROM cells
WHERE CASE
  WHEN list_contains(getvariable('instant_cells'), column_name) THEN TRY_CAST(trim(value) AS TIMESTAMPTZ) IS NULL
  WHEN list_contains(getvariable('object_cells'), column_name) THEN NOT json_valid(value)
  ELSE TRY_CAST(trim(value) AS DECIMAL(38, 18)) IS NULL
END
ORDER BY row_number
LIMIT 1;
