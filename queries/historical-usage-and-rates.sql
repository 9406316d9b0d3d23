-- title: Usage and rates for forecasts
-- question: How much of each SKU did we use, and at what average rate?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
SELECT
  ProviderName,
  ServiceName,
  SkuId,
  SkuPriceId,
  RegionId,
  PricingUnit,
  BillingCurrency,
  sum(PricingQuantity) AS PricingQuantity,
  sum(EffectiveCost) AS EffectiveCost,
  sum(EffectiveCost) / nullif(sum(PricingQuantity), 0) AS AverageRate
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND ChargeCategory = 'Usage'
  AND SkuId IS NOT NULL
GROUP BY ProviderName, ServiceName, SkuId, SkuPriceId, RegionId, PricingUnit, BillingCurrency
ORDER BY EffectiveCost DESC, SkuPriceId, RegionId
