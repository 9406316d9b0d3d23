-- title: Sub accounts by region
-- question: Which sub accounts are at work in a region?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
-- param region: only this RegionId
SELECT
  ProviderName,
  RegionId,
  RegionName,
  SubAccountId,
  SubAccountName,
  BillingCurrency,
  sum(EffectiveCost) AS EffectiveCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND (getvariable('region') IS NULL OR RegionId = getvariable('region'))
GROUP BY ProviderName, RegionId, RegionName, SubAccountId, SubAccountName, BillingCurrency
ORDER BY EffectiveCost DESC, ProviderName, RegionId, RegionName, SubAccountId, SubAccountName, BillingCurrency
