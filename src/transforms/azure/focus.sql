-- Staged Azure charges → FOCUS rows (every column of every version; the configured version picks its own).
-- Scalar SQL only: CASE, COALESCE, CAST, arithmetic, joins. The rules are those of README.md in this folder.

CREATE VIEW classified AS
SELECT
  charges.*,
  CASE
    WHEN is_blank THEN 'blank'
    WHEN charge_kind IS NULL
      OR (frequency_kind IS NULL AND frequency_key IS NOT NULL)
      OR (pricing_kind IS NULL AND pricing_model_key IS NOT NULL) THEN 'unknown'
    WHEN merging AND dataset = 'actual' AND NOT (is_commitment AND charge_kind IN ('purchase', 'refund')) THEN 'repeated'
    WHEN charge_kind = 'unused' AND cost = 0 AND coalesce(quantity, 0) = 0 THEN 'unused_nothing'
    WHEN charge_kind = 'unused' THEN 'unused'
    WHEN charge_kind = 'usage' AND is_commitment THEN 'covered'
    WHEN charge_kind = 'usage' AND lower(publisher_type) = 'marketplace' THEN 'usage_marketplace'
    WHEN charge_kind = 'usage' AND pricing_kind = 'spot' THEN 'usage_spot'
    WHEN charge_kind = 'usage' AND pricing_kind IS NULL THEN 'usage_other'
    WHEN charge_kind = 'usage' THEN 'usage'
    WHEN charge_kind = 'purchase' AND is_commitment AND frequency_kind = 'once' THEN 'commitment_once'
    -- Savings plan instalments sometimes say UsageBased; a purchase never is.
    WHEN charge_kind = 'purchase' AND is_commitment THEN 'commitment_recurring'
    WHEN charge_kind = 'refund' AND is_commitment THEN 'commitment_refund'
    WHEN charge_kind = 'purchase' AND frequency_kind = 'once' THEN 'purchase_once'
    WHEN charge_kind = 'purchase' THEN 'purchase_recurring'
    -- What a refund gives back is usage when it was metered, and a purchase when it was not.
    WHEN charge_kind = 'refund' AND meter_id IS NOT NULL AND unit_of_measure IS NOT NULL AND frequency_kind = 'usage' THEN 'refund_usage'
    WHEN charge_kind = 'refund' AND resource_id IS NOT NULL AND meter_id IS NOT NULL THEN 'refund_usage'
    WHEN charge_kind = 'refund' THEN 'refund_purchase'
    WHEN charge_kind = 'rounding' THEN 'rounding'
    WHEN charge_kind = 'tax' THEN 'tax'
    WHEN charge_kind = 'credit' THEN 'credit'
    ELSE 'unknown'
  END AS class
FROM charges
CROSS JOIN settings;

CREATE VIEW focus AS
WITH
-- The row plan says which rows are FOCUS rows and where each of their four costs comes from.
planned AS (
  SELECT
    classified.*,
    row_plan.*,
    CASE billed WHEN 'cost' THEN cost ELSE 0 END AS billed_cost,
    CASE effective WHEN 'cost' THEN cost ELSE 0 END AS effective_cost,
    CASE effective WHEN 'cost' THEN pricing_currency_cost ELSE 0 END AS pricing_currency_effective_cost,
    -- A price that Azure left out, or whose sign contradicts the charge, is not taken for zero.
    (contracted = 'price' AND cost <> 0 AND (
      priced_cost IS NULL OR contract_price <= 0 OR priced_cost = 0
      OR (priced_cost < 0 AND cost > 0) OR (priced_cost > 0 AND cost < 0)
    )) AS contract_price_missing
  FROM classified
  JOIN row_plan ON row_plan.plan_class = classified.class
  WHERE row_plan.outcome = 'kept'
),

contracted_costs AS (
  SELECT
    planned.*,
    CASE
      WHEN contracted = 'zero' THEN 0
      WHEN contracted = 'cost' OR contract_price_missing THEN cost
      ELSE coalesce(priced_cost, 0)
    END AS contracted_cost
  FROM planned
),

