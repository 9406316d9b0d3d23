-- Staged AWS line items → FOCUS rows (every column of every version; the configured version picks its own).
-- Scalar SQL only: CASE, COALESCE, CAST, arithmetic, joins. The rules are those of README.md in this folder.

CREATE VIEW classified AS
SELECT
  *,
  CASE
    WHEN line_item_type = 'Usage' AND unblended_cost = 0 AND operation IN ('EKSPod-EC2', 'ECSTask-EC2')
      THEN 'split_cost_allocation'
    WHEN line_item_type = 'Usage' AND unblended_cost = 0
      AND (usage_type LIKE '%Reservation:%' OR usage_type LIKE '%DedicatedRes:%') THEN 'capacity_inventory'
    WHEN line_item_type = 'Usage' AND usage_type LIKE '%SpotUsage%' THEN 'usage_spot'
    WHEN line_item_type = 'Usage' THEN 'usage'
    WHEN line_item_type = 'SavingsPlanCoveredUsage' THEN 'savings_plan_covered'
    WHEN line_item_type = 'SavingsPlanNegation' THEN 'savings_plan_negation'
    WHEN line_item_type = 'SavingsPlanNegationRounding' THEN 'savings_plan_rounding'
    WHEN line_item_type = 'SavingsPlanRecurringFee' THEN 'savings_plan_fee'
    WHEN line_item_type = 'SavingsPlanUpfrontFee' THEN 'savings_plan_upfront'
    WHEN line_item_type = 'DiscountedUsage' THEN 'reservation_used'
    WHEN line_item_type = 'RIFee' THEN 'reservation_fee'
    WHEN line_item_type = 'Fee' AND reservation_arn IS NOT NULL THEN 'reservation_upfront'
    WHEN line_item_type = 'Fee'
      AND (lower(description) LIKE '%month%' OR lower(description) LIKE '%recurring%'
        OR product_code LIKE 'AWSSupport%' OR product_code = 'OCBPremiumSupport') THEN 'fee_recurring'
    WHEN line_item_type = 'Fee' THEN 'fee_once'
    WHEN line_item_type = 'FlatRateSubscription' THEN 'flat_rate'
    WHEN line_item_type = 'Tax' THEN 'tax'
    WHEN line_item_type = 'Credit' THEN 'credit'
    WHEN line_item_type = 'Refund'
      AND (reservation_arn IS NOT NULL OR savings_plan_arn IS NOT NULL
        OR description LIKE 'Refund for one-time fee for Savings Plan ID%') THEN 'refund_commitment'
    WHEN line_item_type = 'Refund' AND (usage_type IS NULL OR lower(description) LIKE '% fee%') THEN 'refund_fee'
    WHEN line_item_type = 'Refund' THEN 'refund_usage'
    WHEN line_item_type IN (
      'EdpDiscount', 'PrivateRateDiscount', 'SppDiscount', 'RiVolumeDiscount', 'BundledDiscount', 'Discount'
    ) THEN CASE WHEN net THEN 'discount_in_net' ELSE 'discount' END
    ELSE 'unknown'
  END AS class,

  -- What a fee row says of the commitment it paid for and nobody used.
  CASE
    WHEN line_item_type = 'RIFee'
      THEN coalesce(reservation_unused_amortized_upfront_fee, 0) + coalesce(reservation_unused_recurring_fee, 0)
    WHEN line_item_type = 'SavingsPlanRecurringFee' AND NOT net
      THEN savings_plan_total_commitment - savings_plan_used_commitment
    WHEN line_item_type = 'SavingsPlanRecurringFee' THEN coalesce(savings_plan_net_unused, 0)
    ELSE 0
  END AS unused_cost
FROM charges
CROSS JOIN settings;

CREATE VIEW focus AS
WITH

-- One row per FOCUS row: a fee that holds an unused commitment becomes two.
parts AS (
  SELECT classified.*, row_plan.*
  FROM classified
  JOIN row_plan ON row_plan.plan_class = classified.class
  WHERE row_plan.part = 'charge' OR row_plan.part = 'purchase' OR (row_plan.part = 'unused' AND classified.unused_cost <> 0)
),

