-- title: Commitment utilisation
-- question: How much of each commitment is used?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
WITH commitments AS (
  SELECT
    ProviderName,
    CommitmentDiscountId,
    CommitmentDiscountType,
    BillingCurrency,
    coalesce(sum(EffectiveCost) FILTER (CommitmentDiscountStatus = 'Used'), 0) AS UsedCost,
    coalesce(sum(EffectiveCost) FILTER (CommitmentDiscountStatus = 'Unused'), 0) AS UnusedCost
  FROM focus
  WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
    AND CommitmentDiscountStatus IS NOT NULL
  GROUP BY ProviderName, CommitmentDiscountId, CommitmentDiscountType, BillingCurrency
)
SELECT
  *,
  round(100 * UsedCost / nullif(UsedCost + UnusedCost, 0), 2) AS UtilisationPercent
FROM commitments
ORDER BY UnusedCost DESC, CommitmentDiscountId
