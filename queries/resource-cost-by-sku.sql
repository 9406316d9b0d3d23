-- title: Resource costs by SKU
-- question: Which SKUs make a resource expensive?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
-- param resource: only this ResourceId
SELECT
  ProviderName,
  ResourceId,
  ResourceName,
  SkuId,
  PricingUnit,
  BillingCurrency,
  sum(EffectiveCost) AS EffectiveCost,
  sum(PricingQuantity) AS PricingQuantity
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND ResourceId IS NOT NULL
  AND (getvariable('resource') IS NULL OR ResourceId = getvariable('resource'))
GROUP BY ProviderName, ResourceId, ResourceName, SkuId, PricingUnit, BillingCurrency
ORDER BY EffectiveCost DESC, ProviderName, ResourceId, ResourceName, SkuId, PricingUnit, BillingCurrency
