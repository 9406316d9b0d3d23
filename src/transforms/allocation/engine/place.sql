-- Each charge finds the target or the pool of the first rule that matches it. A target that the registry does not
-- have on the charge's day is no target: the charge goes where those go that no rule places.
INSERT INTO placed BY NAME
WITH
  judged AS (
    SELECT
      ruled.*,
      assign_rules.rule,
      targets.target,
      assign_rules.pool AS rule_pool
    FROM ruled
    LEFT JOIN assign_rules USING (rule_number)
    LEFT JOIN targets
      ON targets.target = ruled.wanted_target
      AND ruled.charged_at >= coalesce(targets.valid_from, '-infinity'::DATE)
      AND ruled.charged_at < coalesce(targets.valid_to, 'infinity'::DATE)
  )
SELECT
  source,
  x_OriginRow AS origin_row,
  x_OriginVersion AS origin_version,
  BillingCurrency AS currency,
  charged_at,
  rule,
  target,
  CASE WHEN target IS NULL THEN coalesce(rule_pool, getvariable('otherwise')) END AS pool,
  CASE
    WHEN target IS NOT NULL OR rule_pool IS NOT NULL THEN NULL
    WHEN rule IS NOT NULL OR has_invalid_tag THEN 'invalid_tag'
    WHEN has_tag THEN 'no_rule'
    ELSE 'untagged'
  END AS reason,
  BilledCost AS billed_cost,
  EffectiveCost AS effective_cost,
  ListCost AS list_cost,
  ContractedCost AS contracted_cost,
  ConsumedQuantity AS consumed_quantity,
  PricingQuantity AS pricing_quantity,
  ConsumedUnit AS consumed_unit,
  match_values,
  weighs_for
FROM judged;
