-- The charges in pools, whole: what the first splits split.
INSERT INTO parts BY NAME
SELECT
  pooled.source,
  pooled.origin_row,
  pooled.origin_version,
  cells.cell_id,
  entry_routes.route_id,
  pooled.billed_cost,
  pooled.effective_cost,
  pooled.list_cost,
  pooled.contracted_cost,
  pooled.consumed_quantity,
  pooled.pricing_quantity
FROM pooled
JOIN cells
  ON cells.first_day = pooled.first_day
  AND cells.currency = pooled.currency
  AND cells.bucket IS NOT DISTINCT FROM pooled.bucket
  AND cells.match_values IS NOT DISTINCT FROM pooled.match_values
JOIN entry_routes
  ON entry_routes.pool = pooled.pool
  AND entry_routes.rule IS NOT DISTINCT FROM pooled.rule
  AND entry_routes.reason IS NOT DISTINCT FROM pooled.reason;

DROP TABLE pooled;
