-- title: Compute services of sub accounts
-- question: Which compute services does each sub account pay for?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
-- param sub-account: only this SubAccountId
SELECT
  ProviderName,
  SubAccountId,
  SubAccountName,
  ServiceName,
  BillingCurrency,
  sum(EffectiveCost) AS EffectiveCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND ServiceCategory = 'Compute'
  AND (getvariable('sub-account') IS NULL OR SubAccountId = getvariable('sub-account'))
GROUP BY ProviderName, SubAccountId, SubAccountName, ServiceName, BillingCurrency
ORDER BY EffectiveCost DESC, ProviderName, SubAccountId, SubAccountName, ServiceName, BillingCurrency
