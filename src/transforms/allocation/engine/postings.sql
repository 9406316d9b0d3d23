-- Every step of every charge: what a split gave from a pool to a pool or a target, or left with the pool's owner.
CREATE VIEW postings AS
SELECT
  parts.source,
  parts.origin_row,
  parts.origin_version,
  parts.route_id,
  routes.from_route,
  routes.from_pool,
  routes.pool AS to_pool,
  routes.target AS to_target,
  routes.rule,
  routes.driver,
  routes.weight_numerator,
  routes.weight_denominator,
  routes.reason,
  routes.fallback_used,
  parts.billed_cost,
  parts.effective_cost,
  parts.list_cost,
  parts.contracted_cost,
  parts.consumed_quantity,
  parts.pricing_quantity
FROM parts
JOIN routes USING (route_id)
WHERE routes.from_route IS NOT NULL;
