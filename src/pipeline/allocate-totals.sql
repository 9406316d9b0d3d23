-- What each target has, by currency and reason. Reads: totalled.
SELECT
  x_Target AS target,
  coalesce(any_value(x_TargetName), x_Target) AS name,
  BillingCurrency AS currency,
  x_AllocationReason AS reason,
  sum(BilledCost) AS billed,
  sum(EffectiveCost) AS effective
FROM totalled
GROUP BY x_Target, BillingCurrency, x_AllocationReason
ORDER BY target, currency, reason;
