-- title: Service costs month over month
-- question: How does the cost of each service move from month to month?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
SELECT
  billing_period,
  ProviderName,
  ServiceName,
  BillingCurrency,
  sum(EffectiveCost) AS EffectiveCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
GROUP BY billing_period, ProviderName, ServiceName, BillingCurrency
ORDER BY billing_period, EffectiveCost DESC, ProviderName, ServiceName
