-- title: Charges of services across providers
-- question: Do the charges of each service agree with what its provider states?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
SELECT
  billing_period,
  ProviderName,
  BillingAccountId,
  SubAccountId,
  ServiceName,
  BillingCurrency,
  sum(BilledCost) AS BilledCost,
  sum(EffectiveCost) AS EffectiveCost,
  sum(ContractedCost) AS ContractedCost,
  sum(ListCost) AS ListCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
GROUP BY billing_period, ProviderName, BillingAccountId, SubAccountId, ServiceName, BillingCurrency
ORDER BY billing_period, ProviderName, BillingAccountId, SubAccountId, ServiceName
