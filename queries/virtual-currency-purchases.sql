-- title: Purchases of a virtual currency
-- question: When did we buy how much of a virtual currency?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
-- param unit: the PricingUnit that is the virtual currency; required
SELECT
  billing_period,
  ProviderName,
  ChargeDescription,
  PricingUnit,
  BillingCurrency,
  sum(BilledCost) AS BilledCost,
  sum(PricingQuantity) AS PricingQuantity
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND ChargeCategory = 'Purchase'
  AND PricingUnit = getvariable('unit')
GROUP BY billing_period, ProviderName, ChargeDescription, PricingUnit, BillingCurrency
ORDER BY BilledCost DESC, billing_period, ProviderName, ChargeDescription, PricingUnit, BillingCurrency
