-- title: Billing accounts and sub accounts
-- question: Which accounts have charges, and what are they?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
SELECT
  ProviderName,
  BillingAccountId,
  BillingAccountName,
  BillingAccountType,
  SubAccountId,
  SubAccountName,
  SubAccountType,
  BillingCurrency,
  sum(BilledCost) AS BilledCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
GROUP BY ProviderName, BillingAccountId, BillingAccountName, BillingAccountType, SubAccountId, SubAccountName, SubAccountType, BillingCurrency
ORDER BY ProviderName, BillingAccountId, SubAccountId
