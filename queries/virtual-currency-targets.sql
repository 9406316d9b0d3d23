-- title: What a virtual currency is used for
-- question: Which charges use up a virtual currency?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
-- param currency: only this PricingCurrency
SELECT
  ProviderName,
  PublisherName,
  ServiceName,
  ChargeDescription,
  PricingCurrency,
  BillingCurrency,
  sum(PricingCurrencyEffectiveCost) AS PricingCurrencyEffectiveCost,
  sum(EffectiveCost) AS EffectiveCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND PricingCurrency <> BillingCurrency
  AND (getvariable('currency') IS NULL OR PricingCurrency = getvariable('currency'))
GROUP BY ProviderName, PublisherName, ServiceName, ChargeDescription, PricingCurrency, BillingCurrency
ORDER BY PricingCurrencyEffectiveCost DESC, ProviderName, PublisherName, ServiceName, ChargeDescription, PricingCurrency, BillingCurrency