-- The row plan says where each of the four costs comes from.
costed AS (
  SELECT
    parts.*,
    CASE billed WHEN 'cost' THEN cost ELSE 0 END AS billed_cost,
    CASE effective
      WHEN 'cost' THEN cost
      WHEN 'savings_plan' THEN savings_plan_effective_cost
      WHEN 'reservation' THEN reservation_effective_cost
      WHEN 'savings_plan_unused' THEN unused_cost
      WHEN 'reservation_unused' THEN unused_cost
      ELSE 0
    END AS effective_cost,
    -- A price that AWS left out (spot), or that contradicts the charge, is not taken for zero.
    CASE
      WHEN contracted = 'cost' THEN cost
      WHEN contracted = 'public' AND coalesce(public_cost, 0) = 0 THEN reservation_effective_cost
      WHEN contracted = 'public' THEN public_cost
      ELSE 0
    END AS contracted_cost,
    CASE
      WHEN list = 'cost' THEN cost
      WHEN list = 'zero' THEN 0
      WHEN contracted = 'public' AND coalesce(public_cost, 0) = 0 THEN reservation_effective_cost
      WHEN contracted = 'public' THEN public_cost
      WHEN public_cost IS NULL OR (public_cost = 0 AND cost <> 0) THEN cost
      WHEN (public_cost < 0 AND cost > 0) OR (public_cost > 0 AND cost < 0) THEN cost
      ELSE public_cost
    END AS list_cost,
    (list = 'public' AND (
      public_cost IS NULL
      OR (public_cost = 0 AND (cost <> 0 OR contracted = 'public'))
      OR (public_cost < 0 AND cost > 0) OR (public_cost > 0 AND cost < 0)
    )) AS list_cost_missing,
    coalesce(savings_plan_arn, reservation_arn) AS commitment_id,
    coalesce(commitments.size_flexible, FALSE) AS size_flexible
  FROM parts
  LEFT JOIN commitments ON commitments.commitment_id = parts.reservation_arn
),

-- The cost carries the sign; prices are never negative, so a refund has a negative quantity.
priced AS (
  SELECT
    costed.*,
    CASE
      WHEN charge_category IN ('Tax', 'Credit', 'Adjustment') THEN NULL
      WHEN part = 'unused' AND savings_plan_arn IS NULL
        THEN coalesce(reservation_unused_units, reservation_unused_normalized_units, 1)
      WHEN part = 'unused' OR class IN ('savings_plan_fee', 'reservation_fee', 'savings_plan_upfront', 'reservation_upfront') THEN 1
      WHEN (usage_amount IS NULL OR usage_amount = 0) AND (contracted_cost < 0 OR list_cost < 0) THEN -1
      WHEN (usage_amount IS NULL OR usage_amount = 0) AND (contracted_cost > 0 OR list_cost > 0 OR charge_category = 'Purchase') THEN 1
      WHEN contracted_cost < 0 OR list_cost < 0 THEN -abs(usage_amount)
      WHEN contracted_cost > 0 OR list_cost > 0 THEN abs(usage_amount)
      ELSE coalesce(usage_amount, 0)
    END AS pricing_quantity,
    CASE
      WHEN charge_category IN ('Tax', 'Credit', 'Adjustment') THEN NULL
      WHEN part = 'unused' AND savings_plan_arn IS NULL AND coalesce(reservation_unused_units, reservation_unused_normalized_units) IS NOT NULL
        THEN 'Hours'
      WHEN part = 'unused' OR class IN ('savings_plan_fee', 'reservation_fee', 'savings_plan_upfront', 'reservation_upfront') THEN 'Units'
      WHEN (usage_amount IS NULL OR usage_amount = 0) AND (contracted_cost <> 0 OR list_cost <> 0 OR charge_category = 'Purchase') THEN 'Units'
      ELSE coalesce(pricing_units.focus_unit, costed.pricing_unit, usage_kinds.inferred_unit, 'Units')
    END AS quantity_unit,
    (charge_category = 'Usage' AND costed.pricing_unit IS NULL AND part <> 'unused') AS unit_missing,
    usage_kinds.service_name AS known_service_name,
    usage_kinds.service_category AS known_service_category,
    usage_kinds.service_subcategory AS known_service_subcategory
  FROM costed
  LEFT JOIN usage_kinds
    ON usage_kinds.product_code = costed.product_code AND usage_kinds.usage_type = coalesce(costed.usage_type, '')
  LEFT JOIN pricing_units ON lower(pricing_units.source_unit) = lower(costed.pricing_unit)
),

