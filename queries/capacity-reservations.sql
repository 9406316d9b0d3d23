-- title: Capacity reservations and compute costs
-- question: How much of compute runs in capacity reservations, and how much of those is idle?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
WITH compute AS (
  SELECT
    *,
    CASE
      WHEN CapacityReservationStatus = 'Unused' THEN 'reserved, unused'
      WHEN CapacityReservationStatus = 'Used' THEN 'reserved, used'
      ELSE 'not reserved'
    END AS reservation
  FROM focus
  WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
    AND ServiceCategory = 'Compute'
)
SELECT
  ProviderName,
  BillingAccountId,
  reservation,
  BillingCurrency,
  sum(BilledCost) AS BilledCost,
  sum(EffectiveCost) AS EffectiveCost
FROM compute
GROUP BY ProviderName, BillingAccountId, reservation, BillingCurrency
ORDER BY ProviderName, BillingAccountId, reservation
