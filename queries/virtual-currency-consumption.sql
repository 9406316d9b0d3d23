-- title: Consumption of a virtual currency
-- question: How fast do we use up what we bought in a virtual currency?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
-- param currency: only this PricingCurrency
SELECT
  billing_period,
  ProviderName,
  PricingCurrency,
  BillingCurrency,
  sum(PricingCurrencyEffectiveCost) AS PricingCurrencyEffectiveCost,
  sum(EffectiveCost) AS EffectiveCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND PricingCurrency <> BillingCurrency
  AND ChargeCategory = 'Usage'
  AND (getvariable('currency') IS NULL OR PricingCurrency = getvariable('currency'))
GROUP BY billing_period, ProviderName, PricingCurrency, BillingCurrency
ORDER BY billing_period, ProviderName, PricingCurrency
