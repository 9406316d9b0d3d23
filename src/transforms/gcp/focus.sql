-- Staged charges of Google Cloud → FOCUS rows (every column of every version; the configured version picks its own).
-- Scalar SQL only: CASE, COALESCE, CAST, arithmetic, joins. The rules are those of README.md in this folder.

CREATE VIEW classified AS
SELECT
  charges.*,
  settings.*,
  CASE
    WHEN charge_kind = 'credit' THEN 'credit'
    WHEN cost_type = 'tax' THEN 'tax'
    WHEN cost_type = 'rounding_error' THEN 'rounding'
    WHEN cost_type = 'adjustment' AND charges.adjustment_type IS NULL THEN 'adjustment'
    WHEN cost_type = 'adjustment' THEN coalesce(adjustment_types.plan_class, 'unknown_adjustment')
    WHEN cost_type = 'regular' AND coverage.is_fee THEN 'commitment_fee'
    WHEN cost_type = 'regular' AND coverage.line_id IS NOT NULL THEN 'usage_covered'
    WHEN cost_type = 'regular' AND sku_kinds.fee_kind = 'commitment' THEN 'commitment_fee_as_billed'
    WHEN cost_type = 'regular' AND sku_kinds.fee_kind = 'subscription' THEN 'subscription_fee'
    WHEN cost_type = 'regular' AND sku_kinds.is_spot THEN 'usage_dynamic'
    WHEN cost_type = 'regular' THEN 'usage'
    ELSE 'unknown'
  END AS class,
  coverage.commitment_id,
  coverage.commitment_category,
  coverage.commitment_type,
  coverage.commitment_unit,
  coverage.basis,
  coverage.cud_match,
  coverage.fee,
  coalesce(coverage.covered_part, 0) AS covered_part,
  coalesce(coverage.used_part, 0) AS used_part,
  coalesce(coverage.unused_part, 0) AS unused_part,
  coalesce(coverage.unmatched_part, 0) AS unmatched_part
FROM charges
CROSS JOIN settings
-- Of source rows only. The condition is a part of the key: one on the charges alone would compare every charge with
-- every coverage.
LEFT JOIN coverage ON coverage.line_id = CASE WHEN charges.charge_kind IS NULL THEN charges.line_id END
LEFT JOIN adjustment_types ON adjustment_types.adjustment_type = charges.adjustment_type
LEFT JOIN sku_kinds
  ON sku_kinds.service_name = coalesce(charges.service_name, '')
  AND sku_kinds.sku_description = coalesce(charges.sku_description, '');

CREATE VIEW focus AS
WITH

-- One row per FOCUS row: a fee that was not used up, or usage that is covered in part, becomes two.
parts AS (
  SELECT
    classified.*,
    row_plan.part, row_plan.charge_category, row_plan.charge_frequency, row_plan.pricing_category,
    cost + row_credits + commitment_credits + offset_credits AS net_cost,
    coalesce(cost_at_default, cost) AS whole_contracted,
    coalesce(cost_at_list, cost_at_default, cost) AS whole_list,
    -- Prices are for a block of units, such as a million requests.
    CASE
      WHEN pricing_unit_quantity IS NULL OR pricing_unit_quantity = 1 THEN pricing_amount
      ELSE CAST(CAST(ROUND(CAST(pricing_amount AS DOUBLE) / CAST(pricing_unit_quantity AS DOUBLE), 15) AS DECIMAL(33, 15)) AS DECIMAL(38, 18))
    END AS whole_quantity
  FROM classified
  JOIN row_plan ON row_plan.plan_class = classified.class
  WHERE row_plan.part = 'charge' OR row_plan.part = 'purchase' OR row_plan.part = 'covered'
    OR (row_plan.part = 'rest' AND (classified.covered_part <> classified.cost OR classified.row_credits <> 0))
    OR (row_plan.part = 'unused' AND classified.unused_part <> 0)
    OR (row_plan.part = 'unmatched' AND classified.unmatched_part <> 0)
),

