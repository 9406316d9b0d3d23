-- title: Spending across billing periods
-- question: What do we spend with a provider, by billing account and service?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
-- param provider: only this ProviderName
SELECT
  billing_period,
  ProviderName,
  BillingAccountId,
  ServiceCategory,
  ServiceName,
  BillingCurrency,
  sum(BilledCost) AS BilledCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND (getvariable('provider') IS NULL OR ProviderName = getvariable('provider'))
GROUP BY billing_period, ProviderName, BillingAccountId, ServiceCategory, ServiceName, BillingCurrency
ORDER BY billing_period, BilledCost DESC, ProviderName, BillingAccountId, ServiceName
