-- How much each target and pool consumed of one unit, over all currencies.
SELECT
  target,
  pool,
  NULL AS key,
  NULL AS match,
  NULL AS currency,
  CASE $grain WHEN 'month' THEN NULL ELSE date_trunc($grain, charged_at) END AS bucket,
  sum(consumed_quantity) AS weight
FROM placed
WHERE consumed_unit = $unit AND (NOT $on_condition OR list_contains(weighs_for, $split))
GROUP BY ALL
ORDER BY ALL;