-- What the covered part has of everything that the row had; the rest is the difference.
shares AS (
  SELECT
    parts.*,
    CASE
      WHEN class <> 'usage_covered' THEN 0
      WHEN covered_part = cost OR whole_contracted = cost THEN CASE WHEN covered_part = cost THEN whole_contracted ELSE covered_part END
      ELSE CAST(CAST(ROUND(CAST(whole_contracted AS DOUBLE) * (CAST(covered_part AS DOUBLE) / CAST(cost AS DOUBLE)), 9) AS DECIMAL(28, 9)) AS DECIMAL(38, 18))
    END AS covered_contracted,
    CASE
      WHEN class <> 'usage_covered' THEN 0
      WHEN covered_part = cost OR whole_list = cost THEN CASE WHEN covered_part = cost THEN whole_list ELSE covered_part END
      ELSE CAST(CAST(ROUND(CAST(whole_list AS DOUBLE) * (CAST(covered_part AS DOUBLE) / CAST(cost AS DOUBLE)), 9) AS DECIMAL(28, 9)) AS DECIMAL(38, 18))
    END AS covered_list,
    CASE
      WHEN class <> 'usage_covered' THEN 0
      WHEN covered_part = cost THEN whole_quantity
      ELSE CAST(CAST(ROUND(CAST(whole_quantity AS DOUBLE) * (CAST(covered_part AS DOUBLE) / CAST(cost AS DOUBLE)), 12) AS DECIMAL(30, 12)) AS DECIMAL(38, 18))
    END AS covered_quantity,
    CASE
      WHEN class <> 'usage_covered' THEN 0
      WHEN covered_part = cost THEN usage_amount
      ELSE CAST(CAST(ROUND(CAST(usage_amount AS DOUBLE) * (CAST(covered_part AS DOUBLE) / CAST(cost AS DOUBLE)), 6) AS DECIMAL(30, 6)) AS DECIMAL(38, 18))
    END AS covered_usage
  FROM parts
),

costed AS (
  SELECT
    shares.*,
    CASE part
      WHEN 'charge' THEN net_cost
      WHEN 'purchase' THEN fee
      WHEN 'rest' THEN cost - covered_part + row_credits
      WHEN 'unmatched' THEN -unmatched_part
      ELSE 0
    END AS billed_cost,
    CASE part
      WHEN 'charge' THEN net_cost
      WHEN 'covered' THEN used_part
      WHEN 'rest' THEN cost - covered_part + row_credits
      WHEN 'unused' THEN unused_part
      WHEN 'unmatched' THEN -unmatched_part
      ELSE 0
    END AS effective_cost,
    CASE
      WHEN part = 'covered' THEN covered_contracted
      WHEN part = 'rest' THEN whole_contracted - covered_contracted
      WHEN part = 'unused' THEN 0
      WHEN part = 'unmatched' THEN -unmatched_part
      WHEN part = 'purchase' THEN fee
      WHEN class = 'commitment_fee_as_billed' THEN net_cost
      WHEN charge_category = 'Tax' OR charge_category = 'Adjustment' OR charge_category = 'Credit' THEN net_cost
      ELSE whole_contracted
    END AS contracted_cost,
    CASE
      WHEN part = 'covered' THEN covered_list
      WHEN part = 'rest' THEN whole_list - covered_list
      WHEN part = 'unused' THEN 0
      WHEN part = 'unmatched' THEN -unmatched_part
      WHEN part = 'purchase' THEN fee
      WHEN class = 'commitment_fee_as_billed' THEN net_cost
      WHEN charge_category = 'Tax' OR charge_category = 'Adjustment' OR charge_category = 'Credit' THEN net_cost
      ELSE whole_list
    END AS list_cost,
    CASE part WHEN 'covered' THEN covered_quantity WHEN 'rest' THEN whole_quantity - covered_quantity ELSE whole_quantity END AS part_quantity,
    CASE part WHEN 'covered' THEN covered_usage WHEN 'rest' THEN usage_amount - covered_usage ELSE usage_amount END AS part_usage,
    (charge_category = 'Usage' OR charge_category = 'Purchase') AND part <> 'unused' AND part <> 'purchase'
      AND class <> 'commitment_fee_as_billed' AS is_metered
  FROM shares
),

