-- title: Purchases of commitment discounts
-- question: Which commitments did we buy, and for how much?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
SELECT
  billing_period,
  ProviderName,
  BillingAccountId,
  CommitmentDiscountId,
  CommitmentDiscountType,
  ChargeFrequency,
  BillingCurrency,
  sum(BilledCost) AS BilledCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND ChargeCategory = 'Purchase'
  AND CommitmentDiscountId IS NOT NULL
GROUP BY billing_period, ProviderName, BillingAccountId, CommitmentDiscountId, CommitmentDiscountType, ChargeFrequency, BillingCurrency
ORDER BY billing_period, BilledCost DESC, CommitmentDiscountId
