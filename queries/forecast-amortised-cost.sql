-- title: Forecast of amortised costs
-- question: What will each service cost next month, if its straight line goes on?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
WITH months AS (
  SELECT
    ProviderName,
    ServiceName,
    BillingCurrency,
    billing_period,
    sum(EffectiveCost) AS cost
  FROM focus
  WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
  GROUP BY ProviderName, ServiceName, BillingCurrency, billing_period
),
numbered AS (
  SELECT
    *,
    dense_rank() OVER (ORDER BY billing_period) AS month
  FROM months
)
SELECT
  ProviderName,
  ServiceName,
  BillingCurrency,
  sum(cost) AS EffectiveCost,
  round(regr_intercept(cost, month) + regr_slope(cost, month) * ((SELECT max(month) FROM numbered) + 1), 2) AS NextMonth
FROM numbered
GROUP BY ProviderName, ServiceName, BillingCurrency
ORDER BY EffectiveCost DESC, ProviderName, ServiceName
