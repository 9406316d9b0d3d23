-- Raw rows of a cost export or of the Consumption API → one typed row per source row. Header spellings and text
-- parsing end here, but for dates: they stay text until the whole file has shown how it writes them (dates.sql).
-- `raw` holds every column of columns.csv (absent ones as NULL) plus `filename`. No join: the rows keep the
-- order of the files.
--
-- Variables: file_names (path → the name people know a file by), text_columns (names of columns of text and dates),
-- has_charge_type, default_currency.
WITH
-- Texts are trimmed once, before they are read. `trimmed` names its argument many times, and the engine takes longer to
-- plan it wherever a column is named than to read a small file.
texts AS (
  SELECT
    trimmed(COLUMNS(c -> list_contains(getvariable('text_columns'), c))),
    COLUMNS(c -> NOT list_contains(getvariable('text_columns'), c))
  FROM raw
),

parsed AS (
  SELECT *, object_text(additional_info) AS info, object_text(tags) AS tag_text
  FROM texts
)

SELECT
  getvariable('file_names')[filename] AS source_file,
  row_number() OVER () AS row_number,

  -- account
  billing_account_id,
  billing_account_name,
  billing_profile_id,
  billing_profile_name,
  subscription_id,
  subscription_name,
  invoice_id,
  previous_invoice_id,

  -- time
  billing_period_start AS period_start_text,
  billing_period_end AS period_end_text,
  usage_date AS usage_date_text,

  -- what was charged
  charge_type,
  -- Pay-as-you-go exports before 2019 list usage alone and have no such column.
  CASE WHEN getvariable('has_charge_type') THEN key_of(charge_type) ELSE 'usage' END AS charge_type_key,
  frequency,
  key_of(frequency) AS frequency_key,
  pricing_model,
  key_of(pricing_model) AS pricing_model_key,
  product,
  product_id,
  part_number,
  product_order_id,
  product_order_name,
  offer_id,
  meter_id,
  meter_name,
  meter_category,
  meter_subcategory,
  meter_region,
  consumed_service,
  publisher_type,
  publisher_name,
  partner_name,
  term,

  -- resource
  resource_id,
  coalesce(resource_name, resource_name_of(resource_id)) AS resource_name,
  coalesce(resource_type_of(resource_id), lower(resource_type)) AS resource_type,
  resource_location,
  location,
  availability_zone,

  -- commitment: the benefit names reservation and savings plan alike; exports before 2022 know reservations only
  coalesce(benefit_id, reservation_id) AS benefit_id,
  reservation_id,
  coalesce(benefit_name, reservation_name) AS benefit_name,

  -- amounts
  amount_of(quantity) AS quantity,
  unit_of_measure,
  amount_of(cost) AS cost,
  loses_digits(cost) AS cost_rounded,
  amount_of(cost_in_pricing_currency) AS cost_in_pricing_currency,
  amount_of(effective_price) AS effective_price,
  amount_of(unit_price) AS unit_price,
  amount_of(payg_price) AS payg_price,
  amount_of(payg_cost) AS payg_cost,
  coalesce(billing_currency, getvariable('default_currency')) AS currency,
  pricing_currency,
  coalesce(amount_of(exchange_rate), amount_of(exchange_rate_before)) AS exchange_rate,
  -- The same as doubles, for products and quotients (macros.sql, narrowed).
  double_of(quantity) AS quantity_double,
  double_of(cost) AS cost_double,
  double_of(cost_in_pricing_currency) AS cost_in_pricing_currency_double,
  double_of(effective_price) AS effective_price_double,
  double_of(unit_price) AS unit_price_double,
  double_of(payg_price) AS payg_price_double,
  double_of(payg_cost) AS payg_cost_double,
  coalesce(double_of(exchange_rate), double_of(exchange_rate_before)) AS exchange_rate_double,

  -- what Azure adds in JSON
  flat_object(tag_text) AS tags,
  json_extract_string(info, '$.RINormalizationRatio')::DOUBLE::DECIMAL(18, 6) AS normalization_ratio,
  nullif(json_extract_string(info, '$.VMCapacityReservationId'), '') AS capacity_reservation_id,
  -- What the price depends on, as a JSON object with FOCUS's own keys where it has them.
  nullif('{' || concat_ws(
    ',',
    '"CoreCount":' || nullif(regexp_extract(json_extract_string(info, '$.VCPUs'), '^[1-9]\d*$'), ''),
    member('InstanceType', nullif(regexp_extract(json_extract_string(info, '$.ServiceType'), '^(?:Standard|Basic)_.*$'), '')),
    member('OperatingSystem', nullif(json_extract_string(info, '$.ImageType'), ''))
  ) || '}', '{}') AS price_details,
  nullif('{' || concat_ws(
    ',',
    member('CostCenter', cost_center),
    member('Department', department_name),
    member('InvoiceSection', coalesce(invoice_section_name, invoice_section_id)),
    member('CostAllocationRule', cost_allocation_rule_name)
  ) || '}', '{}') AS cost_categories,
  nullif('{' || concat_ws(
    ',',
    member('x_AccountName', account_name),
    member('x_AccountOwnerId', account_owner_id),
    member('x_InvoiceSectionId', invoice_section_id),
    member('x_ResourceGroup', resource_group),
    member('x_MeterId', meter_id),
    member('x_MeterCategory', meter_category),
    member('x_MeterSubcategory', meter_subcategory),
    member('x_ServiceFamily', service_family),
    member('x_PricingModel', pricing_model),
    member('x_OfferId', offer_id),
    member('x_PlanName', plan_name),
    member('x_ProductOrderId', product_order_id),
    member('x_ProductOrderName', product_order_name),
    member('x_CommitmentOrderId', order_of(benefit_id, reservation_id, product_order_id)),
    member('x_ExchangeRate', coalesce(trimmed(exchange_rate), trimmed(exchange_rate_before))),
    member('x_ExchangeRateDate', exchange_rate_date),
    member('x_ServicePeriodStart', service_period_start),
    member('x_ServicePeriodEnd', service_period_end),
    member('x_CostAllocationRuleName', cost_allocation_rule_name),
    member('x_PreviousInvoiceId', previous_invoice_id),
    member('x_CustomerId', customer_tenant_id),
    member('x_CustomerName', customer_name),
    member('x_PartnerId', partner_tenant_id),
    member('x_PartnerName', partner_name),
    member('x_ResellerId', reseller_mpn_id),
    member('x_ResellerName', reseller_name),
    member('x_PartnerCreditRate', partner_earned_credit_rate),
    member('x_PartnerCreditApplied', partner_earned_credit_applied),
    member('x_AdditionalInfo', info)
  ) || '}', '{}') AS issuer_columns,
  order_of(benefit_id, reservation_id, product_order_id) AS commitment_order_id
FROM parsed;
