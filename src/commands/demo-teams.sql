-- What each target owes of a month, and how it came by it. Reads: allocated. Parameter: period.
SELECT
  x_Target AS target,
  any_value(x_TargetName) AS name,
  BillingCurrency AS currency,
  coalesce(sum(EffectiveCost) FILTER (x_PoolPath = '[]'), 0) AS direct,
  coalesce(sum(EffectiveCost) FILTER (x_PoolPath <> '[]' AND x_AllocationReason IS NULL), 0) AS shared,
  coalesce(sum(EffectiveCost) FILTER (x_AllocationReason IS NOT NULL), 0) AS resting,
  sum(EffectiveCost) AS total
FROM allocated
WHERE billing_period = $period
GROUP BY x_Target, BillingCurrency
ORDER BY currency, total DESC;
