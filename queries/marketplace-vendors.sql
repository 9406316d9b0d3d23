-- title: Costs of marketplace vendors
-- question: Whose products do we buy through a provider?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
SELECT
  ProviderName,
  PublisherName,
  InvoiceIssuerName,
  BillingCurrency,
  sum(BilledCost) AS BilledCost,
  sum(EffectiveCost) AS EffectiveCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND PublisherName <> ProviderName
GROUP BY ProviderName, PublisherName, InvoiceIssuerName, BillingCurrency
ORDER BY BilledCost DESC, ProviderName, PublisherName, InvoiceIssuerName, BillingCurrency
