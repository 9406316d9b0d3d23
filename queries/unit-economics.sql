-- title: Unit economics
-- question: What does one unit of a service cost, month by month?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
-- param unit: only this ConsumedUnit, such as GB
SELECT
  billing_period,
  ProviderName,
  ServiceName,
  ConsumedUnit,
  BillingCurrency,
  sum(ConsumedQuantity) AS ConsumedQuantity,
  sum(EffectiveCost) AS EffectiveCost,
  round(sum(EffectiveCost) / nullif(sum(ConsumedQuantity), 0), 6) AS CostPerUnit
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND (getvariable('unit') IS NULL OR ConsumedUnit = getvariable('unit'))
GROUP BY billing_period, ProviderName, ServiceName, ConsumedUnit, BillingCurrency
ORDER BY ProviderName, ServiceName, ConsumedUnit, billing_period
