-- title: Accuracy of discounts
-- question: Which discount off the list price did each SKU get, and from what?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
SELECT
  billing_period,
  ProviderName,
  ServiceName,
  SkuId,
  PricingCategory,
  BillingCurrency,
  sum(ListCost) AS ListCost,
  sum(ContractedCost) AS ContractedCost,
  sum(ListCost) - sum(ContractedCost) AS NegotiatedDiscount,
  round(100 * (sum(ListCost) - sum(ContractedCost)) / nullif(sum(ListCost), 0), 2) AS NegotiatedPercent
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND ChargeCategory = 'Usage'
GROUP BY billing_period, ProviderName, ServiceName, SkuId, PricingCategory, BillingCurrency
ORDER BY NegotiatedDiscount DESC, billing_period, ProviderName, SkuId, PricingCategory
