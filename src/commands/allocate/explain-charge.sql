-- The parts of one charge, in the order of the lake. Reads: allocated. Parameters: period, source, row.
SELECT
  x_Target AS target,
  x_TargetName AS target_name,
  x_PoolPath AS pools,
  x_RuleIds AS rules,
  x_DriverIds AS drivers,
  x_AllocationReason AS reason,
  x_FallbackUsed AS fallback,
  x_WeightNumerator AS weight,
  x_WeightDenominator AS weights,
  x_RatioNumerator AS ratio,
  x_RatioDenominator AS ratios,
  BillingCurrency AS currency,
  BilledCost AS billed,
  EffectiveCost AS effective,
  ServiceName AS service,
  coalesce(SubAccountName, SubAccountId, '') AS sub_account,
  ResourceId AS resource,
  ChargeDescription AS description,
  Tags AS tags,
  ChargePeriodStart::VARCHAR AS charge_period_start
FROM allocated
WHERE billing_period = $period AND source = $source AND x_OriginRow = $row
ORDER BY x_PoolPath, x_RuleIds, x_Target, x_AllocationReason;
