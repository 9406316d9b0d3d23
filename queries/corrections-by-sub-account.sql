-- title: Corrections by sub account
-- question: Whose costs were corrected after the invoice?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
SELECT
  billing_period,
  ProviderName,
  BillingAccountId,
  SubAccountId,
  SubAccountName,
  ServiceCategory,
  BillingCurrency,
  sum(BilledCost) AS BilledCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND ChargeClass = 'Correction'
GROUP BY billing_period, ProviderName, BillingAccountId, SubAccountId, SubAccountName, ServiceCategory, BillingCurrency
ORDER BY BilledCost DESC, billing_period, ProviderName, BillingAccountId, SubAccountId, SubAccountName, ServiceCategory, BillingCurrency
