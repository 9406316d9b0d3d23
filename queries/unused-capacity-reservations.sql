-- title: Unused capacity reservations
-- question: Which capacity reservations are paid for and not used?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
SELECT
  ProviderName,
  BillingAccountId,
  CapacityReservationId,
  BillingCurrency,
  sum(EffectiveCost) AS EffectiveCost,
  sum(BilledCost) AS BilledCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  AND CapacityReservationStatus = 'Unused'
GROUP BY ProviderName, BillingAccountId, CapacityReservationId, BillingCurrency
ORDER BY EffectiveCost DESC, ProviderName, BillingAccountId, CapacityReservationId, BillingCurrency
