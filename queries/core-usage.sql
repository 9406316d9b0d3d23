-- title: Usage of a component: cores
-- question: How many core hours did machines run?
-- param from: first billing period, such as 2026-08; all when not given
-- param to: last billing period, such as 2026-10; all when not given
WITH machines AS (
  SELECT
    *,
    SkuPriceDetails ->> '$.InstanceSeries' AS InstanceSeries,
    (SkuPriceDetails ->> '$.CoreCount')::DECIMAL(18, 4) * ConsumedQuantity AS CoreHours
  FROM focus
  WHERE billing_period BETWEEN coalesce(getvariable('from'), billing_period) AND coalesce(getvariable('to'), billing_period)
    AND ConsumedUnit = 'Hours'
    AND (SkuPriceDetails ->> '$.CoreCount') IS NOT NULL
)
SELECT
  ProviderName,
  ServiceName,
  RegionId,
  InstanceSeries,
  sum(CoreHours) AS CoreHours
FROM machines
GROUP BY ProviderName, ServiceName, RegionId, InstanceSeries
ORDER BY CoreHours DESC, ProviderName, ServiceName, RegionId, InstanceSeries
