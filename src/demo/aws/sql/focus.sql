-- AWS's own reading of the bill as FOCUS rows, with the habits of its native exports: doubles, discounts on the
-- row, null prices where a service has none, an EC2 service in one category whatever the charge.
-- Every column of both native versions; focus-1.0.sql and focus-1.2.sql choose theirs.
CREATE OR REPLACE VIEW focus_rows AS
WITH

services AS (
  SELECT * FROM read_csv(getvariable('data') || '/services.csv', all_varchar = true)
),

-- Rows that only repeat or cancel others are left out, and so are discounts: they are on the rows already.
classed AS (
  SELECT
    *,
    CASE
      WHEN line_item_line_item_type IN ('SavingsPlanCoveredUsage', 'DiscountedUsage') THEN 'covered'
      WHEN line_item_line_item_type IN ('SavingsPlanRecurringFee', 'SavingsPlanUpfrontFee', 'RIFee') THEN 'commitment'
      WHEN line_item_line_item_type IN ('Fee', 'Refund') AND coalesce(reservation_reservation_a_r_n, savings_plan_savings_plan_a_r_n) IS NOT NULL THEN 'commitment'
      WHEN line_item_line_item_type IN ('Fee', 'FlatRateSubscription') THEN 'purchase'
      WHEN line_item_line_item_type IN ('Tax', 'Credit') THEN lower(line_item_line_item_type)
      ELSE 'usage'
    END AS class
  FROM line_items
  WHERE line_item_line_item_type <> 'SavingsPlanNegation'
    AND line_item_line_item_type NOT LIKE '%Discount'
    AND coalesce(line_item_operation, '') NOT IN ('EKSPod-EC2', 'ECSTask-EC2')
    AND NOT regexp_matches(coalesce(line_item_usage_type, ''), '(^|-)(Reservation|DedicatedRes):')
),

costed AS (
  SELECT
    *,
    CASE WHEN class = 'covered' THEN money(0) ELSE line_item_net_unblended_cost END AS billed,
    CASE
      WHEN class = 'commitment' THEN money(0)
      WHEN class = 'covered' THEN coalesce(savings_plan_net_savings_plan_effective_cost, reservation_net_effective_cost)
      ELSE line_item_net_unblended_cost
    END AS effective,
    CASE WHEN line_item_line_item_type = 'DiscountedUsage' THEN pricing_public_on_demand_cost ELSE line_item_net_unblended_cost END AS contracted,
    CASE
      WHEN class IN ('usage', 'covered') AND pricing_public_on_demand_cost <> 0 THEN pricing_public_on_demand_cost
      ELSE line_item_net_unblended_cost
    END AS list,
    'Used' AS status
  FROM classed
  UNION ALL BY NAME
  SELECT
    * REPLACE ('unused' AS class),
    money(0) AS billed,
    coalesce(
      (savings_plan_total_commitment_to_date - savings_plan_used_commitment) * 0.95,
      reservation_net_unused_amortized_upfront_fee_for_billing_period + reservation_net_unused_recurring_fee
    ) AS effective,
    money(0) AS contracted,
    money(0) AS list,
    'Unused' AS status
  FROM classed
  WHERE line_item_line_item_type = 'RIFee'
    OR savings_plan_total_commitment_to_date > savings_plan_used_commitment
)

