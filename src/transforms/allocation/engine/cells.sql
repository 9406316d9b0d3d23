-- Charges that no split tells apart share a cell: the same rules hold, in the same hour or day, in one currency,
-- with the same values where splits match by them. What no split ahead asks for is left out.
CREATE TABLE pooled AS
SELECT
  placed.* EXCLUDE (charged_at, match_values),
  list_max(list_filter(getvariable('turning_days'), lambda day: day::DATE <= charged_at))::DATE AS first_day,
  CASE pool_needs.grain
    WHEN 'hour' THEN date_trunc('hour', charged_at)
    WHEN 'day' THEN date_trunc('day', charged_at)
  END AS bucket,
  list_transform(
    match_values,
    lambda value, position: CASE WHEN list_contains(pool_needs.match_columns, position) THEN value END
  ) AS match_values
FROM placed
JOIN pool_needs USING (pool);

INSERT INTO cells BY NAME
WITH distinct_cells AS (SELECT DISTINCT first_day, bucket, currency, match_values FROM pooled)
SELECT
  row_number() OVER (ORDER BY first_day, bucket, currency, match_values) AS cell_id,
  *
FROM distinct_cells;
