-- What becomes of each charge: the charge itself where a rule gave it whole to a target (its amounts are null here),
-- and else its parts that have come to a target or rest with an owner. Variables: rule_set.
CREATE VIEW final_parts AS
SELECT placed.source, placed.origin_row, entry_routes.route_id,
  NULL::DECIMAL(38, 18) AS billed_cost,
  NULL::DECIMAL(38, 18) AS effective_cost,
  NULL::DECIMAL(38, 18) AS list_cost,
  NULL::DECIMAL(38, 18) AS contracted_cost,
  NULL::DECIMAL(38, 18) AS consumed_quantity,
  NULL::DECIMAL(38, 18) AS pricing_quantity
FROM placed
JOIN entry_routes
  ON entry_routes.target = placed.target
  AND entry_routes.rule = placed.rule
UNION ALL
SELECT parts.source, parts.origin_row, parts.route_id,
  parts.billed_cost,
  parts.effective_cost,
  parts.list_cost,
  parts.contracted_cost,
  parts.consumed_quantity,
  parts.pricing_quantity
FROM parts
JOIN routes USING (route_id)
WHERE routes.target IS NOT NULL;

-- Charges beside their parts (a relation with a struct `part`) as rows of the dataset, with every column of the charge.
CREATE MACRO allocated_rows(charge_parts) AS TABLE
SELECT
  charge.* EXCLUDE (part) REPLACE (
    coalesce(part.billed_cost, BilledCost) AS BilledCost,
    coalesce(part.effective_cost, EffectiveCost) AS EffectiveCost,
    coalesce(part.list_cost, ListCost) AS ListCost,
    coalesce(part.contracted_cost, ContractedCost) AS ContractedCost,
    coalesce(part.consumed_quantity, ConsumedQuantity) AS ConsumedQuantity,
    coalesce(part.pricing_quantity, PricingQuantity) AS PricingQuantity,
    CASE WHEN routes.from_route IS NULL THEN AllocatedMethodId ELSE routes.method_id END AS AllocatedMethodId,
    CASE WHEN routes.from_route IS NULL THEN AllocatedMethodDetails ELSE routes.method_details END AS AllocatedMethodDetails,
    CASE
      WHEN routes.from_route IS NULL THEN AllocatedResourceId
      WHEN routes.reason IS NULL THEN routes.target
    END AS AllocatedResourceId,
    CASE
      WHEN routes.from_route IS NULL THEN AllocatedResourceName
      WHEN routes.reason IS NULL THEN targets.name
    END AS AllocatedResourceName,
    CASE WHEN routes.from_route IS NULL THEN AllocatedTags END AS AllocatedTags
  ),
  routes.target AS x_Target,
  targets.name AS x_TargetName,
  targets.cost_centre AS x_CostCentre,
  targets.gl_account AS x_GlAccount,
  CASE WHEN routes.held THEN 'central' ELSE targets.mode END AS x_Mode,
  routes.pool_path AS x_PoolPath,
  routes.rule_ids AS x_RuleIds,
  getvariable('rule_set') AS x_RuleSet,
  routes.driver_ids AS x_DriverIds,
  routes.weight_numerator AS x_WeightNumerator,
  routes.weight_denominator AS x_WeightDenominator,
  routes.ratio_numerator AS x_RatioNumerator,
  routes.ratio_denominator AS x_RatioDenominator,
  routes.reason AS x_AllocationReason,
  routes.fallback_used AS x_FallbackUsed
FROM query_table(charge_parts) AS charge
JOIN routes ON routes.route_id = part.route_id
LEFT JOIN targets
  ON targets.target = routes.target
  AND ChargePeriodStart >= coalesce(targets.valid_from, '-infinity'::DATE)
  AND ChargePeriodStart < coalesce(targets.valid_to, 'infinity'::DATE);

CREATE VIEW charge_parts AS
SELECT known_charges.*, final_parts AS part
FROM known_charges
JOIN final_parts
  ON final_parts.source = known_charges.source
  AND final_parts.origin_row = known_charges.x_OriginRow;
