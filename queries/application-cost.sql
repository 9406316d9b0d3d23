-- title: Application cost month over month
-- question: What does each application cost, by its tag?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
-- param tag: the key of the tag that names applications; required
SELECT
  billing_period,
  Tags ->> ('$."' || getvariable('tag') || '"') AS application,
  BillingCurrency,
  sum(EffectiveCost) AS EffectiveCost
FROM focus
WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
GROUP BY billing_period, application, BillingCurrency
ORDER BY billing_period, EffectiveCost DESC, application
