-- title: Resource usage month over month
-- question: How much did each resource use, and how did that change?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
WITH months AS (
  SELECT
    ProviderName,
    ResourceId,
    SkuId,
    ConsumedUnit,
    billing_period,
    sum(ConsumedQuantity) AS ConsumedQuantity
  FROM focus
  WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
    AND ResourceId IS NOT NULL
    AND ConsumedQuantity IS NOT NULL
  GROUP BY ProviderName, ResourceId, SkuId, ConsumedUnit, billing_period
)
SELECT
  *,
  ConsumedQuantity - lag(ConsumedQuantity) OVER (PARTITION BY ProviderName, ResourceId, SkuId, ConsumedUnit ORDER BY billing_period) AS Change
FROM months
ORDER BY ProviderName, ResourceId, SkuId, ConsumedUnit, billing_period
