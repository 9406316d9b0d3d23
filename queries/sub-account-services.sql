-- title: Services of one sub account
-- question: What does one sub account spend its money on?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
-- param sub-account: the SubAccountId; required
SELECT
  ProviderName,
  ServiceCategory,
  ServiceName,
  BillingCurrency,
  sum(EffectiveCost) AS EffectiveCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND SubAccountId = getvariable('sub-account')
GROUP BY ProviderName, ServiceCategory, ServiceName, BillingCurrency
ORDER BY EffectiveCost DESC, ProviderName, ServiceCategory, ServiceName, BillingCurrency
