-- title: Effective savings rate
-- question: How much less than the list price do we pay for usage, waste included?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
SELECT
  ProviderName,
  BillingCurrency,
  sum(ListCost) AS ListCost,
  sum(EffectiveCost) AS EffectiveCost,
  sum(ListCost) - sum(EffectiveCost) AS Savings,
  round(100 * (sum(ListCost) - sum(EffectiveCost)) / nullif(sum(ListCost), 0), 2) AS SavingsPercent
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND ChargeCategory = 'Usage'
GROUP BY ProviderName, BillingCurrency
ORDER BY Savings DESC, ProviderName, BillingCurrency
