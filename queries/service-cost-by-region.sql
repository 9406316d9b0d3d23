-- title: Service costs by region
-- question: Where is each service paid for?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
SELECT
  ProviderName,
  RegionId,
  RegionName,
  ServiceName,
  BillingCurrency,
  sum(EffectiveCost) AS EffectiveCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
GROUP BY ProviderName, RegionId, RegionName, ServiceName, BillingCurrency
ORDER BY EffectiveCost DESC, ProviderName, RegionId, RegionName, ServiceName, BillingCurrency
