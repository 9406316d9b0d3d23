-- Rows that were loaded more than once: all but the first. Two rows that differ in export_time are two rows. A
-- digest of the whole row finds them; what is compared beside it leaves nothing to chance.
CREATE TABLE copies AS
WITH
repeated AS (
  SELECT row_digest
  FROM staged
  GROUP BY row_digest
  HAVING count(*) > 1
),
counted AS (
  SELECT
    line_id,
    row_number() OVER (
      PARTITION BY row_digest, sku_id, project_id, resource_id, usage_start, usage_end, export_time, usage_amount, cost, all_credits, tags
      ORDER BY line_id
    ) AS occurrence
  FROM staged
  SEMI JOIN repeated USING (row_digest)
)
SELECT line_id
FROM counted
WHERE occurrence > 1;
