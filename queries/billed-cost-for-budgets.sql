-- title: Billed costs for budgets
-- question: What was billed in each month, by account and service category?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
SELECT
  billing_period,
  ProviderName,
  BillingAccountId,
  ServiceCategory,
  BillingCurrency,
  sum(BilledCost) AS BilledCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
GROUP BY billing_period, ProviderName, BillingAccountId, ServiceCategory, BillingCurrency
ORDER BY billing_period, ProviderName, BillingAccountId, BilledCost DESC
