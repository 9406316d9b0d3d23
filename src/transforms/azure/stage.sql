-- Raw rows of a cost export or of the Consumption API → one typed row per source row. Header spellings and text
-- parsing end here, but for dates: they stay text until the whole file has shown how it writes them (dates.sql).
-- `raw` holds every column of columns.csv (absent ones as NULL) plus `filename`. No join: the rows keep the
-- order of the files.
--
-- Variables: file_names (path → the name people know a file by), has_charge_type, default_currency.
WITH
parsed AS (
  SELECT *, object_text(additional_info) AS info, object_text(tags) AS tag_text
  FROM raw
)

SELECT
  getvariable('file_names')[filename] AS source_file,
  row_number() OVER () AS row_number,

  -- account
  trimmed(billing_account_id) AS billing_account_id,
  trimmed(billing_account_name) AS billing_account_name,
  trimmed(billing_profile_id) AS billing_profile_id,
  trimmed(billing_profile_name) AS billing_profile_name,
  trimmed(subscription_id) AS subscription_id,
  trimmed(subscription_name) AS subscription_name,
  trimmed(invoice_id) AS invoice_id,
  trimmed(previous_invoice_id) AS previous_invoice_id,

  -- time
  trimmed(billing_period_start) AS period_start_text,
  trimmed(billing_period_end) AS period_end_text,
  trimmed(usage_date) AS usage_date_text,

  -- what was charged
  trimmed(charge_type) AS charge_type,
  -- Pay-as-you-go exports before 2019 list usage alone and have no such column.
  CASE WHEN getvariable('has_charge_type') THEN key_of(charge_type) ELSE 'usage' END AS charge_type_key,
  trimmed(frequency) AS frequency,
  key_of(frequency) AS frequency_key,
  trimmed(pricing_model) AS pricing_model,
  key_of(pricing_model) AS pricing_model_key,
  trimmed(product) AS product,
  trimmed(product_id) AS product_id,
  trimmed(part_number) AS part_number,
  trimmed(product_order_id) AS product_order_id,
  trimmed(product_order_name) AS product_order_name,
  trimmed(offer_id) AS offer_id,
  trimmed(meter_id) AS meter_id,
  trimmed(meter_name) AS meter_name,
  trimmed(meter_category) AS meter_category,
  trimmed(meter_subcategory) AS meter_subcategory,
  trimmed(meter_region) AS meter_region,
  trimmed(consumed_service) AS consumed_service,
  trimmed(publisher_type) AS publisher_type,
  trimmed(publisher_name) AS publisher_name,
  trimmed(partner_name) AS partner_name,
  trimmed(term) AS term,

  -- resource
  trimmed(resource_id) AS resource_id,
  coalesce(trimmed(resource_name), resource_name_of(trimmed(resource_id))) AS resource_name,
  coalesce(resource_type_of(trimmed(resource_id)), lower(trimmed(resource_type))) AS resource_type,
  trimmed(resource_location) AS resource_location,
  trimmed(location) AS location,
  trimmed(availability_zone) AS availability_zone,

  -- commitment: the benefit names reservation and savings plan alike; exports before 2022 know reservations only
  coalesce(trimmed(benefit_id), trimmed(reservation_id)) AS benefit_id,
  trimmed(reservation_id) AS reservation_id,
  coalesce(trimmed(benefit_name), trimmed(reservation_name)) AS benefit_name,

  -- amounts
  amount_of(quantity) AS quantity,
  trimmed(unit_of_measure) AS unit_of_measure,
  amount_of(cost) AS cost,
  loses_digits(cost) AS cost_rounded,
  amount_of(cost_in_pricing_currency) AS cost_in_pricing_currency,
  amount_of(effective_price) AS effective_price,
  amount_of(unit_price) AS unit_price,
  amount_of(payg_price) AS payg_price,
  amount_of(payg_cost) AS payg_cost,
  coalesce(trimmed(billing_currency), getvariable('default_currency')) AS currency,
  trimmed(pricing_currency) AS pricing_currency,
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
    member('CostCenter', trimmed(cost_center)),
    member('Department', trimmed(department_name)),
    member('InvoiceSection', coalesce(trimmed(invoice_section_name), trimmed(invoice_section_id))),
    member('CostAllocationRule', trimmed(cost_allocation_rule_name))
  ) || '}', '{}') AS cost_categories,
  nullif('{' || concat_ws(
    ',',
    member('x_AccountName', trimmed(account_name)),
    member('x_AccountOwnerId', trimmed(account_owner_id)),
    member('x_InvoiceSectionId', trimmed(invoice_section_id)),
    member('x_ResourceGroup', trimmed(resource_group)),
    member('x_MeterId', trimmed(meter_id)),
    member('x_MeterCategory', trimmed(meter_category)),
    member('x_MeterSubcategory', trimmed(meter_subcategory)),
    member('x_ServiceFamily', trimmed(service_family)),
    member('x_PricingModel', trimmed(pricing_model)),
    member('x_OfferId', trimmed(offer_id)),
    member('x_PlanName', trimmed(plan_name)),
    member('x_ProductOrderId', trimmed(product_order_id)),
    member('x_ProductOrderName', trimmed(product_order_name)),
    member('x_CommitmentOrderId', order_of(benefit_id, reservation_id, product_order_id)),
    member('x_ExchangeRate', coalesce(trimmed(exchange_rate), trimmed(exchange_rate_before))),
    member('x_ExchangeRateDate', trimmed(exchange_rate_date)),
    member('x_ServicePeriodStart', trimmed(service_period_start)),
    member('x_ServicePeriodEnd', trimmed(service_period_end)),
    member('x_CostAllocationRuleName', trimmed(cost_allocation_rule_name)),
    member('x_PreviousInvoiceId', trimmed(previous_invoice_id)),
    member('x_CustomerId', trimmed(customer_tenant_id)),
    member('x_CustomerName', trimmed(customer_name)),
    member('x_PartnerId', trimmed(partner_tenant_id)),
    member('x_PartnerName', trimmed(partner_name)),
    member('x_ResellerId', trimmed(reseller_mpn_id)),
    member('x_ResellerName', trimmed(reseller_name)),
    member('x_PartnerCreditRate', trimmed(partner_earned_credit_rate)),
    member('x_PartnerCreditApplied', trimmed(partner_earned_credit_applied)),
    member('x_AdditionalInfo', info)
  ) || '}', '{}') AS issuer_columns,
  order_of(benefit_id, reservation_id, product_order_id) AS commitment_order_id
FROM parsed;
