-- title: Effective cost of compute
-- question: What does compute cost in all, amortised?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
SELECT
  billing_period,
  ProviderName,
  BillingCurrency,
  sum(EffectiveCost) AS EffectiveCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND ServiceCategory = 'Compute'
GROUP BY billing_period, ProviderName, BillingCurrency
ORDER BY billing_period, ProviderName, BillingCurrency
