-- title: Unused commitments
-- question: Which commitments do we pay for without using them?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
SELECT
  ProviderName,
  BillingAccountId,
  CommitmentDiscountId,
  CommitmentDiscountType,
  BillingCurrency,
  sum(EffectiveCost) AS EffectiveCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND CommitmentDiscountStatus = 'Unused'
GROUP BY ProviderName, BillingAccountId, CommitmentDiscountId, CommitmentDiscountType, BillingCurrency
ORDER BY EffectiveCost DESC, ProviderName, BillingAccountId, CommitmentDiscountId, CommitmentDiscountType, BillingCurrency