list_costs AS (
  SELECT
    contracted_costs.*,
    (list = 'public' AND contracted_cost <> 0 AND (
      listed_cost IS NULL OR listed_cost = 0
      OR (listed_cost < 0 AND contracted_cost > 0) OR (listed_cost > 0 AND contracted_cost < 0)
    )) AS list_price_missing
  FROM contracted_costs
),

costed AS (
  SELECT
    list_costs.*,
    CASE
      WHEN list = 'zero' THEN 0
      WHEN list = 'cost' THEN cost
      WHEN list_price_missing THEN contracted_cost
      ELSE coalesce(listed_cost, contracted_cost)
    END AS list_cost,
    -- A charge that states no quantity is one of something.
    (block_quantity IS NULL OR block_quantity = 0) AND (cost <> 0 OR block_quantity IS NULL) AS quantity_missing
  FROM list_costs
),

-- The cost carries the sign; prices are never negative, so a refund has a negative quantity.
quantified AS (
  SELECT
    costed.*,
    CASE
      WHEN charge_category IN ('Tax', 'Credit', 'Adjustment') THEN NULL
      WHEN quantity_missing AND (contracted_cost < 0 OR list_cost < 0) THEN -1
      WHEN quantity_missing THEN 1
      WHEN contracted_cost < 0 OR list_cost < 0 THEN -abs(block_quantity)
      WHEN contracted_cost > 0 OR list_cost > 0 THEN abs(block_quantity)
      ELSE block_quantity
    END AS pricing_quantity,
    CASE
      WHEN charge_category IN ('Tax', 'Credit', 'Adjustment') THEN NULL
      -- The purchase of a commitment says '1 Hour' and means one reserved instance.
      WHEN quantity_missing OR class IN ('commitment_once', 'commitment_recurring', 'commitment_refund') THEN 'Units'
      WHEN block_size = 1 THEN measured_unit
      ELSE CAST(CAST(block_size AS BIGINT) AS VARCHAR) || ' ' || measured_unit
    END AS pricing_unit,
    CASE WHEN quantity_missing THEN 1 ELSE block_size END AS consumed_block,
    CASE WHEN quantity_missing THEN 'Units' ELSE measured_unit END AS consumed_unit
  FROM costed
),

unit_prices AS (
  SELECT
    quantified.*,
    CASE
      WHEN pricing_quantity IS NULL THEN NULL
      WHEN contracted = 'zero' THEN 0
      WHEN contracted = 'price' AND NOT contract_price_missing AND contract_price >= 0 THEN contract_price
      WHEN pricing_quantity = 0 THEN 0
      ELSE CAST(CAST(ROUND(CAST(contracted_cost AS DOUBLE) / CAST(pricing_quantity AS DOUBLE), 12) AS DECIMAL(28, 12)) AS DECIMAL(38, 18))
    END AS contracted_unit_price
  FROM quantified
),

