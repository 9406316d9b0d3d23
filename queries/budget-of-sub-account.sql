-- title: Billed cost of a sub account against its budget
-- question: How much of the monthly budget did each sub account spend?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
-- param budget: amount per month in the billing currency; required
-- param sub-account: only this SubAccountId
WITH months AS (
  SELECT
    billing_period,
    ProviderName,
    SubAccountId,
    SubAccountName,
    BillingCurrency,
    sum(BilledCost) AS BilledCost
  FROM focus
  WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
    AND (getvariable('sub-account') IS NULL OR SubAccountId = getvariable('sub-account'))
  GROUP BY billing_period, ProviderName, SubAccountId, SubAccountName, BillingCurrency
)
SELECT
  *,
  getvariable('budget')::DECIMAL(38, 18) AS Budget,
  BilledCost - getvariable('budget')::DECIMAL(38, 18) AS OverBudget
FROM months
ORDER BY OverBudget DESC, SubAccountId, billing_period
