-- title: Cost by service
-- question: Which services cost most, billed and amortised?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
-- param provider: only this ProviderName
SELECT
  ProviderName,
  ServiceName,
  BillingCurrency,
  sum(EffectiveCost) AS EffectiveCost,
  sum(BilledCost) AS BilledCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND (getvariable('provider') IS NULL OR ProviderName = getvariable('provider'))
GROUP BY ProviderName, ServiceName, BillingCurrency
ORDER BY EffectiveCost DESC, ProviderName, ServiceName, BillingCurrency
