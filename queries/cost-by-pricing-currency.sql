-- title: Effective cost by pricing currency
-- question: In which currencies are our services priced?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
SELECT
  ProviderName,
  PublisherName,
  ServiceName,
  PricingCurrency,
  BillingCurrency,
  sum(PricingCurrencyEffectiveCost) AS PricingCurrencyEffectiveCost,
  sum(EffectiveCost) AS EffectiveCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
GROUP BY ProviderName, PublisherName, ServiceName, PricingCurrency, BillingCurrency
ORDER BY PricingCurrencyEffectiveCost DESC, ProviderName, PublisherName, ServiceName, PricingCurrency, BillingCurrency