SELECT
  line_item_availability_zone AS AvailabilityZone,
  billed::DOUBLE AS BilledCost,
  bill_payer_account_id AS BillingAccountId,
  bill_payer_account_name AS BillingAccountName,
  'Management Account' AS BillingAccountType,
  'USD' AS BillingCurrency,
  bill_billing_period_end_date AS BillingPeriodEnd,
  bill_billing_period_start_date AS BillingPeriodStart,
  capacity_reservation_capacity_reservation_arn AS CapacityReservationId,
  capacity_reservation_capacity_reservation_status AS CapacityReservationStatus,
  CASE
    WHEN class IN ('usage', 'covered', 'unused') THEN 'Usage'
    WHEN class = 'tax' THEN 'Tax'
    WHEN class = 'credit' THEN 'Credit'
    ELSE 'Purchase'
  END AS ChargeCategory,
  CASE WHEN line_item_usage_start_date < bill_billing_period_start_date THEN 'Correction' END AS ChargeClass,
  line_item_line_item_description AS ChargeDescription,
  CASE
    WHEN line_item_line_item_type IN ('RIFee', 'SavingsPlanRecurringFee', 'FlatRateSubscription') AND class <> 'unused' THEN 'Recurring'
    WHEN class IN ('usage', 'covered', 'unused') AND line_item_line_item_type <> 'Refund' THEN 'Usage-Based'
    ELSE 'One-Time'
  END AS ChargeFrequency,
  line_item_usage_end_date AS ChargePeriodEnd,
  line_item_usage_start_date AS ChargePeriodStart,
  CASE
    WHEN savings_plan_savings_plan_a_r_n IS NOT NULL THEN 'Spend'
    WHEN reservation_reservation_a_r_n IS NOT NULL THEN 'Usage'
  END AS CommitmentDiscountCategory,
  coalesce(savings_plan_savings_plan_a_r_n, reservation_reservation_a_r_n) AS CommitmentDiscountId,
  NULL::VARCHAR AS CommitmentDiscountName,
  CASE
    WHEN class = 'unused' AND savings_plan_savings_plan_a_r_n IS NOT NULL THEN savings_plan_total_commitment_to_date - savings_plan_used_commitment
    WHEN class = 'unused' THEN coalesce(reservation_unused_normalized_unit_quantity, reservation_unused_quantity)
    WHEN savings_plan_savings_plan_a_r_n IS NOT NULL THEN coalesce(savings_plan_savings_plan_effective_cost, savings_plan_total_commitment_to_date, line_item_unblended_cost)
    WHEN reservation_reservation_a_r_n IS NOT NULL THEN coalesce(line_item_normalized_usage_amount, line_item_usage_amount)
  END::DOUBLE AS CommitmentDiscountQuantity,
  CASE WHEN class IN ('covered', 'unused') THEN status END AS CommitmentDiscountStatus,
  CASE
    WHEN savings_plan_savings_plan_a_r_n IS NOT NULL THEN 'Savings Plan'
    WHEN reservation_reservation_a_r_n IS NOT NULL THEN 'Reserved Instance'
  END AS CommitmentDiscountType,
  CASE
    WHEN savings_plan_savings_plan_a_r_n IS NOT NULL THEN 'USD'
    WHEN reservation_reservation_a_r_n IS NOT NULL AND coalesce(line_item_normalized_usage_amount, 0) > 0 THEN 'Normalized Hours'
    WHEN reservation_reservation_a_r_n IS NOT NULL THEN 'Hours'
  END AS CommitmentDiscountUnit,
  CASE WHEN class IN ('usage', 'covered') AND line_item_line_item_type <> 'Refund' THEN line_item_usage_amount::DOUBLE END AS ConsumedQuantity,
  CASE WHEN class IN ('usage', 'covered') AND line_item_line_item_type <> 'Refund' THEN pricing_unit END AS ConsumedUnit,
  contracted::DOUBLE AS ContractedCost,
  CASE WHEN class IN ('usage', 'covered') AND line_item_usage_amount > 0 THEN round(contracted::DOUBLE / line_item_usage_amount::DOUBLE, 10) END AS ContractedUnitPrice,
  effective::DOUBLE AS EffectiveCost,
  bill_invoice_id AS InvoiceId,
  bill_invoicing_entity AS InvoiceIssuerName,
  list::DOUBLE AS ListCost,
  CASE WHEN class IN ('usage', 'covered') THEN pricing_public_on_demand_rate::DOUBLE END AS ListUnitPrice,
  CASE
    WHEN class IN ('tax', 'credit') THEN NULL
    WHEN class IN ('covered', 'unused') THEN 'Committed'
    WHEN line_item_usage_type LIKE '%SpotUsage%' THEN 'Dynamic'
    ELSE 'Standard'
  END AS PricingCategory,
  'USD' AS PricingCurrency,
  CASE WHEN class IN ('usage', 'covered') AND line_item_usage_amount > 0 THEN round(contracted::DOUBLE / line_item_usage_amount::DOUBLE, 10) END AS PricingCurrencyContractedUnitPrice,
  effective::DOUBLE AS PricingCurrencyEffectiveCost,
  CASE WHEN class IN ('usage', 'covered') THEN pricing_public_on_demand_rate::DOUBLE END AS PricingCurrencyListUnitPrice,
  CASE WHEN class NOT IN ('tax', 'credit') THEN line_item_usage_amount::DOUBLE END AS PricingQuantity,
  CASE WHEN class NOT IN ('tax', 'credit') THEN pricing_unit END AS PricingUnit,
  'AWS' AS ProviderName,
  line_item_legal_entity AS PublisherName,
  product_region_code AS RegionId,
  regions.location AS RegionName,
  CASE WHEN class IN ('commitment', 'unused') THEN coalesce(savings_plan_savings_plan_a_r_n, reservation_reservation_a_r_n) ELSE line_item_resource_id END AS ResourceId,
  tag_name AS ResourceName,
  CASE WHEN line_item_resource_id IS NOT NULL OR class IN ('commitment', 'unused') THEN coalesce(product_product_family, 'Resource') END AS ResourceType,
  coalesce(services.category, 'Other') AS ServiceCategory,
  product_product_name AS ServiceName,
  coalesce(services.subcategory, 'Other (Other)') AS ServiceSubcategory,
  product_sku AS SkuId,
  CASE WHEN product_sku IS NOT NULL THEN line_item_usage_type END AS SkuMeter,
  CASE WHEN pricing_rate_code IS NOT NULL THEN map_of(['CoreCount', 'InstanceType', 'MemorySize', 'OperatingSystem'], [product_vcpu, product_instance_type, product_memory, product_operating_system]) END AS SkuPriceDetails,
  pricing_rate_code AS SkuPriceId,
  line_item_usage_account_id AS SubAccountId,
  line_item_usage_account_name AS SubAccountName,
  'Member Account' AS SubAccountType,
  map_of(
    ['aws:createdBy', 'CostCenter', 'cost-center', 'costcenter', 'Name'],
    [tag_created_by, tag_cost_center, tag_cost_center_dash, tag_cost_center_flat, tag_name]
  ) AS Tags,
  map_of(['Charge type', 'Team'], [category_charge_type, category_team]) AS x_CostCategories,
  map_of(
    ['BundledDiscount', 'EdpDiscount', 'PrivateRateDiscount', 'RiVolumeDiscount', 'SppDiscount', 'Discount', 'TotalDiscount'],
    discount_amounts
  ) AS x_Discounts,
  line_item_operation AS x_Operation,
  line_item_product_code AS x_ServiceCode,
  line_item_usage_type AS x_UsageType
FROM costed
LEFT JOIN services ON services.product_code = costed.line_item_product_code
LEFT JOIN regions ON regions.code = costed.product_region_code;
