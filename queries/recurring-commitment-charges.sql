-- title: Recurring charges for commitments
-- question: What do commitments cost month by month, whatever we use?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
SELECT
  billing_period,
  ProviderName,
  CommitmentDiscountId,
  CommitmentDiscountName,
  CommitmentDiscountType,
  BillingCurrency,
  sum(BilledCost) AS BilledCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND ChargeFrequency = 'Recurring'
  AND CommitmentDiscountId IS NOT NULL
GROUP BY billing_period, ProviderName, CommitmentDiscountId, CommitmentDiscountName, CommitmentDiscountType, BillingCurrency
ORDER BY billing_period, BilledCost DESC, CommitmentDiscountId
