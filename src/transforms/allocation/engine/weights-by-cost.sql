-- What each target and pool has of one cost: by assignment alone, or with what the splits so far gave it. A part
-- that rests with an owner for a reason was not caused by the owner and weighs nothing.
WITH
  direct AS (
    SELECT
      target,
      pool,
      currency,
      charged_at,
      weighs_for,
      CASE $column
        WHEN 'BilledCost' THEN billed_cost
        WHEN 'EffectiveCost' THEN effective_cost
        WHEN 'ListCost' THEN list_cost
        WHEN 'ContractedCost' THEN contracted_cost
      END AS cost
    FROM placed
  ),
  prior AS (
    SELECT
      routes.target,
      routes.pool,
      placed.currency,
      placed.charged_at,
      placed.weighs_for,
      CASE $column
        WHEN 'BilledCost' THEN parts.billed_cost
        WHEN 'EffectiveCost' THEN parts.effective_cost
        WHEN 'ListCost' THEN parts.list_cost
        WHEN 'ContractedCost' THEN parts.contracted_cost
      END AS cost
    FROM parts
    JOIN routes USING (route_id)
    JOIN placed USING (source, origin_row)
    WHERE $with_prior AND routes.from_route IS NOT NULL AND routes.reason IS NULL
  ),
  weighing AS (
    SELECT * FROM direct
    UNION ALL
    SELECT * FROM prior
  )
SELECT
  target,
  pool,
  NULL AS key,
  NULL AS match,
  currency,
  CASE $grain WHEN 'month' THEN NULL ELSE date_trunc($grain, charged_at) END AS bucket,
  sum(cost) AS weight
FROM weighing
WHERE NOT $on_condition OR list_contains(weighs_for, $split)
GROUP BY ALL
ORDER BY ALL;
