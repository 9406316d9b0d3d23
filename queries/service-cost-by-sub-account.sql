-- title: Service costs by sub account
-- question: What does each sub account spend on a service?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
-- param service: only this ServiceName
SELECT
  billing_period,
  ProviderName,
  SubAccountId,
  SubAccountName,
  ServiceName,
  BillingCurrency,
  sum(EffectiveCost) AS EffectiveCost,
  sum(BilledCost) AS BilledCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND (getvariable('service') IS NULL OR ServiceName = getvariable('service'))
GROUP BY billing_period, ProviderName, SubAccountId, SubAccountName, ServiceName, BillingCurrency
ORDER BY EffectiveCost DESC, billing_period, ProviderName, SubAccountId, SubAccountName, ServiceName, BillingCurrency
