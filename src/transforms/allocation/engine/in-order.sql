-- The parts of one source in the order of their charges, then of target and way. Only these slim rows are sorted: the
-- charges lie in order already, and each is repeated for its parts beside them. Variables: ordered_source.
CREATE OR REPLACE TABLE ordered_parts AS
WITH
  ranked AS (
    SELECT
      route_id,
      row_number() OVER (ORDER BY target, pool_path, rule_ids, reason NULLS FIRST, held) AS place
    FROM routes
  )
SELECT final_parts.* EXCLUDE (source)
FROM final_parts
JOIN ranked USING (route_id)
WHERE source = getvariable('ordered_source')
ORDER BY origin_row, place;

CREATE OR REPLACE TABLE part_counts AS
SELECT origin_row AS counted_row, count(*) AS part_count
FROM ordered_parts
GROUP BY counted_row
ORDER BY counted_row;

CREATE OR REPLACE VIEW charge_parts_in_order AS
WITH
  of_source AS (SELECT * FROM known_charges WHERE source = getvariable('ordered_source')),
  repeated AS (
    SELECT * EXCLUDE (counted_row, part_count), unnest(range(part_count)) AS copy
    FROM of_source
    POSITIONAL JOIN part_counts
  )
SELECT repeated.* EXCLUDE (copy), ordered_parts AS part
FROM repeated
POSITIONAL JOIN ordered_parts
WHERE CASE WHEN x_OriginRow = origin_row THEN TRUE ELSE error('the charges are not in order') END;
