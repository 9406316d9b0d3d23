-- title: Components of a resource
-- question: What is a resource billed for?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
-- param resource: the ResourceId; required
SELECT
  ResourceId,
  ResourceName,
  ResourceType,
  ChargeDescription,
  SkuId,
  BillingCurrency,
  sum(EffectiveCost) AS EffectiveCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND ResourceId = getvariable('resource')
GROUP BY ResourceId, ResourceName, ResourceType, ChargeDescription, SkuId, BillingCurrency
ORDER BY EffectiveCost DESC, ResourceId, ResourceName, ResourceType, ChargeDescription, SkuId, BillingCurrency
