-- Who has cost for which reason, by currency. Reads: made_parts.
SELECT
  BillingCurrency AS currency,
  x_AllocationReason AS reason,
  x_Target AS owner,
  any_value(x_TargetName) AS "ownerName",
  count(*) AS rows,
  sum(BilledCost) AS "billedCost",
  sum(EffectiveCost) AS "effectiveCost"
FROM made_parts
WHERE x_AllocationReason IS NOT NULL
GROUP BY BillingCurrency, x_AllocationReason, x_Target
ORDER BY currency, "effectiveCost" DESC, reason, owner;
