-- title: Tag coverage
-- question: What part of the cost carries a tag?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
-- param tag: the tag key; required
WITH charges AS (
  SELECT
    ProviderName,
    BillingCurrency,
    EffectiveCost,
    list_contains(json_keys(coalesce(Tags, '{}')), getvariable('tag')) AS tagged
  FROM focus
  WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
    AND EffectiveCost > 0
)
SELECT
  ProviderName,
  BillingCurrency,
  coalesce(sum(EffectiveCost) FILTER (tagged), 0) AS TaggedCost,
  sum(EffectiveCost) AS EffectiveCost,
  round(100 * coalesce(sum(EffectiveCost) FILTER (tagged), 0) / sum(EffectiveCost), 2) AS TaggedPercent
FROM charges
GROUP BY ProviderName, BillingCurrency
ORDER BY ProviderName, BillingCurrency