-- Identity of what was sold: a charge without a sku of its own is known by its rate, or by product and usage type.
identified AS (
  SELECT
    priced.*,
    CASE
      WHEN charge_category IN ('Usage', 'Purchase')
        THEN coalesce(sku, rate_id, product_code || ':' || coalesce(usage_type, line_item_type))
      WHEN charge_category = 'Tax' THEN NULL
      ELSE sku
    END AS sku_id,
    CASE
      WHEN charge_category IN ('Usage', 'Purchase')
        -- A rate id alone is shared by several skus.
        THEN coalesce(rate_code, sku || '.' || rate_id, rate_id, sku, product_code || ':' || coalesce(usage_type, line_item_type))
      WHEN charge_category = 'Tax' THEN NULL
      WHEN sku IS NOT NULL THEN coalesce(rate_code, sku || '.' || rate_id, sku)
    END AS sku_price_id,
    CASE WHEN region_code = 'Any' OR region_code = 'global' THEN NULL
      WHEN region_code IS NULL AND savings_plan_region NOT IN ('Any', 'Global', 'global') AND class LIKE 'savings_plan%' THEN savings_plan_region
      ELSE region_code
    END AS region_id,
    CASE
      WHEN part = 'unused' OR (charge_category = 'Purchase' AND commitment_id IS NOT NULL) THEN commitment_id
      ELSE resource_id
    END AS charged_resource_id,
    -- Prices are no money: cost and quantity stay exact. Nearly all were worked out in staging, where doubles are at hand.
    CASE
      WHEN pricing_quantity IS NULL THEN NULL
      WHEN pricing_quantity = 0 THEN coalesce(public_rate, unblended_rate, 0)
      ELSE coalesce(
        CASE WHEN pricing_quantity = usage_amount THEN CASE list_cost WHEN public_cost THEN public_cost_per_unit WHEN cost THEN cost_per_unit END END,
        CAST(CAST(ROUND(CAST(list_cost AS DOUBLE) / CAST(pricing_quantity AS DOUBLE), 12) AS DECIMAL(28, 12)) AS DECIMAL(38, 18))
      )
    END AS list_unit_price,
    CASE
      WHEN pricing_quantity IS NULL THEN NULL
      WHEN pricing_quantity = 0 THEN coalesce(unblended_rate, public_rate, 0)
      ELSE coalesce(
        CASE WHEN pricing_quantity = usage_amount THEN CASE contracted_cost WHEN public_cost THEN public_cost_per_unit WHEN cost THEN cost_per_unit END END,
        CAST(CAST(ROUND(CAST(contracted_cost AS DOUBLE) / CAST(pricing_quantity AS DOUBLE), 12) AS DECIMAL(28, 12)) AS DECIMAL(38, 18))
      )
    END AS contracted_unit_price
  FROM priced
)

