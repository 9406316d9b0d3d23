-- title: Budget of each application
-- question: What would next month cost if each application went on as in the months looked at?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
-- param tag: the key of the tag that names applications; required
WITH months AS (
  SELECT
    Tags ->> ('$."' || getvariable('tag') || '"') AS application,
    BillingCurrency,
    billing_period,
    sum(EffectiveCost) AS cost
  FROM focus
  WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  GROUP BY application, BillingCurrency, billing_period
)
SELECT
  application,
  BillingCurrency,
  count(*) AS Months,
  sum(cost) AS EffectiveCost,
  round(sum(cost) / (SELECT count(DISTINCT billing_period) FROM months), 2) AS MonthlyBudget
FROM months
GROUP BY application, BillingCurrency
ORDER BY MonthlyBudget DESC, application
