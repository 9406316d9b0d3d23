-- The occasions of the pools that are split now: each way that a part came, and each cell.
SELECT DISTINCT
  parts.route_id,
  parts.cell_id,
  routes.pool,
  cells.first_day,
  cells.bucket,
  cells.currency,
  cells.match_values
FROM parts
JOIN routes USING (route_id)
JOIN cells USING (cell_id)
WHERE list_contains($pools::VARCHAR[], routes.pool)
ORDER BY parts.route_id, parts.cell_id;
