-- title: Costs by service category and subcategory
-- question: What does each finer kind of service cost?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
SELECT
  billing_period,
  ProviderName,
  ServiceCategory,
  ServiceSubcategory,
  BillingCurrency,
  sum(BilledCost) AS BilledCost,
  sum(EffectiveCost) AS EffectiveCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
GROUP BY billing_period, ProviderName, ServiceCategory, ServiceSubcategory, BillingCurrency
ORDER BY billing_period, BilledCost DESC, ProviderName, ServiceCategory, ServiceSubcategory
