-- What a target owes for a month, by the way the cost took to it, dearest way first. Reads: allocated.
-- Parameters: period, target.
WITH
parts AS (
  SELECT *
  FROM allocated
  WHERE billing_period = $period
),
-- What all targets got on each way: what a share is a share of.
ways AS (
  SELECT BillingCurrency AS currency, x_PoolPath AS pools, x_RuleIds AS rules, sum(EffectiveCost) AS effective
  FROM parts
  GROUP BY ALL
),
own AS (
  SELECT
    BillingCurrency AS currency,
    x_PoolPath AS pools,
    x_RuleIds AS rules,
    x_DriverIds AS drivers,
    x_AllocationReason AS reason,
    x_FallbackUsed AS fallback,
    count(*) AS charges,
    sum(BilledCost) AS billed,
    sum(EffectiveCost) AS effective,
    -- The share of the last step, where one share held for the whole month.
    CASE WHEN min(x_WeightNumerator) = max(x_WeightNumerator) AND min(x_WeightDenominator) = max(x_WeightDenominator)
      THEN any_value(x_WeightNumerator) END AS weight,
    CASE WHEN min(x_WeightNumerator) = max(x_WeightNumerator) AND min(x_WeightDenominator) = max(x_WeightDenominator)
      THEN any_value(x_WeightDenominator) END AS weights
  FROM parts
  WHERE x_Target = $target
  GROUP BY ALL
)
SELECT own.*, ways.effective AS way_effective
FROM own
JOIN ways USING (currency, pools, rules)
ORDER BY own.currency, own.effective DESC, own.pools, own.rules, own.reason;
