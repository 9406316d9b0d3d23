-- The columns of an enterprise cost export. Tags and additional information come without braces.
-- Variables: dataset (actual or amortized), part_from, part_to, month_start, month_last_day.
SELECT
  '8611001' AS "BillingAccountId",
  'Acme Holdings' AS "BillingAccountName",
  strftime(getvariable('month_start')::DATE, '%m/%d/%Y') AS "BillingPeriodStartDate",
  strftime(getvariable('month_last_day')::DATE, '%m/%d/%Y') AS "BillingPeriodEndDate",
  '8611001' AS "BillingProfileId",
  'Acme Holdings' AS "BillingProfileName",
  'cloud@acme.example' AS "AccountOwnerId",
  'Acme Cloud' AS "AccountName",
  subscription_id AS "SubscriptionId",
  subscription_name AS "SubscriptionName",
  strftime(day, '%m/%d/%Y') AS "Date",
  product AS "Product",
  part_number AS "PartNumber",
  meter_id AS "MeterId",
  service_family AS "ServiceFamily",
  meter_category AS "MeterCategory",
  meter_subcategory AS "MeterSubCategory",
  meter_region AS "MeterRegion",
  meter_name AS "MeterName",
  plain(quantity) AS "Quantity",
  plain(CASE
    WHEN quantity = 0 THEN 0
    ELSE (cost::DOUBLE / quantity::DOUBLE)::DECIMAL(18, 10)
  END) AS "EffectivePrice",
  plain(cost) || more_digits_of(more_digits, cost) AS "Cost",
  plain(coalesce(unit_price, CASE WHEN charge_type = 'Purchase' THEN cost END)) AS "UnitPrice",
  'EUR' AS "BillingCurrency",
  resource_location AS "ResourceLocation",
  NULL AS "AvailabilityZone",
  consumed_service AS "ConsumedService",
  resource_id AS "ResourceId",
  resource_name AS "ResourceName",
  NULL AS "ServiceInfo1",
  NULL AS "ServiceInfo2",
  '{' || info_members || '}' AS "AdditionalInfo",
  nullif(tags, '') AS "Tags",
  NULL AS "InvoiceSectionId",
  'Shop' AS "InvoiceSection",
  cost_center AS "CostCenter",
  unit_of_measure AS "UnitOfMeasure",
  resource_group AS "ResourceGroup",
  reservation_id AS "ReservationId",
  CASE WHEN reservation_id IS NOT NULL THEN benefit_name END AS "ReservationName",
  order_id AS "ProductOrderId",
  order_name AS "ProductOrderName",
  'MS-AZR-0017P' AS "OfferId",
  'True' AS "IsAzureCreditEligible",
  term AS "Term",
  publisher_name AS "PublisherName",
  NULL AS "PlanName",
  charge_type AS "ChargeType",
  frequency AS "Frequency",
  publisher_type AS "PublisherType",
  plain(coalesce(payg_price, 0)) AS "PayGPrice",
  pricing_model AS "PricingModel",
  cost_allocation_rule AS "CostAllocationRuleName",
  benefit_id AS "benefitId",
  benefit_name AS "benefitName"
FROM (
  SELECT *, CASE getvariable('dataset') WHEN 'actual' THEN actual ELSE amortized END::DECIMAL(38, 18) AS cost
  FROM lines
)
WHERE cost IS NOT NULL
ORDER BY row_number