SELECT
  CAST(NULL AS VARCHAR) AS AllocatedMethodDetails,
  CAST(NULL AS VARCHAR) AS AllocatedMethodId,
  CAST(NULL AS VARCHAR) AS AllocatedResourceId,
  CAST(NULL AS VARCHAR) AS AllocatedResourceName,
  CAST(NULL AS VARCHAR) AS AllocatedTags,
  -- AWS often repeats the region here, which says nothing of a zone.
  CASE WHEN availability_zone = region_code THEN NULL ELSE availability_zone END AS AvailabilityZone,
  CAST(billed_cost AS DECIMAL(38, 18)) AS BilledCost,
  payer_account_id AS BillingAccountId,
  payer_account_name AS BillingAccountName,
  billing_account_type AS BillingAccountType,
  currency AS BillingCurrency,
  billing_period_end AS BillingPeriodEnd,
  billing_period_start AS BillingPeriodStart,
  CASE WHEN charge_category = 'Usage' AND part <> 'unused' THEN capacity_reservation_id END AS CapacityReservationId,
  CASE
    WHEN charge_category <> 'Usage' OR part = 'unused' OR capacity_reservation_id IS NULL THEN NULL
    WHEN capacity_reservation_status IN ('Used', 'Unused') THEN capacity_reservation_status
    WHEN usage_type LIKE '%UnusedBox%' OR usage_type LIKE '%UnusedDed%' THEN 'Unused'
    ELSE 'Used'
  END AS CapacityReservationStatus,
  charge_category AS ChargeCategory,
  -- A refund corrects when the charge it gives back was invoiced in an earlier period.
  CASE
    WHEN usage_start < billing_period_start
      AND (line_item_type = 'Refund' OR (line_item_type = 'Credit' AND lower(description) LIKE '%correction%'))
      THEN 'Correction'
  END AS ChargeClass,
  description AS ChargeDescription,
  charge_frequency AS ChargeFrequency,
  -- A charge of no duration still ends after it began.
  CASE WHEN usage_end = usage_start THEN usage_end + INTERVAL '1' SECOND ELSE usage_end END AS ChargePeriodEnd,
  usage_start AS ChargePeriodStart,
  CASE WHEN savings_plan_arn IS NOT NULL THEN 'Spend' WHEN reservation_arn IS NOT NULL THEN 'Usage' END AS CommitmentDiscountCategory,
  commitment_id AS CommitmentDiscountId,
  CAST(NULL AS VARCHAR) AS CommitmentDiscountName,
  CAST(CASE
    WHEN commitment_id IS NULL OR charge_category NOT IN ('Usage', 'Purchase') THEN NULL
    WHEN class = 'savings_plan_covered' THEN savings_plan_used
    WHEN class = 'savings_plan_fee' AND part = 'unused' THEN savings_plan_total_commitment - savings_plan_used_commitment
    WHEN class = 'savings_plan_fee' AND coalesce(savings_plan_amortized_upfront, 0) = 0 THEN savings_plan_total_commitment
    WHEN savings_plan_arn IS NOT NULL THEN unblended_cost
    WHEN part = 'unused' AND size_flexible THEN coalesce(reservation_unused_normalized_units, reservation_unused_units, 0)
    WHEN part = 'unused' THEN coalesce(reservation_unused_units, 0)
    WHEN class = 'reservation_used' AND size_flexible THEN coalesce(normalized_usage_amount, usage_amount)
    WHEN class = 'reservation_used' THEN usage_amount
    WHEN size_flexible THEN coalesce(reservation_total_normalized_units, reservation_total_units, usage_amount, 0)
    ELSE coalesce(reservation_total_units, usage_amount, 0)
  END AS DECIMAL(38, 18)) AS CommitmentDiscountQuantity,
  CASE WHEN charge_category = 'Usage' THEN commitment_status END AS CommitmentDiscountStatus,
  CASE WHEN savings_plan_arn IS NOT NULL THEN 'Savings Plan' WHEN reservation_arn IS NOT NULL THEN 'Reserved Instance' END AS CommitmentDiscountType,
  CASE
    WHEN commitment_id IS NULL OR charge_category NOT IN ('Usage', 'Purchase') THEN NULL
    WHEN savings_plan_arn IS NOT NULL THEN currency
    WHEN size_flexible THEN 'Normalized Hours'
    ELSE 'Hours'
  END AS CommitmentDiscountUnit,
  CAST(NULL AS VARCHAR) AS CommitmentProgramEligibilityDetails,
  CAST(CASE WHEN charge_category = 'Usage' AND part <> 'unused' THEN pricing_quantity END AS DECIMAL(38, 18)) AS ConsumedQuantity,
  CASE WHEN charge_category = 'Usage' AND part <> 'unused' THEN quantity_unit END AS ConsumedUnit,
  CAST(NULL AS VARCHAR) AS ContractApplied,
  CAST(contracted_cost AS DECIMAL(38, 18)) AS ContractedCost,
  contracted_unit_price AS ContractedUnitPrice,
  CAST(effective_cost AS DECIMAL(38, 18)) AS EffectiveCost,
  'AWS' AS HostProviderName,
  CAST(NULL AS VARCHAR) AS InvoiceDetailId,
  invoice_id AS InvoiceId,
  coalesce(invoicing_entity, 'Amazon Web Services, Inc.') AS InvoiceIssuerName,
  CAST(list_cost AS DECIMAL(38, 18)) AS ListCost,
  list_unit_price AS ListUnitPrice,
  pricing_category AS PricingCategory,
  coalesce(pricing_currency, currency) AS PricingCurrency,
  CASE WHEN coalesce(pricing_currency, currency) = currency THEN contracted_unit_price END AS PricingCurrencyContractedUnitPrice,
  CASE WHEN coalesce(pricing_currency, currency) = currency THEN CAST(effective_cost AS DECIMAL(38, 18)) END AS PricingCurrencyEffectiveCost,
  CASE WHEN coalesce(pricing_currency, currency) = currency THEN list_unit_price END AS PricingCurrencyListUnitPrice,
  CAST(pricing_quantity AS DECIMAL(38, 18)) AS PricingQuantity,
  quantity_unit AS PricingUnit,
  'AWS' AS ProviderName,
  coalesce(legal_entity, 'Amazon Web Services, Inc.') AS PublisherName,
  identified.region_id AS RegionId,
  CASE WHEN identified.region_id IS NOT NULL THEN coalesce(regions.region_name, identified.region_id) END AS RegionName,
  charged_resource_id AS ResourceId,
  CASE WHEN charged_resource_id = resource_id AND name_tag <> resource_id THEN name_tag END AS ResourceName,
  CASE
    WHEN charged_resource_id IS NULL THEN NULL
    WHEN charged_resource_id = savings_plan_arn THEN 'Savings Plan'
    WHEN charged_resource_id = reservation_arn THEN 'Reserved Instance'
    ELSE coalesce(resource_types.resource_type, service_types.resource_type, product_types.resource_type, product_family, 'Resource')
  END AS ResourceType,
  CASE WHEN known_service_name IS NULL THEN 'Other' ELSE known_service_category END AS ServiceCategory,
  coalesce(known_service_name, product_name, service_code, identified.product_code) AS ServiceName,
  CASE WHEN billing_entity = 'AWS Marketplace' THEN coalesce(legal_entity, 'AWS') ELSE 'AWS' END AS ServiceProviderName,
  CASE WHEN known_service_name IS NULL THEN 'Other (Other)' ELSE known_service_subcategory END AS ServiceSubcategory,
  sku_id AS SkuId,
  CASE WHEN sku_id IS NOT NULL THEN usage_type END AS SkuMeter,
  CASE WHEN sku_price_id IS NOT NULL THEN price_details END AS SkuPriceDetails,
  sku_price_id AS SkuPriceId,
  usage_account_id AS SubAccountId,
  usage_account_name AS SubAccountName,
  CASE WHEN usage_account_id IS NOT NULL THEN sub_account_type END AS SubAccountType,
  tags AS Tags,
  source_file AS x_SourceFile,
  line_item_id AS x_SourceLineId,
  line_item_type AS x_SourceLineType,
  CASE WHEN part <> 'charge' THEN part END AS x_SplitReason,
  CASE
    WHEN list_cost_missing AND unit_missing THEN '{"ListCost":"no public price: contracted cost","PricingUnit":"blank: inferred from the usage type"}'
    WHEN list_cost_missing THEN '{"ListCost":"no public price: contracted cost"}'
    WHEN unit_missing THEN '{"PricingUnit":"blank: inferred from the usage type"}'
  END AS x_Fallbacks,
  identified.product_code AS x_ProductCode,
  usage_type AS x_UsageType,
  operation AS x_Operation,
  bill_type AS x_BillType,
  billing_entity AS x_BillingEntity,
  legal_entity AS x_LegalEntity,
  tax_type AS x_TaxType,
  cost_categories AS x_CostCategories,
  pricing_term AS x_ReservationTerm,
  CAST(NULL AS VARCHAR) AS x_IssuerColumns
FROM identified
LEFT JOIN regions ON regions.region_id = identified.region_id
LEFT JOIN resource_types ON resource_types.resource_key = identified.resource_key
LEFT JOIN resource_types AS service_types ON service_types.resource_key = identified.resource_service_key
LEFT JOIN resource_types AS product_types ON product_types.resource_key = identified.product_code;
