-- title: Credits
-- question: Which credits lowered which invoice?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
SELECT
  ProviderName,
  BillingAccountId,
  InvoiceId,
  ChargeDescription,
  BillingCurrency,
  sum(BilledCost) AS BilledCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND ChargeCategory = 'Credit'
GROUP BY ProviderName, BillingAccountId, InvoiceId, ChargeDescription, BillingCurrency
ORDER BY BilledCost, ProviderName, BillingAccountId, InvoiceId, ChargeDescription
