-- Two allocations side by side, in lines as fine as a cause needs: what was used (and on which day, when versions of one
-- month are compared), by which tags, who got it, and in which way. Variables: before_files, after_files, by_day.
WITH
sides AS (
  SELECT *, TRUE AS is_after
  FROM read_parquet(getvariable('after_files'), union_by_name = true, hive_partitioning = true, hive_types = {source: VARCHAR})
  UNION ALL BY NAME
  SELECT *, FALSE AS is_after
  FROM read_parquet(getvariable('before_files'), union_by_name = true, hive_partitioning = true, hive_types = {source: VARCHAR})
),
keyed AS (
  SELECT
    *,
    concat_ws(
      chr(31), source, SubAccountId, ServiceName, coalesce(SkuId, x_UsageType), ResourceId, ChargeCategory,
      CommitmentDiscountStatus, ChargeClass, CASE WHEN getvariable('by_day') THEN ChargePeriodStart::DATE END
    ) AS used
  FROM sides
)
SELECT
  BillingCurrency AS currency,
  used,
  any_value(ServiceName) AS service,
  any_value(ConsumedUnit) AS unit,
  count(DISTINCT ConsumedUnit) > 1 AS mixed_units,
  bool_or(coalesce(ChargeClass = 'Correction', FALSE)) AS correction,
  coalesce(Tags, '') AS tags,
  x_Target AS target,
  concat_ws(chr(31), x_PoolPath, x_RuleIds) AS way,
  any_value(x_DriverIds) AS drivers,
  count(*) FILTER (NOT is_after) AS rows_before,
  count(*) FILTER (is_after) AS rows_after,
  coalesce(sum(EffectiveCost) FILTER (NOT is_after), 0) AS before,
  coalesce(sum(EffectiveCost) FILTER (is_after), 0) AS after,
  coalesce(sum(ConsumedQuantity) FILTER (NOT is_after), 0) AS quantity_before,
  coalesce(sum(ConsumedQuantity) FILTER (is_after), 0) AS quantity_after
FROM keyed
GROUP BY BillingCurrency, used, coalesce(Tags, ''), x_Target, concat_ws(chr(31), x_PoolPath, x_RuleIds)
ORDER BY currency, used, tags, target, way;
