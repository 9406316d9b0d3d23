-- title: Multi-currency charges per application
-- question: What does an application cost in the currency it is priced in, and in the one it is billed in?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
-- param tag: the key of the tag that names applications; required
SELECT
  Tags ->> ('$."' || getvariable('tag') || '"') AS application,
  PricingCurrency,
  BillingCurrency,
  sum(PricingCurrencyEffectiveCost) AS PricingCurrencyEffectiveCost,
  sum(EffectiveCost) AS EffectiveCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
GROUP BY application, PricingCurrency, BillingCurrency
ORDER BY EffectiveCost DESC, application, PricingCurrency
