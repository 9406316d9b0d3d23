-- The charges that the parts of a target come from, by source, sub account and service. Reads: allocated.
-- Parameters: period, target.
SELECT
  BillingCurrency AS currency,
  x_PoolPath AS pools,
  x_RuleIds AS rules,
  x_AllocationReason AS reason,
  x_FallbackUsed AS fallback,
  source,
  coalesce(any_value(SubAccountName), SubAccountId, '') AS sub_account,
  ServiceName AS service,
  count(*) AS charges,
  sum(BilledCost) AS billed,
  sum(EffectiveCost) AS effective,
  min(x_OriginRow) AS first_row
FROM allocated
WHERE billing_period = $period AND x_Target = $target
GROUP BY BillingCurrency, x_PoolPath, x_RuleIds, x_AllocationReason, x_FallbackUsed, source, SubAccountId, ServiceName
ORDER BY effective DESC, source, sub_account, service;
