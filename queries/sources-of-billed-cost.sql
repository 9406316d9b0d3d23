-- title: Sources of billed cost
-- question: Who bills us for whose services, on which invoice?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
SELECT
  ProviderName,
  PublisherName,
  InvoiceIssuerName,
  InvoiceId,
  BillingCurrency,
  sum(BilledCost) AS BilledCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
GROUP BY ProviderName, PublisherName, InvoiceIssuerName, InvoiceId, BillingCurrency
ORDER BY BilledCost DESC, ProviderName, PublisherName, InvoiceIssuerName, InvoiceId, BillingCurrency
