-- title: Unusual days by sub account
-- question: On which days did usage cost far more than in the seven days before?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
-- param deviations: how many standard deviations above the week before count as unusual; 3 when not given
WITH days AS (
  SELECT
    ProviderName, SubAccountId,
    BillingCurrency,
    (ChargePeriodStart AT TIME ZONE 'UTC')::DATE AS Day,
    sum(EffectiveCost) AS cost
  FROM focus
  WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
    AND ChargeCategory = 'Usage'
  GROUP BY ProviderName, SubAccountId, BillingCurrency, Day
),
usual AS (
  SELECT
    *,
    avg(cost) OVER week AS UsualCost,
    stddev_samp(cost) OVER week AS Deviation
  FROM days
  WINDOW week AS (PARTITION BY ProviderName, SubAccountId, BillingCurrency ORDER BY Day ROWS BETWEEN 7 PRECEDING AND 1 PRECEDING)
)
SELECT
  ProviderName, SubAccountId,
  BillingCurrency,
  Day,
  cost AS EffectiveCost,
  round(UsualCost, 2) AS UsualCost
FROM usual
WHERE cost > UsualCost + coalesce(getvariable('deviations')::DOUBLE, 3) * Deviation
ORDER BY cost - UsualCost DESC, ProviderName, SubAccountId, Day
