-- Control totals of one month, corrections apart. Reads: ledger. Parameter: period.
SELECT
  BillingCurrency AS currency,
  count(*)::INTEGER AS rows,
  sum(BilledCost) AS billed,
  sum(EffectiveCost) AS effective,
  coalesce(sum(BilledCost) FILTER (x_CorrectsPeriod IS NOT NULL), 0) AS "correctedBilled",
  coalesce(sum(EffectiveCost) FILTER (x_CorrectsPeriod IS NOT NULL), 0) AS "correctedEffective"
FROM ledger
WHERE billing_period = $period
GROUP BY BillingCurrency
ORDER BY BillingCurrency;