-- The cost carries the sign; prices are never negative, so what is taken back has a negative quantity.
measured AS (
  SELECT
    costed.*,
    CASE
      WHEN charge_category <> 'Usage' AND charge_category <> 'Purchase' THEN NULL
      WHEN is_metered AND coalesce(part_quantity, 0) <> 0 AND (contracted_cost < 0 OR list_cost < 0) THEN -abs(part_quantity)
      WHEN is_metered AND coalesce(part_quantity, 0) <> 0 AND (contracted_cost > 0 OR list_cost > 0) THEN abs(part_quantity)
      WHEN is_metered AND contracted_cost = 0 AND list_cost = 0 THEN coalesce(part_quantity, 0)
      WHEN contracted_cost < 0 OR list_cost < 0 THEN -1
      ELSE 1
    END AS pricing_quantity,
    CASE
      WHEN charge_category <> 'Usage' AND charge_category <> 'Purchase' THEN NULL
      WHEN NOT is_metered OR (coalesce(part_quantity, 0) = 0 AND (contracted_cost <> 0 OR list_cost <> 0)) THEN 'Units'
      -- Google prices much by the count, and says only of the usage what is counted.
      WHEN pricing_unit_quantity IS NULL OR pricing_unit_quantity = 1
        THEN coalesce(CASE WHEN lower(pricing_unit) = 'count' THEN usage_units.focus_unit END, pricing_units.focus_unit, pricing_unit, 'Units')
      ELSE pricing_block || ' ' || coalesce(CASE WHEN lower(pricing_unit) = 'count' THEN usage_units.focus_unit END, pricing_units.focus_unit, pricing_unit, 'Units')
    END AS quantity_unit,
    coalesce(usage_units.focus_unit, usage_unit, 'Units') AS usage_focus_unit,
    CASE WHEN conversion_rate <> 0 AND conversion_rate <> 1 AND currency <> 'USD' THEN conversion_rate ELSE 1 END AS pricing_rate
  FROM costed
  LEFT JOIN units AS pricing_units ON pricing_units.source_unit = lower(costed.pricing_unit)
  LEFT JOIN units AS usage_units ON usage_units.source_unit = lower(costed.usage_unit)
),

-- Google's own price where it explains the cost of the row but for the rounding to a millionth; else cost by quantity.
priced AS (
  SELECT
    measured.*,
    CASE
      WHEN pricing_quantity IS NULL THEN NULL
      WHEN is_metered AND list_price_explains AND (list_cost < 0) = (pricing_quantity < 0) THEN list_price
      WHEN pricing_quantity <> 0 THEN CAST(CAST(ROUND(CAST(list_cost AS DOUBLE) / CAST(pricing_quantity AS DOUBLE), 12) AS DECIMAL(28, 12)) AS DECIMAL(38, 18))
      ELSE 0
    END AS list_unit_price,
    CASE
      WHEN pricing_quantity IS NULL THEN NULL
      WHEN is_metered AND contracted_price_explains AND (contracted_cost < 0) = (pricing_quantity < 0)
        THEN coalesce(effective_price_default, effective_price)
      WHEN pricing_quantity <> 0 THEN CAST(CAST(ROUND(CAST(contracted_cost AS DOUBLE) / CAST(pricing_quantity AS DOUBLE), 12) AS DECIMAL(28, 12)) AS DECIMAL(38, 18))
      ELSE 0
    END AS contracted_unit_price,
    CASE WHEN charge_category = 'Usage' OR charge_category = 'Purchase' THEN coalesce(sku_id, coalesce(service_id, measured.service_name) || ':' || coalesce(sku_description, cost_type)) END AS charged_sku_id,
    CASE WHEN part = 'unused' OR part = 'purchase' THEN commitment_id WHEN part <> 'unmatched' THEN resource_id END AS charged_resource_id,
    CASE WHEN part <> 'rest' AND part <> 'unmatched' THEN commitment_id END AS charged_commitment_id
  FROM measured
)