identified AS (
  SELECT
    unit_prices.*,
    CASE
      WHEN pricing_quantity IS NULL THEN NULL
      WHEN list = 'zero' THEN 0
      WHEN list_price_missing OR list = 'cost' THEN contracted_unit_price
      WHEN pricing_quantity = 0 THEN coalesce(list_price, contracted_unit_price)
      WHEN payg_cost IS NULL OR payg_cost = 0 THEN coalesce(list_price, contracted_unit_price)
      WHEN list_cost = payg_cost AND pricing_quantity = block_quantity AND payg_cost_per_unit IS NOT NULL THEN payg_cost_per_unit
      ELSE CAST(CAST(ROUND(CAST(list_cost AS DOUBLE) / CAST(pricing_quantity AS DOUBLE), 12) AS DECIMAL(28, 12)) AS DECIMAL(38, 18))
    END AS list_unit_price,
    CASE
      WHEN charge_category IN ('Usage', 'Purchase')
        THEN coalesce(part_number, product_id, meter_id, product_order_id, product, unit_prices.meter_category, charge_type)
      WHEN charge_category = 'Tax' THEN NULL
      ELSE coalesce(part_number, product_id)
    END AS sku_id,
    CASE WHEN class = 'unused' OR (charge_category = 'Purchase' AND is_commitment) THEN commitment_id ELSE resource_id END AS charged_resource_id,
    coalesce(by_resource.region_id, by_meter.region_id, location_key) AS region_id,
    CASE WHEN by_resource.region_id IS NOT NULL THEN by_resource.region_name ELSE by_meter.region_name END AS known_region_name,
    service_names.service_name AS known_service_name,
    service_names.service_category AS known_service_category,
    service_names.service_subcategory AS known_service_subcategory
  FROM unit_prices
  LEFT JOIN regions AS by_resource ON by_resource.location = unit_prices.location_key
  LEFT JOIN regions AS by_meter ON by_meter.location = CASE WHEN unit_prices.location_key IS NULL THEN lower(unit_prices.meter_region) END
  LEFT JOIN service_names
    ON service_names.consumed_service IS NOT DISTINCT FROM unit_prices.consumed_service
    AND service_names.resource_type IS NOT DISTINCT FROM unit_prices.resource_type
    AND service_names.meter_category IS NOT DISTINCT FROM unit_prices.meter_category
    AND service_names.by_meter = unit_prices.is_sold_as_commitment
)

