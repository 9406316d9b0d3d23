-- title: Metered costs of SKUs
-- question: Which SKUs cost most, at which list price?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
-- param sku: only this SkuId
SELECT
  ProviderName,
  SkuId,
  SkuPriceId,
  SkuMeter,
  PricingUnit,
  ListUnitPrice,
  BillingCurrency,
  sum(PricingQuantity) AS PricingQuantity,
  sum(ListCost) AS ListCost,
  sum(EffectiveCost) AS EffectiveCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND (getvariable('sku') IS NULL OR SkuId = getvariable('sku'))
GROUP BY ProviderName, SkuId, SkuPriceId, SkuMeter, PricingUnit, ListUnitPrice, BillingCurrency
ORDER BY EffectiveCost DESC, SkuPriceId, SkuMeter, ListUnitPrice