SELECT
  CAST(NULL AS VARCHAR) AS AllocatedMethodDetails,
  CAST(NULL AS VARCHAR) AS AllocatedMethodId,
  CAST(NULL AS VARCHAR) AS AllocatedResourceId,
  CAST(NULL AS VARCHAR) AS AllocatedResourceName,
  CAST(NULL AS VARCHAR) AS AllocatedTags,
  availability_zone AS AvailabilityZone,
  CAST(billed_cost AS DECIMAL(38, 18)) AS BilledCost,
  billing_account_id AS BillingAccountId,
  billing_account_name AS BillingAccountName,
  'Billing Account' AS BillingAccountType,
  currency AS BillingCurrency,
  billing_period_end AS BillingPeriodEnd,
  billing_period_start AS BillingPeriodStart,
  CASE WHEN charge_category = 'Usage' AND part <> 'unused' THEN capacity_reservation_id END AS CapacityReservationId,
  CASE
    WHEN charge_category = 'Usage' AND part <> 'unused' AND capacity_reservation_id IS NOT NULL
      THEN CASE WHEN capacity_is_unused THEN 'Unused' ELSE 'Used' END
  END AS CapacityReservationStatus,
  charge_category AS ChargeCategory,
  -- A correction changes what was on an earlier invoice; late usage does not.
  CASE
    WHEN usage_start < billing_period_start
      AND (class = 'correction' OR (class = 'tax' AND adjustment_type LIKE '%CORRECTION')) THEN 'Correction'
  END AS ChargeClass,
  CASE WHEN part = 'unmatched' THEN 'Fee utilization offset without usage in this bill' ELSE coalesce(CASE WHEN cost_type <> 'regular' THEN adjustment_description END, sku_description, priced.service_name) END AS ChargeDescription,
  charge_frequency AS ChargeFrequency,
  -- A charge of no duration still ends after it began.
  CASE WHEN usage_end <= usage_start THEN usage_start + INTERVAL '1' SECOND ELSE usage_end END AS ChargePeriodEnd,
  usage_start AS ChargePeriodStart,
  CASE WHEN charged_commitment_id IS NOT NULL THEN commitment_category END AS CommitmentDiscountCategory,
  charged_commitment_id AS CommitmentDiscountId,
  commitment_names.commitment_name AS CommitmentDiscountName,
  -- Spend counts in the money of the fee, in both models of Google's; cores and memory in hours.
  CAST(CASE
    WHEN charged_commitment_id IS NULL THEN NULL
    WHEN commitment_category = 'Spend' THEN CASE part WHEN 'purchase' THEN fee WHEN 'unused' THEN unused_part ELSE used_part END
    WHEN part = 'purchase' THEN coalesce(whole_quantity, 0)
    WHEN part = 'unused' AND fee <> 0
      THEN CAST(CAST(ROUND(CAST(coalesce(whole_quantity, 0) AS DOUBLE) * CAST(unused_part AS DOUBLE) / CAST(fee AS DOUBLE), 9) AS DECIMAL(28, 9)) AS DECIMAL(38, 18))
    ELSE coalesce(covered_quantity, 0)
  END AS DECIMAL(38, 18)) AS CommitmentDiscountQuantity,
  CASE WHEN charged_commitment_id IS NULL THEN NULL WHEN part = 'covered' THEN 'Used' WHEN part = 'unused' THEN 'Unused' END AS CommitmentDiscountStatus,
  CASE WHEN charged_commitment_id IS NOT NULL THEN commitment_type END AS CommitmentDiscountType,
  CASE WHEN charged_commitment_id IS NULL THEN NULL WHEN commitment_category = 'Spend' THEN currency ELSE commitment_unit END AS CommitmentDiscountUnit,
  CAST(NULL AS VARCHAR) AS CommitmentProgramEligibilityDetails,
  CAST(CASE WHEN charge_category = 'Usage' AND part <> 'unused' THEN coalesce(part_usage, pricing_quantity) END AS DECIMAL(38, 18)) AS ConsumedQuantity,
  CASE WHEN charge_category <> 'Usage' OR part = 'unused' THEN NULL WHEN part_usage IS NULL THEN quantity_unit ELSE usage_focus_unit END AS ConsumedUnit,
  CAST(NULL AS VARCHAR) AS ContractApplied,
  CAST(contracted_cost AS DECIMAL(38, 18)) AS ContractedCost,
  CAST(contracted_unit_price AS DECIMAL(38, 18)) AS ContractedUnitPrice,
  CAST(effective_cost AS DECIMAL(38, 18)) AS EffectiveCost,
  'Google Cloud' AS HostProviderName,
  CAST(NULL AS VARCHAR) AS InvoiceDetailId,
  -- The export says which month's invoice a charge is on, not which document.
  CAST(NULL AS VARCHAR) AS InvoiceId,
  invoice_issuer AS InvoiceIssuerName,
  CAST(list_cost AS DECIMAL(38, 18)) AS ListCost,
  CAST(list_unit_price AS DECIMAL(38, 18)) AS ListUnitPrice,
  pricing_category AS PricingCategory,
  -- Google lists prices in US dollars and converts them at one rate a month.
  CASE WHEN pricing_rate = 1 THEN currency ELSE 'USD' END AS PricingCurrency,
  CASE WHEN pricing_rate = 1 THEN CAST(contracted_unit_price AS DECIMAL(38, 18)) ELSE CAST(CAST(ROUND(CAST(contracted_unit_price AS DOUBLE) / CAST(pricing_rate AS DOUBLE), 12) AS DECIMAL(28, 12)) AS DECIMAL(38, 18)) END AS PricingCurrencyContractedUnitPrice,
  CASE WHEN pricing_rate = 1 THEN CAST(effective_cost AS DECIMAL(38, 18)) ELSE CAST(CAST(ROUND(CAST(effective_cost AS DOUBLE) / CAST(pricing_rate AS DOUBLE), 12) AS DECIMAL(28, 12)) AS DECIMAL(38, 18)) END AS PricingCurrencyEffectiveCost,
  CASE WHEN pricing_rate = 1 THEN CAST(list_unit_price AS DECIMAL(38, 18)) ELSE CAST(CAST(ROUND(CAST(list_unit_price AS DOUBLE) / CAST(pricing_rate AS DOUBLE), 12) AS DECIMAL(28, 12)) AS DECIMAL(38, 18)) END AS PricingCurrencyListUnitPrice,
  CAST(pricing_quantity AS DECIMAL(38, 18)) AS PricingQuantity,
  quantity_unit AS PricingUnit,
  'Google Cloud' AS ProviderName,
  CASE WHEN transaction_type LIKE 'THIRD_PARTY%' THEN coalesce(seller_name, 'Google Cloud') ELSE 'Google Cloud' END AS PublisherName,
  priced.region_id AS RegionId,
  CASE WHEN priced.region_id IS NOT NULL THEN coalesce(regions.region_name, priced.region_id) END AS RegionName,
  charged_resource_id AS ResourceId,
  CASE WHEN charged_resource_id = resource_id AND resource_name <> resource_id THEN resource_name END AS ResourceName,
  CASE
    WHEN charged_resource_id IS NULL THEN NULL
    WHEN part = 'unused' OR part = 'purchase' THEN commitment_type
    ELSE coalesce(resource_types.resource_type, 'Resource')
  END AS ResourceType,
  CASE WHEN transaction_type LIKE 'THIRD_PARTY%' THEN 'Other' ELSE coalesce(services.service_category, 'Other') END AS ServiceCategory,
  coalesce(priced.service_name, 'Google Cloud') AS ServiceName,
  CASE WHEN transaction_type LIKE 'THIRD_PARTY%' THEN coalesce(seller_name, 'Google Cloud') ELSE 'Google Cloud' END AS ServiceProviderName,
  CASE WHEN transaction_type LIKE 'THIRD_PARTY%' THEN 'Other (Other)' ELSE coalesce(services.service_subcategory, 'Other (Other)') END AS ServiceSubcategory,
  charged_sku_id AS SkuId,
  CASE WHEN charged_sku_id IS NOT NULL THEN sku_description END AS SkuMeter,
  CASE WHEN charged_sku_id IS NOT NULL THEN price_details END AS SkuPriceDetails,
  charged_sku_id || '/' || tier_start || coalesce('/' || consumption_model_id, '') AS SkuPriceId,
  project_id AS SubAccountId,
  project_name AS SubAccountName,
  CASE WHEN project_id IS NOT NULL THEN 'Project' END AS SubAccountType,
  tags AS Tags,
  source_file AS x_SourceFile,
  CAST(NULL AS VARCHAR) AS x_SourceLineId,
  coalesce(credit_type, cost_type) AS x_SourceLineType,
  CASE WHEN part = 'charge' OR (part = 'covered' AND covered_part = cost AND row_credits = 0) THEN NULL ELSE part END AS x_SplitReason,
  CASE WHEN is_metered AND cost_at_list IS NULL THEN '{"ListCost":"no list price: contracted cost"}' END AS x_Fallbacks,
  service_id AS x_ProductCode,
  CASE WHEN charged_sku_id IS NOT NULL THEN sku_description END AS x_UsageType,
  CAST(NULL AS VARCHAR) AS x_Operation,
  CAST(NULL AS VARCHAR) AS x_BillType,
  transaction_type AS x_BillingEntity,
  seller_name AS x_LegalEntity,
  CASE WHEN class = 'tax' THEN sku_description END AS x_TaxType,
  CAST(NULL AS VARCHAR) AS x_CostCategories,
  CAST(NULL AS VARCHAR) AS x_ReservationTerm,
  '{' || concat_ws(
    ',',
    CASE WHEN issuer_fields <> '' THEN issuer_fields END,
    CASE WHEN commitment_names.commitment_term IS NOT NULL THEN '"x_CommitmentTerm":"' || commitment_names.commitment_term || '"' END,
    CASE WHEN cud_match IS NOT NULL THEN '"x_CudMatch":"' || cud_match || '"' END,
    CASE WHEN basis = 'ratio' OR basis = 'quantity' THEN '"x_CudAllocation":"' || basis || '"' END
  ) || '}' AS x_IssuerColumns
FROM priced
LEFT JOIN commitment_names ON commitment_names.named_commitment_id = priced.charged_commitment_id
LEFT JOIN services ON services.service_name = priced.service_name
LEFT JOIN regions ON regions.region_id = priced.region_id
LEFT JOIN resource_types ON resource_types.resource_key = priced.resource_key;