SELECT
  CAST(NULL AS VARCHAR) AS AllocatedMethodDetails,
  CAST(NULL AS VARCHAR) AS AllocatedMethodId,
  CAST(NULL AS VARCHAR) AS AllocatedResourceId,
  CAST(NULL AS VARCHAR) AS AllocatedResourceName,
  CAST(NULL AS VARCHAR) AS AllocatedTags,
  availability_zone AS AvailabilityZone,
  CAST(billed_cost AS DECIMAL(38, 18)) AS BilledCost,
  account_id AS BillingAccountId,
  account_name AS BillingAccountName,
  account_type AS BillingAccountType,
  currency AS BillingCurrency,
  billing_period_end AS BillingPeriodEnd,
  billing_period_start AS BillingPeriodStart,
  CASE WHEN charge_category = 'Usage' AND class <> 'unused' THEN capacity_reservation_id END AS CapacityReservationId,
  CASE
    WHEN charge_category <> 'Usage' OR class = 'unused' OR capacity_reservation_id IS NULL THEN NULL
    -- Unused capacity is charged to the reservation itself.
    WHEN identified.resource_type = 'microsoft.compute/capacityreservationgroups/capacityreservations' THEN 'Unused'
    ELSE 'Used'
  END AS CapacityReservationStatus,
  charge_category AS ChargeCategory,
  -- A correction changes what an earlier invoice billed.
  CASE
    WHEN previous_invoice_id IS NOT NULL AND previous_invoice_id <> coalesce(invoice_id, '') THEN 'Correction'
    WHEN charge_kind = 'refund' AND usage_start < billing_period_start THEN 'Correction'
  END AS ChargeClass,
  coalesce(product, product_order_name, meter_name) AS ChargeDescription,
  charge_frequency AS ChargeFrequency,
  usage_end AS ChargePeriodEnd,
  usage_start AS ChargePeriodStart,
  CASE WHEN commitment_id IS NULL THEN NULL WHEN is_savings_plan THEN 'Spend' ELSE 'Usage' END AS CommitmentDiscountCategory,
  commitment_id AS CommitmentDiscountId,
  CASE WHEN commitment_id IS NOT NULL THEN benefit_name END AS CommitmentDiscountName,
  CAST(CASE
    WHEN commitment_id IS NULL OR charge_category NOT IN ('Usage', 'Purchase') THEN NULL
    WHEN is_savings_plan THEN pricing_currency_cost
    -- A purchase reserves the instance for every hour: of its term when paid at once, else of the month.
    WHEN class = 'commitment_once' OR (class = 'commitment_refund' AND frequency_kind = 'once') THEN pricing_quantity * CAST(ratio AS DECIMAL(10, 4)) * CAST(CASE WHEN term_hours > 0 THEN term_hours ELSE period_hours END AS DECIMAL(10, 0))
    WHEN charge_category = 'Purchase' THEN pricing_quantity * CAST(ratio AS DECIMAL(10, 4)) * CAST(period_hours AS DECIMAL(10, 0))
    ELSE CAST(pricing_quantity AS DECIMAL(20, 10)) * CAST(consumed_block AS DECIMAL(8, 0)) * CAST(ratio AS DECIMAL(10, 4))
  END AS DECIMAL(38, 18)) AS CommitmentDiscountQuantity,
  CASE WHEN commitment_id IS NOT NULL THEN commitment_status END AS CommitmentDiscountStatus,
  CASE WHEN commitment_id IS NULL THEN NULL WHEN is_savings_plan THEN 'Savings Plan' ELSE 'Reservation' END AS CommitmentDiscountType,
  CASE
    WHEN commitment_id IS NULL OR charge_category NOT IN ('Usage', 'Purchase') THEN NULL
    WHEN is_savings_plan THEN pricing_currency
    WHEN size_flexible THEN 'Normalized Hours'
    ELSE 'Hours'
  END AS CommitmentDiscountUnit,
  CAST(NULL AS VARCHAR) AS CommitmentProgramEligibilityDetails,
  CAST(CASE WHEN charge_category = 'Usage' AND class <> 'unused' THEN pricing_quantity * CAST(consumed_block AS DECIMAL(10, 0)) END AS DECIMAL(38, 18)) AS ConsumedQuantity,
  CASE WHEN charge_category = 'Usage' AND class <> 'unused' THEN consumed_unit END AS ConsumedUnit,
  CAST(NULL AS VARCHAR) AS ContractApplied,
  CAST(contracted_cost AS DECIMAL(38, 18)) AS ContractedCost,
  CAST(contracted_unit_price AS DECIMAL(38, 18)) AS ContractedUnitPrice,
  CAST(effective_cost AS DECIMAL(38, 18)) AS EffectiveCost,
  'Microsoft' AS HostProviderName,
  CAST(NULL AS VARCHAR) AS InvoiceDetailId,
  invoice_id AS InvoiceId,
  coalesce(partner_name, 'Microsoft') AS InvoiceIssuerName,
  CAST(list_cost AS DECIMAL(38, 18)) AS ListCost,
  CAST(list_unit_price AS DECIMAL(38, 18)) AS ListUnitPrice,
  pricing_category AS PricingCategory,
  pricing_currency AS PricingCurrency,
  CAST(CASE
    WHEN pricing_currency = currency THEN contracted_unit_price
    WHEN contracted = 'price' AND NOT contract_price_missing THEN charged_price
    WHEN rate <> 0 THEN CAST(CAST(ROUND(CAST(contracted_unit_price AS DOUBLE) / CAST(rate AS DOUBLE), 12) AS DECIMAL(28, 12)) AS DECIMAL(38, 18))
  END AS DECIMAL(38, 18)) AS PricingCurrencyContractedUnitPrice,
  CAST(pricing_currency_effective_cost AS DECIMAL(38, 18)) AS PricingCurrencyEffectiveCost,
  CAST(CASE
    WHEN pricing_currency = currency THEN list_unit_price
    WHEN list_unit_price IS NULL OR list_unit_price = 0 THEN list_unit_price
    WHEN list = 'public' AND NOT list_price_missing AND list_price_in_pricing_currency > 0 THEN list_price_in_pricing_currency
    WHEN list_price_missing AND contracted = 'price' AND NOT contract_price_missing THEN charged_price
    WHEN rate <> 0 THEN CAST(CAST(ROUND(CAST(list_unit_price AS DOUBLE) / CAST(rate AS DOUBLE), 12) AS DECIMAL(28, 12)) AS DECIMAL(38, 18))
  END AS DECIMAL(38, 18)) AS PricingCurrencyListUnitPrice,
  CAST(pricing_quantity AS DECIMAL(38, 18)) AS PricingQuantity,
  pricing_unit AS PricingUnit,
  'Microsoft' AS ProviderName,
  coalesce(publisher_name, 'Microsoft') AS PublisherName,
  identified.region_id AS RegionId,
  -- One name for each region: a location that is not in the table is its own name.
  CASE WHEN identified.region_id IS NOT NULL THEN coalesce(known_region_name, identified.region_id) END AS RegionName,
  charged_resource_id AS ResourceId,
  CASE
    WHEN charged_resource_id IS NULL THEN NULL
    WHEN charged_resource_id <> coalesce(resource_id, '') THEN benefit_name
    WHEN resource_name <> charged_resource_id THEN resource_name
  END AS ResourceName,
  CASE
    WHEN charged_resource_id IS NULL THEN NULL
    WHEN charged_resource_id = commitment_id AND is_savings_plan THEN 'Savings Plan'
    WHEN charged_resource_id = commitment_id THEN 'Reservation'
    ELSE coalesce(resource_types.display_name, identified.resource_type, 'Resource')
  END AS ResourceType,
  CASE WHEN known_service_name IS NULL THEN 'Other' ELSE known_service_category END AS ServiceCategory,
  coalesce(known_service_name, identified.meter_category, identified.consumed_service, 'Other') AS ServiceName,
  coalesce(publisher_name, 'Microsoft') AS ServiceProviderName,
  CASE WHEN known_service_name IS NULL THEN 'Other (Other)' ELSE known_service_subcategory END AS ServiceSubcategory,
  sku_id AS SkuId,
  CASE WHEN sku_id IS NOT NULL THEN meter_name END AS SkuMeter,
  CASE WHEN charge_category IN ('Usage', 'Purchase') THEN price_details END AS SkuPriceDetails,
  -- A meter is sold under many part numbers, a part number may meter several things: both make the price.
  CASE
    WHEN charge_category NOT IN ('Usage', 'Purchase') THEN NULL
    WHEN sheet_price_id IS NOT NULL AND product_id IS NOT NULL AND part_number IS NULL THEN sheet_price_id
    WHEN meter_id IS NULL OR meter_id = sku_id THEN sku_id
    ELSE sku_id || '_' || meter_id
  END AS SkuPriceId,
  subscription_id AS SubAccountId,
  CASE WHEN subscription_id IS NOT NULL THEN subscription_name END AS SubAccountName,
  CASE WHEN subscription_id IS NOT NULL THEN 'Subscription' END AS SubAccountType,
  tags AS Tags,
  source_file AS x_SourceFile,
  CAST(NULL AS VARCHAR) AS x_SourceLineId,
  charge_type AS x_SourceLineType,
  CAST(NULL AS VARCHAR) AS x_SplitReason,
  CASE WHEN list_price_missing OR (list = 'public' AND list_price_from_sheet) OR contract_price_missing OR (unit_missing AND charge_category IN ('Usage', 'Purchase'))
    THEN '{' || substr(
      CASE WHEN contract_price_missing THEN ',"ContractedCost":"no usable unit price: cost"' ELSE '' END
      || CASE WHEN list_price_missing THEN ',"ListCost":"no usable public price: contracted cost"'
        WHEN list = 'public' AND list_price_from_sheet THEN ',"ListCost":"price sheet: no public price on the row"' ELSE '' END
      || CASE WHEN unit_missing AND charge_category IN ('Usage', 'Purchase') THEN ',"PricingUnit":"blank: Units"' ELSE '' END, 2) || '}'
  END AS x_Fallbacks,
  identified.consumed_service AS x_ProductCode,
  meter_subcategory AS x_UsageType,
  CAST(NULL AS VARCHAR) AS x_Operation,
  CAST(NULL AS VARCHAR) AS x_BillType,
  publisher_type AS x_BillingEntity,
  CAST(NULL AS VARCHAR) AS x_LegalEntity,
  CAST(NULL AS VARCHAR) AS x_TaxType,
  cost_categories AS x_CostCategories,
  term AS x_ReservationTerm,
  issuer_columns AS x_IssuerColumns
FROM identified
LEFT JOIN resource_types ON resource_types.resource_type = identified.resource_type;
